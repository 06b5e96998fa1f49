import { expect, test } from 'vitest'
import { bindAddresses, bindOutcomes } from '../../../../../electron/engine/analyze/port/port-binds.ts'

const range = {
  netns: 1,
  port: 8080,
  privileged: false,
  unprivilegedFrom: 1024,
  ephemeral: false,
  reserved: false,
} as const
const any = new Uint8Array(16)
const families = (ipv6: boolean) => [...new Set(bindAddresses([], null, ipv6).map(({ family }) => family))]

test('a kernel without IPv6: it is not asked about, and where it is, every bind fails', () => {
  expect(families(true)).toEqual(['ipv4', 'ipv6'])
  expect(families(false)).toEqual(['ipv4'])
  const outcomes = (ipv6: boolean) =>
    bindOutcomes({
      netns: 1,
      protocol: 'tcp',
      range: { ...range, ephemeralRange: null },
      users: [{ uid: 0, user: 'root', privileged: true }],
      addresses: [{ family: 'ipv6', address: any, v6only: false }],
      isHere: () => true,
      ipv6,
      sockets: [],
      complete: true,
      crowded: false,
    })
  expect(outcomes(true).map(({ succeeds }) => succeeds)).toEqual([true, true, true, true])
  for (const outcome of outcomes(false)) {
    expect(outcome).toMatchObject({
      succeeds: false,
      error: 'EAFNOSUPPORT',
      reason: 'This kernel runs without IPv6 (ipv6.disable=1): socket(2) fails.',
    })
  }
})
