import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layOutGrid, neighborOf, placeAt } from '../../../../../../renderer/features/group/grid/grid-layout.ts'

const sizes = fc
  .array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 60 })
  .filter((all) => all.some((size) => size > 0))
const width = fc.integer({ min: 300, max: 2000 })
const height = fc.integer({ min: 150, max: 1200 })
const scale = fc.constantFrom(1, 1.25, 2)

describe('the layout of the grid', () => {
  test('every cell lies inside, is found where it lies, and shares its pixels with nobody', () => {
    fc.assert(
      fc.property(sizes, width, height, scale, (sizes, width, height, scale) => {
        const layout = layOutGrid(sizes, width, height, scale)
        expect(layout.xs).toHaveLength(sizes.reduce((sum, size) => sum + size, 0))
        for (let place = 0; place < layout.xs.length; place++) {
          const [x, y] = [layout.xs[place] ?? -1, layout.ys[place] ?? -1]
          const found = [placeAt(layout, x, y), placeAt(layout, x + layout.cellWidth - 1, y + layout.cellHeight - 1)]
          if (found[0] !== place || found[1] !== place || x < 0 || x + layout.cellWidth > width) {
            expect({ place, x, y, found }).toBeNull()
          }
        }
        expect(layout.width).toBeLessThanOrEqual(width)
      }),
      { numRuns: 60 },
    )
  })

  test('the most that a group can hold fits the smallest window, in whole pixels', () => {
    const layout = layOutGrid(new Array(128).fill(256), 932, 250, 1)
    expect(layout.height).toBeLessThanOrEqual(250)
    expect(layout.cellWidth).toBeGreaterThanOrEqual(2)
    expect(layout.xs.every((x) => Number.isInteger(x))).toBe(true)
  })

  test('a process each, or one with nearly all: both fit', () => {
    for (const sizes of [new Array(32_768).fill(1), [32_700, 60, 8]]) {
      const layout = layOutGrid(sizes, 1056, 400, 1)
      expect(layout.height).toBeLessThanOrEqual(400)
      expect(layout.width).toBeLessThanOrEqual(1056)
    }
  })

  test('where each process has one member, no room is left between them', () => {
    const { strips, rows, gap, cellHeight, height } = layOutGrid(new Array(64).fill(1), 932, 250, 1)
    expect(rows).toBe(1)
    expect(height).toBe(strips.length * (cellHeight + gap) - gap)
    expect(height).toBeGreaterThan(150)
  })

  test('arrow keys go to the nearest cell, across gaps, and back', () => {
    const layout = layOutGrid([16, 16, 16], 400, 200, 1)
    const last = layout.rows - 1
    expect(neighborOf(layout, 0, 'down')).toBe(1)
    expect(neighborOf(layout, 1, 'up')).toBe(0)
    expect(neighborOf(layout, 0, 'up')).toBe(0)
    expect(neighborOf(layout, 0, 'left')).toBe(0)
    const right = neighborOf(layout, last, 'right')
    expect(right).toBeGreaterThan(last)
    expect(neighborOf(layout, right, 'left')).toBe(last)
  })
})
