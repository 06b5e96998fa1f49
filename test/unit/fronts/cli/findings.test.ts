/** Which findings the filters of `findings` leave. */
import { expect, test } from 'vitest'
import { type FindingsOptions, matchesFilters } from '../../../../electron/fronts/cli/commands/findings.ts'
import { aFinding } from '../../../doubles/findings.ts'
import { groupRow } from '../../../doubles/group-rows.ts'

const namespaces = [{ inode: 1, name: 'blue', self: false }]
const finding = aFinding(
  { code: 'udp-not-read', severity: 'warning' },
  groupRow({ netns: 1, protocol: 'udp', port: 53, uid: 33, user: 'www-data' }),
)

test.each<[Partial<FindingsOptions>, boolean]>([
  [{}, true],
  [{ protocol: 'udp', port: 53, user: 'www-data', netns: 'blue', sharing: 'reuseport' }, true],
  [{ protocol: 'tcp' }, false],
  [{ port: 54 }, false],
  [{ netns: 'green' }, false],
  [{ user: '33' }, true],
  [{ user: 'root' }, false],
  [{ sharing: 'reuseaddr' }, false],
  [{ severity: 'warning' }, true],
  [{ severity: 'critical' }, false],
  [{ code: ['udp-not-read', 'member-stalled'] }, true],
  [{ code: ['member-stalled'] }, false],
  [{ ignore: ['udp-not-read'] }, false],
  [{ ignore: ['member-stalled'] }, true],
])('%j leaves it: %s', (options, left) => {
  expect(matchesFilters(finding, options, namespaces)).toBe(left)
})
