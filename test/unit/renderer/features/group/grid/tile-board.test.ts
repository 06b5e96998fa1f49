import { expect, test } from 'vitest'
import { TileBoard } from '../../../../../../renderer/features/group/grid/tile-board.ts'
import type { MemberEntry } from '../../../../../../renderer/features/group/member-entry.ts'
import { MemberTable } from '../../../../../../renderer/features/group/member-table.ts'
import { holder, memberRow } from '../../../../../doubles/group-engine.ts'
import { change } from '../change.ts'

function members(count: number, pidOf: (i: number) => number | null): MemberEntry[] {
  const table = new MemberTable()
  const joined = Array.from({ length: count }, (_, i) => {
    const pid = pidOf(i)
    return memberRow(String(i + 1), { holders: pid === null ? null : [holder(pid, 'edge')] })
  })
  table.apply(change({ reset: true, joined }), 0)
  return [...table.receivers()]
}
const shape = (board: TileBoard) =>
  board.tiles.map(({ name, members }) => `${name}: ${members.map((entry) => entry?.id ?? '-').join(' ')}`)

test('a tile is a process, in the order of its first member', () => {
  const board = new TileBoard('process')
  board.update(members(5, (i) => [7, 8, 7, null, 8][i] ?? null))
  expect(shape(board)).toEqual(['edge 7: 1 3', 'edge 8: 2 5', 'owner unknown: 4'])
})

test('places are stable; a new member takes a free cell, a new process an empty tile', () => {
  const all = members(7, (i) => [7, 7, 8, 9, 9, 7, 10][i] ?? null)
  const board = new TileBoard('process')
  board.update(all.slice(0, 5))
  const kept = all[4]?.place
  board.update([all[1], all[3], all[4], all[5], all[6]].filter((entry) => entry !== undefined))
  expect(shape(board)).toEqual(['edge 7: 6 2', 'edge 10: 7', 'edge 9: 4 5'])
  expect(all[4]?.place).toBe(kept)
})

test('in join order a tile is a run of 256', () => {
  const board = new TileBoard('order')
  board.update(members(300, () => 1))
  expect(board.tiles.map(({ name, members }) => [name, members.length])).toEqual([
    ['members 1 to 256', 256],
    ['members 257 to 512', 44],
  ])
})
