/** Rates, samples and mean waits from readings of a count and a queue. */
import { expect, test } from 'vitest'
import { GivenRates } from '../../../../electron/engine/collect/given-rates.ts'

/** Readings a second apart. */
function after(...readings: [count: number, queued: number | null][]) {
  const [[count, queued] = [0, 0], ...rest] = readings
  const rates = new GivenRates(count, queued, 0)
  for (const [at, [count, queued]] of rest.entries()) rates.take(count, queued, 1000 * (at + 1))
  return rates
}

test('accepted is given less the growth of the queue', () => {
  expect(after([100, 0], [132, 10]).given).toMatchObject({ count: 132, perSecond: 32, acceptedPerSecond: 22 })
  expect(after([100, 10], [132, 0]).given).toMatchObject({ perSecond: 32, acceptedPerSecond: 42 })
  // Read a moment apart: never less than nothing.
  expect(after([100, 0], [100, 3]).given).toMatchObject({ perSecond: 0, acceptedPerSecond: 0 })
})

test('a first reading has no rates, and UDP no acceptance', () => {
  expect(after([5, 2]).given).toEqual({
    count: 5,
    sample: 0,
    perSecond: null,
    acceptedPerSecond: null,
    meanWaitMs: null,
  })
  expect(after([5, null], [9, null]).given).toMatchObject({ perSecond: 4, acceptedPerSecond: null, meanWaitMs: null })
})

test('the mean wait is the mean queue divided by what is accepted per second', () => {
  const steady = Array.from({ length: 60 }, (_, at): [number, number] => [50 * at, 10])
  expect(after(...steady).given.meanWaitMs).toBe(200)
})

test('a stalled queue has no mean wait', () => {
  const stalled = Array.from({ length: 5 }, (_, at): [number, number] => [32 * at, 32 * at])
  expect(after(...stalled).given).toMatchObject({ perSecond: 32, acceptedPerSecond: 0, meanWaitMs: null })
})

test('a sample restarts with the present count', () => {
  const rates = after([5, 0], [9, 0])
  expect(rates.given.sample).toBe(4)
  rates.restartSample()
  rates.take(12, 0, 2000)
  expect(rates.given).toMatchObject({ count: 12, sample: 3 })
})

test('tells whether something that is shown changed', () => {
  const rates = after([5, 0], [9, 0])
  expect(rates.take(13, 0, 2000)).toBe(true)
  expect(rates.take(13, 0, 3000)).toBe(true)
  expect(rates.take(13, 0, 4000)).toBe(false)
})

test('a rest is the same as the readings that it leaves out', () => {
  const quiet = Array.from({ length: 60 }, (): [number, number] => [40, 2])
  const read = after([0, 0], [40, 2], ...quiet)
  const rested = after([0, 0], [40, 2], [40, 2])
  expect(rested.steady).toBe(true)
  rested.rest(61_000)
  for (const rates of [read, rested]) rates.take(50, 4, 62_000)
  expect(rested.given).toEqual(read.given)
  expect(rested.given).toMatchObject({ perSecond: 10, acceptedPerSecond: 8 })
  expect(rested.steady).toBe(false)
})
