import { expect, test } from 'vitest'
import { endpointText, formatBytes, formatCount, formatQueue, formatTenths } from '../../../electron/contract/format.ts'

test.each([
  [0, '0 B'],
  [1023, '1,023 B'],
  [1024, '1 KiB'],
  [12_800, '12.5 KiB'],
  [212_992, '208 KiB'],
  [1_258_291, '1.2 MiB'],
])('%i bytes are %s', (bytes, words) => {
  expect(formatBytes(bytes)).toBe(words)
})

test('a queue is shown in its own unit, and unknown values as unknown', () => {
  expect(formatQueue({ length: 3, limit: 4096, unit: 'connections' })).toBe('3 of 4,096 connections')
  expect(formatQueue({ length: 768, limit: 212_992, unit: 'bytes' })).toBe('768 B of 208 KiB')
  expect(formatQueue({ length: null, limit: 212_992, unit: 'bytes' })).toBe('unknown of 208 KiB')
  expect(formatQueue({ length: 2, limit: null, unit: 'connections' })).toBe('2 connections')
})

test('whole numbers are grouped as Intl groups them, without loading its data', () => {
  const intl = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
  for (const number of [0, 7, 999, 1000, 12_345, 1_000_000, -1234, Number.MAX_SAFE_INTEGER, 2 ** 60, 1234.56, 0.04]) {
    expect(formatTenths(number)).toBe(intl.format(number))
    expect(formatCount(number)).toBe(new Intl.NumberFormat('en', { maximumFractionDigits: 0 }).format(number))
  }
})

test('an address has brackets before a port only where it is IPv6', () => {
  expect(endpointText('::1', 53)).toBe('[::1]:53')
  expect(endpointText('0.0.0.0', 53)).toBe('0.0.0.0:53')
})
