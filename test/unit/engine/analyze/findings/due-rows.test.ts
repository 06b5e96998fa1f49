import { describe, expect, test } from 'vitest'
import {
  DUE_STRUCTURE,
  DUE_VALUES,
  dueRows,
  MAX_MEMBERS_PER_TURN,
  nextTurn,
} from '../../../../../electron/engine/analyze/findings/due-rows.ts'

const REFRESH = 9
const NO_TURN = { from: 0, to: 0 }

/** A frame in which nothing changed, except in the given rows. */
function frame(count: number, { values = [], members = [] }: { values?: number[]; members?: number[] } = {}) {
  return {
    refresh: REFRESH,
    groups: { count },
    changed: (row: number) => (values.includes(row) || members.includes(row) ? REFRESH : 1),
    membersChanged: (row: number) => (members.includes(row) ? REFRESH : 1),
    socketCount: () => 2,
    rowOf: (id: string) => (Number(id) < count ? Number(id) : -1),
  }
}

const quiet = {
  turn: NO_TURN,
  updated: [] as string[],
  watched: new Set<string>(),
  idOf: String,
  neighbors: (): number[] => [],
}

describe('due', () => {
  test('nothing, if nothing changed', () => {
    expect([...dueRows(frame(3), quiet)]).toEqual([0, 0, 0])
  })

  test('changed values, changed members, and the rows in turn', () => {
    const due = dueRows(frame(5, { values: [0, 3], members: [1] }), { ...quiet, turn: { from: 3, to: 4 } })
    expect([...due]).toEqual([DUE_VALUES, DUE_STRUCTURE, 0, DUE_STRUCTURE, 0])
  })

  test('the neighbors of changed members, before and after them, even if only their values changed', () => {
    const due = dueRows(frame(4, { values: [0, 3], members: [2] }), { ...quiet, neighbors: () => [0, 3] })
    expect([...due]).toEqual([DUE_STRUCTURE, 0, DUE_STRUCTURE, DUE_STRUCTURE])
  })

  test('groups with new results, if they still exist', () => {
    expect([...dueRows(frame(2), { ...quiet, updated: ['1', '7'] })]).toEqual([0, DUE_STRUCTURE])
  })

  test.each([1, 33])('%i watched groups, if they still exist', (count) => {
    const watched = new Set(Array.from({ length: count }, (_, index) => String(index + 1)).concat('99'))
    const due = dueRows(frame(40, { members: [1] }), { ...quiet, watched })
    expect(due[0]).toBe(0)
    expect(due[1]).toBe(DUE_STRUCTURE)
    expect(due.filter((why) => why === DUE_VALUES).length).toBe(count - 1)
  })
})

describe('the turn', () => {
  test('passes every row once in 16 slots, and starts again', () => {
    let turn = NO_TURN
    const rows: number[] = []
    for (let slot = 0; slot < 16; slot++) {
      turn = nextTurn(frame(160), turn.to)
      for (let row = turn.from; row < turn.to; row++) rows.push(row)
    }
    expect(rows).toEqual(Array.from({ length: 160 }, (_, row) => row))
    expect(nextTurn(frame(160), turn.to).from).toBe(0)
  })

  test('is short where groups are large, and never empty', () => {
    const large = { groups: { count: 160 }, socketCount: () => MAX_MEMBERS_PER_TURN }
    expect(nextTurn(large, 0)).toEqual({ from: 0, to: 1 })
    expect(nextTurn({ groups: { count: 0 }, socketCount: () => 0 }, 0)).toEqual(NO_TURN)
  })
})
