import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSignificant, probabilityText } from '../../../../electron/engine/analyze/significance.ts'
import { chiSquareTail, flowSpreadOf, spreadOf } from '../../../../electron/engine/analyze/statistics.ts'

describe('chi-square', () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4: upper-tail critical values.
  it.each([
    [2.706, 1, 0.1],
    [3.841, 1, 0.05],
    [6.635, 1, 0.01],
    [10.828, 1, 0.001],
    [14.067, 7, 0.05],
    [18.475, 7, 0.01],
    [24.322, 7, 0.001],
    [18.307, 10, 0.05],
    [124.342, 100, 0.05],
    [149.449, 100, 0.001],
  ])('P(X >= %s) with %s degrees of freedom is %s', (x, degrees, p) => {
    expect(chiSquareTail(x, degrees)).toBeCloseTo(p, 4)
  })

  it('agrees with the normal approximation of Wilson and Hilferty for the largest group', () => {
    // z = ((x/k)^(1/3) - (1 - 2/9k)) / sqrt(2/9k); P(Z > 1.15786) = 0.12346
    expect(chiSquareTail(4200, 4095)).toBeCloseTo(0.12346, 4)
    expect(chiSquareTail(32_767, 32_767)).toBeCloseTo(0.49896, 4)
  })

  it('separates the measured rows of a shared listener from chance', () => {
    expect(chiSquareTail(2.4, 7)).toBeGreaterThan(0.9)
    expect(chiSquareTail(229, 7)).toBeLessThan(1e-12)
  })

  it("is Pearson's: a textbook example with dice", () => {
    const dice = flowSpreadOf([5, 8, 9, 8, 10, 20])
    expect(dice?.chiSquare).toBeCloseTo(13.4, 10)
    expect(dice?.degreesOfFreedom).toBe(5)
    expect(dice?.p).toBeCloseTo(0.0199, 4)
  })

  it('gives no probability for too few flows, or one member', () => {
    expect(flowSpreadOf([1, 0, 7])?.p).toBeNull()
    expect(flowSpreadOf([4096])?.p).toBeNull()
    expect(isSignificant(flowSpreadOf([1, 0, 7]))).toBe(false)
  })
})

describe('spread', () => {
  it('of an even and of a lopsided distribution', () => {
    expect(spreadOf([5, 5, 5, 5])).toMatchObject({ maxOverMean: 1, maxOverMin: 1, jain: 1 })
    expect(spreadOf([20, 0, 0, 0])).toMatchObject({ maxOverMean: 4, maxOverMin: null, jain: 0.25 })
  })

  it('of nothing', () => {
    expect(spreadOf([])).toBeNull()
    expect(spreadOf([0, 0])).toMatchObject({ total: 0, maxOverMean: null, maxOverMin: null, jain: null })
  })

  it("keeps Jain's index between 1/n and 1, whatever the order and the scale", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(100_000), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 2, max: 50 }),
        (counts, factor) => {
          const jain = spreadOf(counts)?.jain
          if (jain === null || jain === undefined) return
          expect(jain).toBeLessThanOrEqual(1 + 1e-9)
          expect(jain).toBeGreaterThanOrEqual(1 / counts.length - 1e-9)
          expect(spreadOf([...counts].reverse())?.jain).toBeCloseTo(jain, 9)
          expect(spreadOf(counts.map((count) => count * factor))?.jain).toBeCloseTo(jain, 9)
        },
      ),
    )
  })

  it('gives a probability between 0 and 1 for any counts', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { minLength: 2, maxLength: 64 }), (counts) => {
        const p = flowSpreadOf(counts)?.p ?? 0.5
        expect(p).toBeGreaterThanOrEqual(0)
        expect(p).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('a probability as text', () => {
  it.each([
    [0.934, 'p = 0.93'],
    [0.05, 'p = 0.05'],
    [0.0042, 'p = 0.004'],
    [0.0009, 'p < 0.001'],
    [3e-8, 'p < 1e-7'],
    [0, 'p < 1e-12'],
  ])('%s is %s', (p, text) => {
    expect(probabilityText(p)).toBe(text)
  })
})
