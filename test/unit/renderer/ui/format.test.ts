import { expect, test } from 'vitest'
import { addressText, formatQueue, formatRate, formatSpan } from '../../../../renderer/ui/format.ts'
import { utilizationBand } from '../../../../renderer/ui/utilization.ts'
import { visibleText } from '../../../../renderer/ui/visible-text.ts'

test('connections are counted, bytes share the unit of the limit', () => {
  expect(formatQueue(512, 4096, 'connections')).toEqual({ length: '512', limit: '4,096', unit: '' })
  expect(formatQueue(13_926, 212_992, 'bytes')).toEqual({ length: '13.6', limit: '208', unit: 'KiB' })
  expect(formatQueue(null, null, 'bytes')).toMatchObject({ length: null, limit: null })
})

test('a nonzero rate never reads as 0', () => {
  expect(formatRate(0)).toBe('0')
  expect(formatRate(0.01)).toBe('<0.1')
  expect(formatRate(1.25)).toBe('1.3')
  expect(formatRate(1482.4)).toBe('1,482')
})

test('spans', () => {
  expect([400, 48_000, 180_000, 7_200_000].map(formatSpan)).toEqual(['0.4 s', '48 s', '3 min', '2 h'])
  // A value that rounds up to the next unit uses it.
  expect([119_400, 119_600, 7_180_000, 172_000_000].map(formatSpan)).toEqual(['119 s', '2 min', '2 h', '2 d'])
})

test('an IPv6 address is in brackets, with the interface inside', () => {
  expect(addressText('fe80::1', 'ipv6', 'eth0')).toBe('[fe80::1%eth0]')
  expect(addressText('10.0.0.1', 'ipv4', null)).toBe('10.0.0.1')
})

test('only a queue over its limit has the color of a full one', () => {
  expect([-1, 0, 1, 120, 999, 1000, 1001].map(utilizationBand)).toEqual(['unknown', 0, 1, 1, 6, 6, 'full'])
})

test('invisible characters are written as escapes', () => {
  expect(visibleText('evil\u001b[31m')).toBe('evil\\x1b[31m')
  expect(visibleText('a\u202eb')).toBe('a\\u202eb')
  expect(visibleText('nginx: worker')).toBe('nginx: worker')
})
