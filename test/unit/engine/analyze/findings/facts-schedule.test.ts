import { expect, test } from 'vitest'
import { namespacesToRead } from '../../../../../electron/engine/analyze/findings/facts-schedule.ts'

type Row = { netns: number; receiving?: number; unshared?: boolean }
const frame = (rows: Row[]) => ({
  groups: { count: rows.length },
  netns: (row: number) => rows[row]?.netns ?? 0,
  receiving: (row: number) => rows[row]?.receiving ?? 1,
  isUnshared: (row: number) => rows[row]?.unshared ?? false,
})

test('those with shared groups first, each once, without those that receive nothing', () => {
  const rows = [{ netns: 1, unshared: true }, { netns: 2 }, { netns: 3, receiving: 0 }, { netns: 2 }, { netns: 1 }]
  expect(namespacesToRead(frame(rows))).toEqual([2, 1])
})

test('at most 32', () => {
  const rows = Array.from({ length: 40 }, (_, netns) => ({ netns, unshared: netns < 20 }))
  const read = namespacesToRead(frame(rows))
  expect(read.length).toBe(32)
  expect(read.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, at) => at + 20))
})
