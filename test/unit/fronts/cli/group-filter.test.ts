import { expect, test } from 'vitest'
import { eventMatcher, findingMatcher, parseGroupFilter } from '../../../../electron/fronts/cli/group-filter.ts'
import { aFinding } from '../../../doubles/findings.ts'
import { groupRow } from '../../../doubles/group-rows.ts'

test.each([
  [
    'groups',
    'unit:nginx.service port:80x',
    true,
    /“80x” is not a port.*\n {2}unit:nginx.service port:80x\n {21}\^{8}$/,
  ],
  ['groups', 'age:<1m', true, /`groups` has only just begun to read/],
  ['groups', 'pid:1', false, /--no-owners does not read/],
  ['events', 'port:53 queue:>50%', true, /not recorded with events\. Use port, [\s\S]*\n {10}\^{10}$/],
])('%s refuses "%s" and shows the place', (command, text, owners, message) => {
  expect(() => parseGroupFilter(text, command, { owners })).toThrow(message)
})

test('what the command can use is accepted', () => {
  expect(parseGroupFilter('age:<1m is:trouble', 'watch').terms).toHaveLength(2)
  expect(parseGroupFilter('port:53 owner:unbound', 'events').terms).toHaveLength(2)
})

test('a finding matches by its group, and by the key alone where the group is gone', () => {
  const row = groupRow({ netns: 1, port: 53, receiving: 4 })
  const finding = aFinding({ code: 'udp-not-read', severity: 'warning' }, row)
  const matches = (text: string, rows = [row]) =>
    findingMatcher(parseGroupFilter(text, 'findings'), [finding], new Map(rows.map((one) => [one.id, one])), [
      { inode: 1, name: 'blue', self: false },
    ])(finding)
  expect(matches('members:4 netns:blue finding:udp-not-read is:trouble')).toBe(true)
  expect(matches('members:5')).toBe(false)
  expect(matches('port:53', [])).toBe(true)
  expect(matches('members:4', [])).toBe(false)
})

test('an event matches by what it says of its group', () => {
  const key = groupRow({ port: 443 })
  const event = {
    ...{ id: 1, at: '2026-01-01T00:00:00.000Z', until: null, kind: 'joined' as const, severity: null, summary: '' },
    ...{ namespace: null, owner: 'nginx', lost: null, finding: null, incident: null, generations: null },
  }
  const matches = eventMatcher(parseGroupFilter('port:443 owner:nginx', 'events'))
  expect(matches({ ...event, key })).toBe(true)
  expect(matches({ ...event, key, owner: null })).toBe(false)
  expect(matches({ ...event, key: null })).toBe(false)
})
