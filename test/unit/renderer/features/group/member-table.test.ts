import { beforeEach, describe, expect, test } from 'vitest'
import type { MemberEntry } from '../../../../../renderer/features/group/member-entry.ts'
import { MemberTable } from '../../../../../renderer/features/group/member-table.ts'
import { holder, memberRow } from '../../../../doubles/group-engine.ts'
import { change } from './change.ts'

let table: MemberTable
let told: { moved: string[]; membership: boolean }[]

beforeEach(() => {
  table = new MemberTable()
  told = []
  table.subscribe((moved, membership) => told.push({ moved: [...moved].map(({ id }) => id).sort(), membership }))
})
const rows = (...cookies: string[]) => cookies.map((cookie) => memberRow(cookie))
const numbers = () => table.receivers().map(({ id, number }) => [id, number])

describe('members', () => {
  test('are numbered in join order, and numbers are not reused', () => {
    table.apply(change({ reset: true, joined: rows('1', '2', '3') }), 0)
    table.apply(change({ left: ['2'], joined: rows('4') }), 1000)
    table.sweep(5000)
    expect(numbers()).toEqual([
      ['1', 1],
      ['3', 3],
      ['4', 4],
    ])
  })

  test('that leave stay for a moment, and what waited in their queues is counted', () => {
    table.apply(
      change({
        reset: true,
        joined: [memberRow('1', { queue: { length: 37, limit: 511, unit: 'connections' } }), memberRow('2')],
      }),
      0,
    )
    table.apply(change({ left: ['1'] }), 1000)
    expect(table.get('1')?.presence).toBe('gone')
    expect(table.removals).toEqual({ members: 1, waiting: 37 })
    table.sweep(1999)
    expect(table.receivers()).toHaveLength(2)
    table.sweep(2000)
    expect(numbers()).toEqual([['2', 2]])
  })

  test('keep their object when the frame is replaced; missing ones are removed', () => {
    table.apply(change({ reset: true, joined: rows('1', '2') }), 0)
    const kept = table.get('1')
    table.apply(change({ reset: true, more: true, joined: rows('1') }), 1000)
    expect(table.get('2')?.presence).toBe('here')
    table.apply(change({ joined: rows('3') }), 1000)
    expect(table.get('1')).toBe(kept)
    expect(table.get('2')?.presence).toBe('gone')
  })

  test('that only changed numbers report nothing else', () => {
    table.apply(change({ reset: true, joined: rows('1', '2') }), 0)
    const before = table.receivers()
    told = []
    table.apply(
      change({
        values: { members: ['2', '9'], lengths: [512, 1], limits: [511, 1], drops: [-1, 1], dropsPerSecond: [-1, 1] },
      }),
      1000,
    )
    expect(told).toEqual([{ moved: ['2'], membership: false }])
    expect(table.receivers()).toBe(before)
    expect(table.get('2')).toMatchObject({
      fill: 1002,
      row: { queue: { length: 512 }, drops: null, dropsPerSecond: null },
    })
  })

  test('taken over by another process make a new list', () => {
    table.apply(change({ reset: true, joined: rows('1') }), 0)
    told = []
    table.apply(change({ joined: [memberRow('1', { holders: [holder(7, 'nginx')], pollers: [7] })] }), 1000)
    expect(told).toEqual([{ moved: ['1'], membership: true }])
    expect(table.get('1')?.owner).toMatchObject({ how: 'polls', pid: 7, command: 'nginx' })
  })

  test('that do not receive have no number and no lane', () => {
    table.apply(
      change({
        reset: true,
        joined: [memberRow('1', { state: 'connected' }), memberRow('2', { state: 'unconnected' })],
      }),
      0,
    )
    expect(numbers()).toEqual([['2', 1]])
  })

  test('a single entry can be subscribed to', () => {
    table.apply(change({ reset: true, joined: rows('1', '2') }), 0)
    let calls = 0
    const stop = table.subscribeEntry(table.get('1') as MemberEntry, () => calls++)
    const moved = (cookie: string) =>
      table.apply(
        change({ values: { members: [cookie], lengths: [1], limits: [5], drops: [0], dropsPerSecond: [0] } }),
        1000,
      )
    moved('2')
    moved('1')
    stop()
    moved('1')
    expect(calls).toBe(1)
  })
})

test('a paged first frame: summaries of all members are computed when it is complete', () => {
  table.apply(change({ reset: true, more: true, joined: rows('1', '2') }), 0)
  const first = table.receivers()
  table.apply(change({ more: true, joined: rows('3') }), 0)
  expect(table.receivers()).toBe(first)
  table.apply(change({ more: false, joined: rows('4') }), 0)
  expect(numbers().map(([cookie]) => cookie)).toEqual(['1', '2', '3', '4'])
})
