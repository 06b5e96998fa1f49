/** The order of the lanes: what is sorted by comes first, equal members and those that left keep their places. */
import { expect, test } from 'vitest'
import type { MemberRow } from '../../../../../electron/contract/live.ts'
import { lanesInOrder } from '../../../../../renderer/features/group/lane-order.ts'
import { MemberTable } from '../../../../../renderer/features/group/member-table.ts'
import { type LaneColumn, nextLaneSort } from '../../../../../renderer/model/lane-sort.ts'
import { holder, memberRow } from '../../../../doubles/group-engine.ts'
import { change } from './change.ts'

const queue = (length: number | null) => ({ queue: { length, limit: 100, unit: 'connections' as const } })
const given = (perSecond: number) => ({
  given: { count: 0, sample: 0, perSecond, acceptedPerSecond: null, meanWaitMs: null },
})

function tableOf(...rows: MemberRow[]): MemberTable {
  const table = new MemberTable()
  table.apply(change({ reset: true, joined: rows }), 0)
  return table
}

const order = (table: MemberTable, column: LaneColumn, descending = true) =>
  lanesInOrder(table.receivers(), { column, descending })
    .map(({ number }) => number)
    .join(' ')

test('by number, queue, drops, given and process, with the unknown last', () => {
  const table = tableOf(
    memberRow('1', { ...queue(3), dropsPerSecond: null, ...given(5), holders: [holder(1200, 'nginx')] }),
    memberRow('2', { ...queue(null), dropsPerSecond: 0, holders: [holder(95, 'nginx')] }),
    memberRow('3', { ...queue(90), dropsPerSecond: 7, ...given(9), holders: null }),
    memberRow('4', { ...queue(3), dropsPerSecond: 0, ...given(0), holders: [holder(7, 'Envoy')] }),
  )
  expect(order(table, 'number', false)).toBe('1 2 3 4')
  expect(order(table, 'number')).toBe('4 3 2 1')
  expect(order(table, 'queue')).toBe('3 1 4 2')
  expect(order(table, 'queue', false)).toBe('2 1 4 3')
  expect(order(table, 'drops')).toBe('3 2 4 1')
  expect(order(table, 'given')).toBe('3 1 4 2')
  expect(order(table, 'process', false)).toBe('4 2 1 3')
})

test('follows the numbers; one that left stays where it was, until it disappears', () => {
  const table = tableOf(memberRow('1', queue(1)), memberRow('2', queue(50)), memberRow('3', queue(20)))
  expect(order(table, 'queue')).toBe('2 3 1')
  const values = { members: ['1'], lengths: [80], limits: [100], drops: [0], dropsPerSecond: [0] }
  table.apply(change({ values, left: ['3'] }), 1000)
  expect(order(table, 'queue')).toBe('1 2 3')
  table.sweep(1_000_000)
  expect(order(table, 'queue')).toBe('1 2')
})

test('a second click reverses the order; a first one shows the highest numbers first', () => {
  const byNumber = { column: 'number', descending: false } as const
  const byQueue = nextLaneSort(byNumber, 'queue')
  expect(byQueue).toEqual({ column: 'queue', descending: true })
  expect(nextLaneSort(byQueue, 'queue')).toEqual({ column: 'queue', descending: false })
  expect(nextLaneSort(byQueue, 'process')).toEqual({ column: 'process', descending: false })
})
