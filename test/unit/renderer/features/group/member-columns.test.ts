import { describe, expect, test } from 'vitest'
import type { MemberRow } from '../../../../../electron/contract/live.ts'
import { DROPS, FULL, HERE, NEARLY_FULL, OPTION_READ } from '../../../../../renderer/features/group/member-columns.ts'
import { MemberTable } from '../../../../../renderer/features/group/member-table.ts'
import { holder, memberRow } from '../../../../doubles/group-engine.ts'
import { change } from './change.ts'

const queue = (length: number | null, limit: number | null = 100) => ({
  queue: { length, limit, unit: 'connections' as const },
})

function tableOf(...rows: MemberRow[]): MemberTable {
  const table = new MemberTable()
  table.apply(change({ reset: true, joined: rows }), 0)
  return table
}

function cookiesOf(table: MemberTable, flags: number): string[] {
  const columns = table.columns()
  return columns.pick(columns.which(flags)).map(({ id }) => id)
}

describe('the columns of a group', () => {
  test('match the row of each member', () => {
    const started = '2026-01-01T00:00:07.000Z'
    const table = tableOf(
      memberRow('1', { ...queue(101), dropsPerSecond: 4, holders: [holder(7, 'edge', started)] }),
      memberRow('2', { ...queue(80), reuseaddr: null }),
      memberRow('3', { ...queue(null), dropsPerSecond: null }),
    )
    expect(cookiesOf(table, HERE)).toEqual(['1', '2', '3'])
    expect(cookiesOf(table, FULL)).toEqual(['1'])
    expect(cookiesOf(table, NEARLY_FULL)).toEqual(['2'])
    expect(cookiesOf(table, OPTION_READ)).toEqual(['1', '3'])
    expect(cookiesOf(table, DROPS)).toEqual(['1'])
    const { fills, limits, dropRates, pids, starts } = table.columns()
    expect([...fills]).toEqual([1010, 800, -1])
    expect([...limits]).toEqual([100, 100, 100])
    expect([...dropRates]).toEqual([4, 0, -1])
    expect([...pids]).toEqual([7, 0, 0])
    expect([...starts]).toEqual([Date.parse(started), Number.NaN, Number.NaN])
  })

  test('follow changing numbers, and stay the same columns', () => {
    const table = tableOf(memberRow('1', queue(0)), memberRow('2', queue(101)))
    const columns = table.columns()
    const values = { members: ['1', '2'], lengths: [101, 0], limits: [100, -1], drops: [0, 0], dropsPerSecond: [3, 0] }
    table.apply(change({ values }), 1000)
    expect(table.columns()).toBe(columns)
    expect(cookiesOf(table, FULL)).toEqual(['1'])
    expect(cookiesOf(table, DROPS)).toEqual(['1'])
    expect([...columns.limits]).toEqual([100, -1])
  })

  test('do not count members that left, while marked and after', () => {
    const table = tableOf(memberRow('1', queue(101)), memberRow('2', queue(50)))
    table.apply(change({ left: ['1'] }), 1000)
    expect(table.columns().members).toHaveLength(2)
    expect(table.columns().count(HERE)).toBe(1)
    expect(cookiesOf(table, FULL)).toEqual([])
    table.sweep(1_000_000)
    expect(table.columns().members).toHaveLength(1)
  })

  test('a member that stopped receiving does not overwrite another', () => {
    const table = tableOf(memberRow('1', queue(10)), memberRow('2', queue(20)))
    table.columns()
    table.apply(change({ joined: [memberRow('1', { ...queue(0), state: 'bound' })] }), 1000)
    expect(table.columns().members.map(({ id }) => id)).toEqual(['2'])
    const values = { members: ['1'], lengths: [101], limits: [100], drops: [0], dropsPerSecond: [9] }
    table.apply(change({ values }), 2000)
    expect([...table.columns().fills]).toEqual([200])
    expect(cookiesOf(table, FULL)).toEqual([])
  })

  test('another owner is seen', () => {
    const table = tableOf(memberRow('1', { holders: [holder(7, 'edge')] }))
    expect([...table.columns().pids]).toEqual([7])
    table.apply(change({ joined: [memberRow('1', { holders: [holder(8, 'edge')] })] }), 1000)
    expect([...table.columns().pids]).toEqual([8])
  })

  test('the fullest come first, ties in index order, at most as many as requested', () => {
    const table = tableOf(...[30, 90, 10, 90, 60, 0].map((length, i) => memberRow(String(i + 1), queue(length))))
    expect(
      table
        .columns()
        .fullest(4)
        .map(({ id }) => id),
    ).toEqual(['2', '4', '5', '1'])
  })
})
