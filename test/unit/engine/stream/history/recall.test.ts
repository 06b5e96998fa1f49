/** What a new engine remembers of a recording. */
import { expect, test } from 'vitest'
import type { Snapshot } from '../../../../../electron/contract/model.ts'
import { difference } from '../../../../../electron/engine/snapshots/recording.ts'
import { RecordingState } from '../../../../../electron/engine/snapshots/recording-state.ts'
import { Recall } from '../../../../../electron/engine/stream/history/recall.ts'
import { Memory } from '../../../../../electron/engine/stream/memory.ts'
import { aGroup, aMember, aSnapshot } from '../../../../doubles/snapshots.ts'

const START = Date.parse('2026-01-01T00:00:00.000Z')

/** A group of two; the first member has this queue and these drops. */
function at(second: number, length: number, drops: number): Snapshot {
  const queue = { length, limit: 100, unit: 'connections' as const }
  const members = [aMember({ queue, drops }), aMember({ cookie: '4098', inode: 31338, drops: 0 })]
  return aSnapshot({ takenAt: new Date(START + 1000 * second).toISOString(), groups: [aGroup({ members })] })
}

function recalled(snapshots: readonly Snapshot[], bootId = snapshots[0]?.host.bootId ?? null) {
  const [first, ...others] = snapshots
  if (first === undefined) throw new Error('no snapshot')
  const memory = new Memory()
  const state = new RecordingState(first)
  const recall = new Recall(memory, START, bootId)
  recall.take({ state, frame: null, steps: [] })
  let before = first
  for (const after of others) {
    const frame = difference(before, after)
    recall.take({ state, frame, steps: state.apply(frame) })
    before = after
  }
  recall.events.finish()
  return { memory, recall, state, id: first.groups[0]?.id ?? '', cookie: first.groups[0]?.members[0]?.cookie ?? '' }
}

test('utilization, losses and gaps of groups and members', () => {
  const { memory, id, cookie } = recalled([at(0, 0, 5), at(4, 50, 5), at(8, 100, 12), at(60, 0, 20)])
  const { history } = memory
  const [steps] = history.ofGroup(id, START)
  expect(steps?.utilization.slice(0, 6)).toEqual([500, 500, 500, 500, 1000, -2])
  expect(steps?.lost.reduce((sum, one) => sum + one, 0)).toBe(15)
  expect(history.lostBy(id)).toBe(15)
  expect(history.ofMember(BigInt(cookie), START)[0]?.lost.filter(Boolean)).toEqual([7, 8])
  expect(history.ofMember(4098n, START)).toEqual([])
  expect(history.gaps(START)).toEqual([{ from: START + 9000, to: START + 60_000 }])
})

test('cookies of another boot are not taken for those of now', () => {
  const { memory, id, cookie } = recalled([at(0, 50, 0), at(4, 100, 7)], 'another')
  expect(memory.history.lostBy(id)).toBe(7)
  expect(memory.history.ofMember(BigInt(cookie), START)).toEqual([])
})

test('a time before the last hour is in the events only', () => {
  const hour = 3600
  const { memory, recall, id } = recalled([at(-2 * hour, 50, 0), at(-2 * hour + 4, 100, 7), at(0, 100, 9)])
  expect(memory.history.lostBy(id)).toBe(2)
  expect(recall.events.all.map(({ kind, lost }) => [kind, lost])).toEqual([['unwatched', 2]])
})

test('the first snapshot of the next engine continues it, with its findings', () => {
  const finding = {
    code: 'queue-overflowing' as const,
    severity: 'critical' as const,
    ...{ members: [], summary: 'It overflows.', evidence: [], explanation: '', advice: '', mentions: [] },
  }
  const found = (snapshot: Snapshot) => ({
    ...snapshot,
    findings: [{ ...finding, group: snapshot.groups[0]?.id ?? '' }],
  })
  const { memory, recall, state, id } = recalled([found(at(0, 100, 5)), found(at(1, 100, 5))])
  recall.resume(state, at(30, 0, 9))
  expect(memory.history.lostBy(id)).toBe(4)
  expect(recall.events.raised()).toMatchObject([{ at: START, lost: 0, severity: 'critical' }])
  expect(recall.events.all.map(({ kind }) => kind)).toEqual(['raised', 'unwatched'])
})
