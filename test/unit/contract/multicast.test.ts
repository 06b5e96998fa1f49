import { expect, test } from 'vitest'
import { getsCopies } from '../../../electron/contract/multicast.ts'

test.each([
  ['223.255.255.255', false],
  ['224.0.0.0', true],
  ['239.255.255.255', true],
  ['240.0.0.1', false],
  ['255.255.255.255', true],
  ['10.1.2.255', false],
  ['0.0.0.0', false],
  ['::', false],
  ['ff02::fb', true],
  ['ff::1', false],
  ['fe80::1', false],
  ['::ffff:224.0.0.251', true],
  ['::ffff:10.0.0.1', false],
])('UDP members at %s get a copy each: %s', (address, expected) => {
  expect(getsCopies({ protocol: 'udp', address })).toBe(expected)
  expect(getsCopies({ protocol: 'tcp', address })).toBe(false)
})
