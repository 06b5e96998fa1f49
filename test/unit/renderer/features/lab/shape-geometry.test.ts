/** The small diagrams of sockets and workers. */
import { describe, expect, test } from 'vitest'
import { MAX_DRAWN, SHAPE_HEIGHT, SHAPE_WIDTH, shapeOf } from '../../../../../renderer/features/lab/shape-geometry.ts'

const ends = (d: string) => {
  const numbers = [...d.matchAll(/-?[\d.]+/g)].map(Number)
  const horizontal = /H(-?[\d.]+)$/.exec(d)
  return { x: horizontal ? Number(horizontal[1]) : numbers.at(-2), y: horizontal ? undefined : numbers.at(-1) }
}

describe.each(['dispatcher', 'shared', 'reuseport', 'newest'] as const)('%s', (kind) => {
  test.each([0, 1, 2, 8, 64])('%i workers are within the diagram', (workers) => {
    const shape = shapeOf(kind, workers)
    expect(shape.workers).toHaveLength(Math.max(1, Math.min(workers, MAX_DRAWN)))
    for (const { y } of [...shape.workers, ...shape.sockets]) {
      expect(y).toBeGreaterThan(0)
      expect(y).toBeLessThan(SHAPE_HEIGHT)
    }
    for (const wire of shape.wires) expect(ends(wire).x).toBeLessThanOrEqual(SHAPE_WIDTH)
  })
})

test('one socket if workers share it, otherwise one each', () => {
  expect(shapeOf('shared', 4).sockets).toHaveLength(1)
  expect(shapeOf('dispatcher', 4).sockets).toHaveLength(1)
  expect(shapeOf('dispatcher', 4).thread).not.toBeNull()
  expect(shapeOf('reuseport', 4).sockets).toHaveLength(4)
})

test('if the newest receives everything, the others are drawn quietly', () => {
  expect(shapeOf('newest', 3).sockets.map(({ quiet }) => quiet)).toEqual([true, true, false])
})
