import { expect, test } from 'vitest'
import { eventTest, parseKinds } from '../../../../../electron/fronts/cli/event-filter.ts'
import { eventLines } from '../../../../../electron/fronts/cli/pages/event-lines.ts'
import { plainText } from '../../../../../electron/fronts/cli/text.ts'
import { groupRow } from '../../../../doubles/group-rows.ts'
import { anEvent } from '../../../../doubles/memory.ts'

const reload = anEvent({
  kind: 'reload',
  at: new Date(2026, 10, 30, 14, 41, 37).toISOString(),
  lost: 13,
  summary: 'nginx reloaded: 4 → 2 members, at least 13 connections reset; new processes and sockets',
})
const text = (...args: Parameters<typeof eventLines>) => eventLines(...args).map(plainText)

test('on a wide terminal an event is one line', () => {
  expect(text(reload, 160)).toEqual([
    '14:41:37  reload     tcp4 0.0.0.0:443        nginx reloaded: 4 → 2 members, at least 13 connections reset; new processes and sockets',
  ])
})

test('on a narrow one its sentence is below, and nothing is cut', () => {
  expect(text(reload, 80)).toEqual([
    '14:41:37  reload     tcp4 0.0.0.0:443',
    '          nginx reloaded: 4 → 2 members, at least 13 connections reset; new',
    '          processes and sockets',
  ])
})

test('a long address does not push the sentence past the edge, and a severity is a word', () => {
  const row = groupRow({ family: 'ipv6', address: '2001:db8:1234:5678:9abc:def0:1234:5678' })
  const raised = anEvent({ ...reload, kind: 'raised', severity: 'critical', summary: 'Member 1 is full' }, row)
  expect(text({ ...raised, key: anEvent({}, row).key }, 120)).toEqual([
    '14:41:37  raised     tcp6 [2001:db8:1234:5678:9abc:def0:1234:5678]:443',
    `${' '.repeat(45)}critical: Member 1 is full`,
  ])
})

test('filters select events as they select groups', () => {
  const gap = anEvent({ kind: 'unwatched', key: null, namespace: null })
  expect(eventTest({ port: [[443, 443]], protocol: 'tcp', user: '0', netns: 'host' })(reload)).toBe(true)
  expect(eventTest({ port: [[80, 80]] })(reload)).toBe(false)
  expect(eventTest({ port: [[80, 500]], address: '0.0.0.0/0', tcp: true, ipv4: true })(reload)).toBe(true)
  expect(eventTest({ ipv6: true })(reload)).toBe(false)
  expect(eventTest({ address: '10.0.0.0/8' })(reload)).toBe(false)
  expect(eventTest({ kind: ['left'] })(reload)).toBe(false)
  expect(eventTest({})(gap)).toBe(true)
  expect(eventTest({ port: [[443, 443]] })(gap)).toBe(false)
  expect(parseKinds('reload, left')).toEqual(['left', 'reload'])
  expect(() => parseKinds('crash')).toThrow("'crash' is not a kind of event")
})
