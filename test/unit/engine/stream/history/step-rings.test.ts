import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NOT_READ, StepRings, UNKNOWN } from '../../../../../electron/engine/stream/history/step-rings.ts'

const START = 1_700_000_000_000
const at = (seconds: number) => START + seconds * 1000
/** More than any interval of these tests. */
const HELD_MS = 3_600_000

test('a utilization holds until the next one; losses stay in their step', () => {
  const rings = new StepRings(1000, 60)
  rings.begin(0, at(0), 0)
  for (let second = 0; second <= 6; second++) rings.tick(at(second), 3000)
  rings.record(0, at(2), 400, 7)
  rings.record(0, at(2.5), 300, 1)
  rings.record(0, at(5), 100, 0)
  expect(rings.steps(0, at(0), at(6))).toEqual({
    from: at(0),
    stepMs: 1000,
    utilization: [0, 0, 400, 400, 400, 100, 100],
    lost: [0, 0, 8, 0, 0, 0, 0],
  })
})

test('what the kernel does not report is unknown, not zero', () => {
  const rings = new StepRings(1000, 60)
  rings.begin(0, at(0), UNKNOWN)
  rings.tick(at(0), 0)
  rings.tick(at(1), 3000)
  rings.record(0, at(1), UNKNOWN, UNKNOWN)
  expect(rings.steps(0, at(0), at(1))).toMatchObject({ utilization: [UNKNOWN, UNKNOWN], lost: [0, UNKNOWN] })
})

describe('a time without a refresh', () => {
  test('is a gap, and what was lost meanwhile is in the step after it', () => {
    const rings = new StepRings(1000, 60)
    rings.begin(0, at(0), 0)
    for (const second of [0, 1, 8, 9]) rings.tick(at(second), 3000)
    rings.record(0, at(8), 500, 12)
    const { utilization, lost } = rings.steps(0, at(0), at(9))
    expect(utilization).toEqual([0, 0, NOT_READ, NOT_READ, NOT_READ, NOT_READ, NOT_READ, NOT_READ, 500, 500])
    expect(lost.indexOf(12)).toBe(8)
    expect(rings.gaps(at(0), at(9))).toEqual([{ from: at(2), to: at(8) }])
  })

  test('is none where refreshes are that far apart', () => {
    const rings = new StepRings(1000, 60)
    for (const second of [0, 5, 10]) rings.tick(at(second), 15_000)
    expect(rings.gaps(at(0), at(10))).toEqual([])
  })

  test('is none before the first refresh', () => {
    const rings = new StepRings(1000, 60)
    rings.tick(at(20), 3000)
    rings.tick(at(21), 3000)
    expect(rings.gaps(at(0), at(21))).toEqual([])
  })
})

const changes = fc.array(
  fc.record({ pause: fc.nat(20), utilization: fc.integer({ min: 0, max: 1200 }), lost: fc.nat(50) }),
  { minLength: 1, maxLength: 40 },
)

test('for any changes, reading equals a plain list; halved, it has their highest and their sum', () => {
  fc.assert(
    fc.property(changes, (list) => {
      const rings = new StepRings(1000, 1000)
      rings.begin(0, at(0), 0)
      rings.tick(at(0), HELD_MS)
      const levels = [0]
      const losses = [0]
      let second = 0
      for (const { pause, utilization, lost } of list) {
        for (let i = 0; i < pause; i++) {
          second++
          levels[second] = levels[second - 1] ?? 0
          losses[second] = 0
        }
        levels[second] = pause === 0 ? Math.max(levels[second] ?? 0, utilization) : utilization
        losses[second] = (losses[second] ?? 0) + lost
        rings.record(0, at(second), utilization, lost)
        rings.tick(at(second), HELD_MS)
      }
      const plain = rings.steps(0, at(0), at(second))
      expect(plain.utilization).toEqual(levels)
      expect(plain.lost).toEqual(losses)

      const half = rings.halved().steps(0, at(0), at(second))
      expect(half.stepMs).toBe(2000)
      expect(half.lost.reduce((sum, one) => sum + one, 0)).toBe(losses.reduce((sum, one) => sum + one, 0))
      const pairs = levels.flatMap((level, i) => (i % 2 === 0 ? [Math.max(level, levels[i + 1] ?? 0)] : []))
      expect(half.utilization).toEqual(pairs)
    }),
  )
})

test('a ring forgets what is older than its length', () => {
  const rings = new StepRings(1000, 60)
  rings.begin(0, at(0), 0)
  for (let second = 0; second <= 90; second++) {
    rings.tick(at(second), 3000)
    rings.record(0, at(second), second, second)
  }
  const { from, utilization, lost } = rings.steps(0, at(0), at(90))
  expect(from).toBe(at(31))
  expect(utilization).toHaveLength(60)
  expect([utilization[0], lost[0], utilization.at(-1)]).toEqual([31, 31, 90])
})
