import { expect, test } from 'vitest'
import { Latencies } from '../../../../electron/engine/lab/latency.ts'

const bytes = (values: readonly number[]) => new Uint8Array(Uint32Array.from(values).buffer)

test('percentiles of known values, within a thousandth; the largest exactly', () => {
  const latencies = new Latencies()
  expect(latencies.summary()).toBeNull()
  const values = Array.from({ length: 10_000 }, (_, at) => at + 1)
  latencies.add(bytes(values.slice(0, 4000)))
  latencies.add(bytes(values.slice(4000)))
  const summary = latencies.summary()
  expect(summary).toMatchObject({ samples: 10_000, max: 10_000 })
  for (const [percentile, exact] of [
    ['p50', 5000],
    ['p90', 9000],
    ['p99', 9900],
    ['p999', 9990],
  ] as const) {
    expect(Math.abs((summary?.[percentile] ?? 0) - exact) / exact).toBeLessThan(0.001)
  }
})

test('one value is every percentile; a value beyond an hour counts as an hour', () => {
  const latencies = new Latencies()
  latencies.add(bytes([123_457]))
  expect(latencies.summary()).toEqual({
    samples: 1,
    p50: 123_457,
    p90: 123_457,
    p99: 123_457,
    p999: 123_457,
    max: 123_457,
  })
  latencies.add(bytes([0xffff_ffff]))
  expect(latencies.summary()?.max).toBe(3_600_000_000)
})
