/** Netlink messages, built and parsed from arbitrary bytes. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rewritesOf } from '../../../../electron/engine/analyze/nft-rules.ts'
import { parseRoute } from '../../../../electron/engine/analyze/routes.ts'
import {
  attributesByType,
  fromHostU32,
  hostU32,
  netlinkAttributes,
  netlinkMessages,
  netlinkRequest,
} from '../../../../electron/engine/collect/netlink-message.ts'

test('a built message can be parsed again', () => {
  const attributes = [
    { type: 1, payload: Uint8Array.of(1, 2, 3) },
    { type: 2, payload: fromHostU32(4_000_000_000) },
  ]
  const request = netlinkRequest(26, Uint8Array.of(9, 9, 9, 9), attributes, 'dump')
  const [message, ...rest] = [...netlinkMessages(request)]
  expect(rest).toEqual([])
  expect(message?.type).toBe(26)
  const read = attributesByType(message?.body.subarray(4) ?? new Uint8Array())
  expect([...(read.get(1) ?? [])]).toEqual([1, 2, 3])
  expect(hostU32(read.get(2))).toBe(4_000_000_000)
})

test('parsing ends for any bytes and stays within their bounds', () => {
  const packet = {
    protocol: 'tcp',
    family: 'ipv4',
    local: new Uint8Array(16),
    remote: null,
    localPort: 80,
    remotePort: null,
    fromHere: true,
    interface: 'lo',
  } as const
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.uint8Array({ maxLength: 400 }), (one, other) => {
      for (const { payload } of netlinkAttributes(one)) expect(payload.length).toBeLessThan(one.length)
      expect([...netlinkMessages(one)].length).toBeLessThanOrEqual(one.length / 16)
      parseRoute(one)
      rewritesOf(packet, one, other)
    }),
  )
})
