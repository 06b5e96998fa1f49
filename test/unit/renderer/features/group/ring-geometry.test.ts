import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Arc, arcPath, between, equalArcs } from '../../../../../renderer/features/group/ring-geometry.ts'

test('equal arcs cover the circle without a gap', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), (count) => {
      const arcs = equalArcs(count)
      expect(arcs[0]?.start).toBe(0)
      expect(arcs.at(-1)?.end).toBe(1)
      for (const [i, { start }] of arcs.entries()) if (i > 0) expect(start).toBe(arcs[i - 1]?.end)
    }),
  )
})

test('the animation starts with the old arcs and ends with the new ones', () => {
  const at = (...keys: string[]) => new Map(equalArcs(keys.length).map((arc, i) => [keys[i] ?? '', arc] as const))
  const [from, to] = [at('a', 'b', 'c'), at('a', 'c', 'd')]
  const start = between(from, to, 0)
  expect(start.get('a')).toEqual(from.get('a'))
  expect(start.get('b')).toEqual(from.get('b'))
  expect(width(start.get('d'))).toBe(0)
  expect(between(from, to, 1)).toEqual(to)
  expect(width(between(from, to, 0.5).get('b'))).toBeCloseTo(1 / 6)
})

test('a full circle and an empty arc can be drawn', () => {
  expect(arcPath({ start: 0, end: 1 }, 60, 90, 0)).toMatch(/^M.*z$/)
  expect(arcPath({ start: 0.5, end: 0.5 }, 60, 90, 1)).toBe('')
})

function width(arc: Arc | undefined): number {
  return arc ? arc.end - arc.start : Number.NaN
}
