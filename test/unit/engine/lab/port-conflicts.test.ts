import { expect, test } from 'vitest'
import { addressBytes } from '../../../../electron/engine/common/addresses.ts'
import { overlaps } from '../../../../electron/engine/lab/port-conflicts.ts'

function place(text: string) {
  const family = text.includes(':') ? ('ipv6' as const) : ('ipv4' as const)
  const v6only = text.endsWith(' only')
  const address = addressBytes(text.replace(' only', ''), family)
  if (address === null) throw new Error(text)
  return { family, address, v6only }
}

// The kernel's behavior for two binds to one port without options was checked for each of these.
test.each([
  ['127.0.0.1', '127.0.0.1', true],
  ['127.0.0.1', '127.0.0.2', false],
  ['0.0.0.0', '127.0.0.1', true],
  ['::1', '::1', true],
  ['::1', '127.0.0.1', false],
  ['::', '::1', true],
  ['::', '127.0.0.1', true],
  ['::', '0.0.0.0', true],
  [':: only', '127.0.0.1', false],
  [':: only', '0.0.0.0', false],
  [':: only', '::1', true],
  ['::ffff:127.0.0.1', '127.0.0.1', true],
  ['::ffff:127.0.0.1', '127.0.0.2', false],
  ['::ffff:127.0.0.1', '0.0.0.0', true],
  ['::ffff:127.0.0.1', '::', true],
])('%s and %s: %s', (a, b, expected) => {
  expect(overlaps(place(a), place(b))).toBe(expected)
  expect(overlaps(place(b), place(a))).toBe(expected)
})
