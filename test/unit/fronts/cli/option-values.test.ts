import { expect, test } from 'vitest'
import { durationParser, parseInterval } from '../../../../electron/fronts/cli/option-values.ts'

test('durations, in every unit, between two limits', () => {
  const parse = durationParser('0.1ms', '30d')
  expect(['0.1ms', '500ms', '1.5s', '4', '10m', '2h', '30d'].map(parse)).toEqual([
    0.1, 500, 1500, 4000, 600_000, 7_200_000, 2_592_000_000,
  ])
  for (const text of ['', 'ever', '0', '31d', '-1s', '1e3', '5 s', '5S', '1h30m']) {
    expect(() => parse(text)).toThrow(/is not allowed: use a duration from 0.1ms to 30d/)
  }
})

test('an interval is a whole number of milliseconds', () => {
  expect(parseInterval('0.5')).toBe(500)
  expect(parseInterval('100.4ms')).toBe(100)
  expect(() => parseInterval('2m')).toThrow(/from 100ms to 60s/)
})
