/** An address and a port as people type them. */
import type { Endpoint } from '../../../electron/contract/analysis.ts'
import type { Family } from '../../../electron/contract/model.ts'

/** "203.0.113.24:51034", "[2001:db8::7]:51034". Whether the address is one is the engine's to say. Throws an Error with what to type. */
export function parseEndpoint(text: string): Endpoint {
  const match = /^\s*(?:\[([^\]]+)\]|([^\s[\]:]+)):(\d{1,5})\s*$/.exec(text)
  const address = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (address === undefined) throw new Error('Type ADDRESS:PORT, an IPv6 address in brackets.')
  if (port < 1 || port > 65535) throw new Error('A port is 1 to 65535.')
  return { address, port }
}

export function endpointText({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/**
 * A client that nobody is: from the ranges for documentation (RFC 5737, RFC 3849). Only the machine itself sends to a
 * loopback address.
 */
export function exampleClient(family: Family, to: string): Endpoint {
  if (to === '::1' || /^(::ffff:)?127\./.test(to)) return { address: to, port: 51034 }
  return { address: family === 'ipv4' ? '203.0.113.24' : '2001:db8::24', port: 51034 }
}
