import { expect, test } from 'vitest'
import { hasIpv6, queryRoute } from '../../../../electron/engine/analyze/routes.ts'
import { addressBytes } from '../../../../electron/engine/common/addresses.ts'

const failing = (code: string) => ({
  query: () => Promise.reject(Object.assign(new Error(code), { code, operation: 'query', errno: 1 })),
})
const to = (text: string) => addressBytes(text, text.includes(':') ? 'ipv6' : 'ipv4') ?? new Uint8Array(16)

test('rtnetlink without IPv6: the kernel runs without it (Linux 6.12 with ipv6.disable=1)', async () => {
  expect(await hasIpv6(failing('EOPNOTSUPP'), 1)).toBe(false)
  expect(await queryRoute(failing('EOPNOTSUPP'), { netns: 1, family: 'ipv4', to: to('10.0.0.1') })).toEqual({
    kind: 'unknown',
    code: 'EOPNOTSUPP',
  })
})

test('no route, or no answer: whether the kernel has IPv6 is not in doubt', async () => {
  expect(await hasIpv6(failing('ENETUNREACH'), 1)).toBe(true)
  expect(await hasIpv6(failing('EPERM'), 1)).toBe(true)
})

test.each([
  ['ipv4', '224.0.0.251'],
  ['ipv4', '255.255.255.255'],
  ['ipv6', 'ff02::fb'],
] as const)('no route is asked for where none is needed: %s %s', async (family, address) => {
  expect(await queryRoute(failing('ENETUNREACH'), { netns: 1, family, to: to(address) })).toEqual({
    kind: 'everyone',
    interface: 0,
  })
})
