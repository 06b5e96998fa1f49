/** Parses and formats an address with a port. */
import type { Endpoint } from '../../../../electron/contract/analysis.ts'
import { endpointText } from '../../../../electron/contract/format.ts'
import type { Family } from '../../../../electron/contract/model.ts'

/**
 * "203.0.113.24:51034", "[2001:db8::7]:51034". The engine validates the address itself. Throws an Error that says what
 * to type.
 */
export function parseEndpoint(text: string): Endpoint {
  const match = /^\s*(?:\[([^\]]+)\]|([^\s[\]:]+)):(\d{1,5})\s*$/.exec(text)
  const address = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (address === undefined) throw new Error('Type ADDRESS:PORT, with an IPv6 address in brackets.')
  if (port < 1 || port > 65535) throw new Error('The port must be 1 to 65535.')
  return { address, port }
}

/**
 * An example client from the documentation ranges (RFC 5737, RFC 3849). For a loopback address it is the machine
 * itself, since no other host can send to it.
 */
export function exampleClient(family: Family, to: string): string {
  const documented = family === 'ipv4' ? '203.0.113.24' : '2001:db8::24'
  return endpointText(to === '::1' || /^(::ffff:)?127\./.test(to) ? to : documented, 51034)
}
