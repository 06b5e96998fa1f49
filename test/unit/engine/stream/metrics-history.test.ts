/** What successive scrapes share. */
import { describe, expect, test } from 'vitest'
import type { FindingRow } from '../../../../electron/contract/analysis.ts'
import { MetricsHistory } from '../../../../electron/engine/stream/metrics-history.ts'
import { aFinding } from '../../../doubles/findings.ts'
import { aGroup, aRow } from '../../../doubles/snapshots.ts'

const nothing = { reset: false, more: false, removed: [], rows: [] }
const full = aFinding({ code: 'queue-overflowing', severity: 'warning' }, aRow())
const worse: FindingRow = { ...full, severity: 'critical' }

describe('a finding is counted', () => {
  const counts = (...changes: Partial<Parameters<MetricsHistory['take']>[0]>[]) => {
    const history = new MetricsHistory()
    for (const change of changes) history.take({ ...nothing, ...change })
    return Object.fromEntries([...history.raised].map(({ severity, count }) => [severity, count]))
  }
  test('when it is raised, and again when it is raised again', () => {
    expect(counts({ rows: [full] })).toEqual({ warning: 1 })
    expect(counts({ rows: [full] }, { removed: [full.id] }, { rows: [full] })).toEqual({ warning: 2 })
  })
  test('when it becomes more severe, not when its text changes or it becomes less severe', () => {
    expect(counts({ rows: [full] }, { rows: [{ ...full, summary: 'again' }] })).toEqual({ warning: 1 })
    expect(counts({ rows: [full] }, { rows: [worse] }, { rows: [full] })).toEqual({ warning: 1, critical: 1 })
  })
  test('once, when all active ones are sent again, in any number of answers', () => {
    const other = aFinding({ code: 'member-stalled', severity: 'critical' }, aRow())
    const anew = [{ reset: true, more: true, rows: [full] }, { rows: [other] }]
    expect(counts({ rows: [full, other] }, ...anew)).toEqual({ warning: 1, critical: 1 })
  })
  test('not for an unshared socket, which has no series', () => {
    expect(counts({ rows: [aFinding({}, aRow({ sharing: 'none' }))] })).toEqual({})
  })
})

test('a removed group is reported for an hour, and then forgotten with its counters', () => {
  const history = new MetricsHistory()
  const group = aGroup({ address: '::1', interface: 'eth0' })
  const labels = { group: group.id, netns: 'host', protocol: 'tcp', endpoint: '[::1]:443%eth0' }
  history.take({ ...nothing, rows: [full] })
  history.counters.record(group.id, [{ number: 4097, drops: 3, existedBefore: true }])
  expect(history.labelsOf(group, () => 'host')).toEqual(labels)
  // Its first name stays.
  expect(history.labelsOf(group, () => 'other')).toEqual(labels)
  expect(history.absent([group], 0)).toEqual([])
  // One member is left and shares with no one, so a scrape does not have it.
  expect(history.absent([], 1000)).toEqual([
    { labels, counts: { members: 1, joined: 0, left: 0, drops: 3, given: null } },
  ])
  expect(history.absent([group], 2000)).toEqual([])
  history.counters.markRemoved(group.id)
  const removed = [{ labels, counts: { members: 0, joined: 0, left: 1, drops: 3, given: null } }]
  expect(history.absent([], 3000)).toEqual(removed)
  expect(history.absent([], 3_600_000)).toEqual(removed)
  expect([...history.raised]).toHaveLength(1)
  expect(history.absent([], 3_604_000)).toEqual([])
  expect([...history.raised]).toEqual([])
  expect(history.counters.of(group.id)).toBeNull()
})
