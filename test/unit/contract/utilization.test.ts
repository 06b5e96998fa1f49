import { describe, expect, test } from 'vitest'
import { fullestOf, isFull, isNearlyFull, utilization } from '../../../electron/contract/utilization.ts'

test('rounding never hides an overflow, and unknown is not empty', () => {
  const fills = [
    [4097, 4096],
    [4096, 4096],
    [4095, 4096],
    [0, 4096],
    [1, 0],
    [0, 0],
    [5, null],
    [null, 5],
  ] as const
  expect(fills.map(([length, limit]) => utilization({ length, limit }))).toEqual([1001, 1000, 999, 0, 1001, 0, -1, -1])
})

describe('an accept queue overflows at limit + 1', () => {
  test.each([
    [0, 0, false, false],
    [1, 0, true, false],
    [408, 511, false, false],
    [409, 511, false, true],
    [511, 511, false, true],
    [512, 511, true, false],
    [9, null, false, false],
  ])('%i of %j', (length, limit, full, nearly) => {
    for (const dropping of [false, true]) {
      expect(isFull({ length, limit, unit: 'connections' }, dropping)).toBe(full)
      expect(isNearlyFull({ length, limit, unit: 'connections' }, dropping)).toBe(nearly)
    }
  })
})

describe('a receive queue that drops is full below its limit', () => {
  test.each([
    [49, true, false, false],
    [50, true, true, false],
    [90, true, true, false],
    [90, false, false, true],
    [100, false, false, true],
    [101, false, true, false],
  ])('%i of 100, drops: %j', (length, dropping, full, nearly) => {
    expect(isFull({ length, limit: 100, unit: 'bytes' }, dropping)).toBe(full)
    expect(isNearlyFull({ length, limit: 100, unit: 'bytes' }, dropping)).toBe(nearly)
  })
})

describe('the fullest', () => {
  const queue = (length: number | null, limit: number | null) => ({ length, limit })
  test.each([
    ['against its limit', [queue(60, 100), queue(50, 60)], 1],
    ['the first of equals', [queue(5, 10), queue(50, 100)], 0],
    ['a backlog of 0 with one is full, and 16 of 4,096 are not', [queue(16, 4096), queue(1, 0)], 1],
    ['a known limit before an unknown one', [queue(900, null), queue(0, 10)], 1],
    ['the longest where no limit is known', [queue(3, null), queue(7, null)], 1],
    ['not one of unknown length', [queue(null, 10), queue(0, 10)], 1],
  ])('%s', (_, queues, index) => expect(fullestOf(queues)).toBe(queues[index]))

  test('is null where nothing is known', () => {
    expect(fullestOf([])).toBeNull()
    expect(fullestOf([queue(null, 10)])).toBeNull()
  })
})
