import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Box, drawPath, type PathLayout } from '../../../../../../renderer/features/group/ask/path-geometry.ts'

const box = (left: number, top: number, width: number, height: number): Box => ({
  left,
  top,
  right: left + width,
  bottom: top + height,
})

/** The screen at 1280 pixels: the candidates, the ring and its text below them, and lanes to the right. */
function layout(place: number, others = 1): PathLayout {
  const title = { box: box(20, 70, 322, 26), step: '1' }
  const rows = Array.from({ length: others + 1 }, (_, at) => ({
    box: box(20, 96 + 26 * at, 322, 26),
    step: at === others ? '3' : '',
  }))
  const ringTop = 96 + 26 * (others + 1) + 16
  return {
    candidates: [title, ...rows],
    ring: box(44, ringTop, 200, 200),
    lane: box(402, 26 + 24 * place, 48, 24),
  }
}

/** The corners of a path, in order; a curve by its end. */
function pointsOf(path: string): [number, number][] {
  const points: [number, number][] = []
  let [x, y] = [0, 0]
  for (const [, letter, rest = ''] of path.matchAll(/([MLHVQA])([^MLHVQA]*)/g)) {
    const values = rest.trim().split(/\s+/).map(Number)
    if (letter === 'H') x = values[0] ?? x
    else if (letter === 'V') y = values[0] ?? y
    else [x, y] = [values.at(-2) ?? x, values.at(-1) ?? y]
    points.push([x, y])
  }
  return points
}

/** Only the way out: the part after the last pen lift. */
const wayOut = (path: string) => path.slice(path.lastIndexOf('M'))

describe('the path of a packet', () => {
  const anyGroup = fc
    .record({
      count: fc.integer({ min: 1, max: 48 }),
      others: fc.integer({ min: 0, max: 4 }),
      part: fc.double({ min: 0, max: 0.999, noNaN: true }),
    })
    .map(({ count, others, part }) => ({ count, others, place: Math.floor(part * count) }))

  it('leaves to the right of all text, and ends at its lane', () => {
    fc.assert(
      fc.property(anyGroup, ({ count, others, place }) => {
        const where = layout(place, others)
        const drawing = drawPath(where, (place + 0.5) / count)
        if (drawing === null) throw new Error('there is a winner')
        const points = pointsOf(wayOut(drawing.path))
        for (const [x, y] of points) {
          expect(Number.isFinite(x) && Number.isFinite(y)).toBe(true)
          // Between the text of the candidates and the lanes, or at the ring.
          const atRing = y >= where.ring.top - 0.1 && y <= where.ring.bottom + 0.1
          expect(atRing || x >= 360).toBe(true)
          expect(x).toBeLessThanOrEqual(where.lane.left + 0.1)
        }
        expect(points.at(-1)).toEqual([where.lane.left, (where.lane.top + where.lane.bottom) / 2])
      }),
    )
  })

  it('enters at the seam of the ring and points at the arc', () => {
    const drawing = drawPath(layout(1), 1.5 / 4)
    expect(drawing?.badges.map(([step]) => step)).toEqual([1, 3, 4, 5])
    expect(drawing?.knots).toHaveLength(1)
    const [cx, cy] = [144, 164 + 100]
    expect(drawing?.path).toContain(`V${cy.toFixed(1)}L${(cx + 65 * (200 / 208) * Math.SQRT1_2).toFixed(1)}`)
  })

  it('is not drawn without a winner', () => {
    const { candidates, ...rest } = layout(1)
    expect(drawPath({ ...rest, candidates: candidates.slice(0, 2) }, 0.1)).toBeNull()
  })
})
