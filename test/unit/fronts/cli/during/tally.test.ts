/** What happened while a command ran, from snapshots. */
import { expect, test } from 'vitest'
import type { Member } from '../../../../../electron/contract/model.ts'
import { duringHtml, duringMarkdown, duringPage } from '../../../../../electron/fronts/cli/during/formats.ts'
import { lostSomething, reportOf } from '../../../../../electron/fronts/cli/during/report.ts'
import { Tally } from '../../../../../electron/fronts/cli/during/tally.ts'
import { plainText } from '../../../../../electron/fronts/cli/text.ts'
import { aGroup, aMember, hostNamespace } from '../../../../doubles/snapshots.ts'

const queue = (length: number) => ({ length, limit: 10, unit: 'connections' as const })
const held = (pid: number) => [{ pid, fds: [6], command: 'nginx', startedAt: null }]
const before = [
  aMember({ cookie: '1', queue: queue(0), holders: held(1) }),
  aMember({ cookie: '2', queue: queue(3), holders: held(2) }),
]

function tallied(...readings: readonly (readonly Member[])[]) {
  const tally = new Tally(false)
  for (const [at, members] of readings.entries())
    tally.take({ groups: members.length === 0 ? [] : [aGroup({ members: [...members] })] }, 100 * at)
  return tally
}

const observed = {
  command: ['nginx', '-s', 'reload'],
  startedAt: '2026-01-01T00:00:00.000Z',
  exit: { code: 0, signal: null },
  commandMs: 1000,
  calmAfterMs: 100,
  watchedMs: 3000,
  watched: 1,
}
const counters = (resets: number) => [
  { netns: hostNamespace.inode, counters: { EstabResets: resets, TCPMigrateReqSuccess: 0 } },
]

test('nothing happened', () => {
  const tally = tallied(before, before, before)
  expect(tally.result()).toEqual([])
  expect([tally.watched, tally.lastEventAt]).toEqual([1, null])
  const report = reportOf({ ...observed, groups: [] }, counters(5), counters(5))
  expect(report.summary).toEqual([
    'The command took 1 second.',
    'Nothing was lost, as far as is known, in 1 watched group.',
    'Nothing changed in any group.',
  ])
})

test('a member that leaves takes what waits in its queue with it', () => {
  const [first] = before
  const fresh = aMember({ cookie: '3', queue: queue(0), holders: held(3) })
  const tally = tallied(before, first ? [first, fresh] : [], first ? [first, fresh] : [])
  const groups = tally.result()
  expect(groups).toMatchObject([
    { members: { before: 2, after: 2 }, joined: 1, left: 1, waiting: 3, processes: { new: 1, gone: 1 }, dropped: 0 },
  ])
  expect(tally.lastEventAt).toBe(100)
  // The counter of resets is the upper limit: some of them may have been accepted before the close.
  expect(reportOf({ ...observed, groups }, counters(5), counters(7)).connectionsLost).toBe(2)
  const report = reportOf({ ...observed, groups }, counters(5), counters(105))
  expect(report.connectionsLost).toBe(3)
  expect(lostSomething(report)).toBe(true)
  expect(report.summary[1]).toBe('At least 3 connections were reset: waiting for accept when a listener closed.')
  expect(duringPage(report, 120).map(plainText).slice(0, 2)).toEqual([
    'GROUP             MEMBERS  JOINED  LEFT  PROCESSES      WAITING  DROPS  QUEUE FULL',
    'tcp4 0.0.0.0:443        2       1     1  1 new, 1 gone        3      0  –',
  ])
  // Processes give way first.
  expect(duringPage(report, 70).map(plainText).slice(0, 2)).toEqual([
    'GROUP             MEMBERS  JOINED  LEFT  WAITING  DROPS  QUEUE FULL',
    'tcp4 0.0.0.0:443        2       1     1        3      0  –',
  ])
  expect(duringMarkdown(report)).toContain('| `tcp4 0.0.0.0:443` | 2 | 1 | 1 | 1 new, 1 gone | 3 | 0 | – |')
  expect(duringHtml(report)).toContain('<td>tcp4 0.0.0.0:443</td>')
})

test('a group that ends loses all its members', () => {
  expect(tallied(before, []).result()).toMatchObject([{ members: { before: 2, after: 0 }, left: 2, waiting: 3 }])
})

test('drops and full queues are counted from the first reading', () => {
  const reading = (drops: number, length: number) => [aMember({ cookie: '1', drops, queue: queue(length) })]
  const tally = tallied(reading(5, 0), reading(7, 11), reading(7, 11), reading(7, 0))
  expect(tally.result()).toMatchObject([{ dropped: 2, longestFullMs: 100, left: 0 }])
  expect(tally.lastEventAt).toBe(200)
})

test('a queue that was full all the time is reported, and not waited for', () => {
  const reading = (length: number) => [aMember({ cookie: '1', queue: queue(length) })]
  const tally = tallied(reading(11), reading(11), reading(11))
  expect(tally.result()).toMatchObject([{ longestFullMs: 200 }])
  expect(tally.lastEventAt).toBe(null)
  const report = reportOf({ ...observed, calmAfterMs: 0, groups: tally.result() }, counters(5), counters(5))
  expect(report.summary.at(-1)).toBe('Calm all the time.')
  // Full again: that is news.
  expect(tallied(reading(11), reading(0), reading(11)).lastEventAt).toBe(200)
})

test('an unshared socket counts only where that is wanted', () => {
  const reading = (drops: number) => ({ groups: [aGroup({ sharing: 'none', members: [aMember({ drops })] })] })
  for (const [all, found] of [
    [false, 0],
    [true, 1],
  ] as const) {
    const tally = new Tally(all)
    tally.take(reading(0), 0)
    tally.take(reading(4), 100)
    expect(tally.result()).toHaveLength(found)
  }
})
