/** The clients for kernel lookups: from documentation ranges, or from a prefix given by the user. */
import ipaddr from 'ipaddr.js'
import type { Family } from '../../contract/model.ts'
import { isLoopback } from './arrival.ts'

/**
 * RFC 5737 (TEST-NET-2) and RFC 3849: no host has these addresses, so no live connection answers instead of the
 * listener.
 */
export const DOCUMENTATION: Readonly<Record<Family, string>> = { ipv4: '198.51.100.0/24', ipv6: '2001:db8::/32' }

/** A prefix of unused clients for this destination: only the namespace itself can send to a loopback address. */
export function unusedPrefix(family: Family, local: Uint8Array | null): string {
  if (local === null || !isLoopback(family, local)) return DOCUMENTATION[family]
  return family === 'ipv4' ? '127.0.0.0/8' : '::1/128'
}

/** The first port that clients use: lower ones are for servers. */
const FIRST_PORT = 1024
const PORTS = 65_536 - FIRST_PORT
/** Coprime to PORTS: steps of this size visit every port once before one repeats. */
const STEP = 40_501

/** A range of addresses: 16 bytes in network order, IPv4 in the first four, and the number of fixed bits. */
export type Prefix = { text: string; family: Family; bytes: Uint8Array; length: number }

/** Parses ADDRESS/LENGTH or an address; null for anything else. Bits after the length are set to 0. */
export function parsePrefix(text: string): Prefix | null {
  const [address = '', bits, ...rest] = text.split('/')
  if (rest.length > 0 || address.includes('%')) return null
  const v4 = ipaddr.IPv4.isValidFourPartDecimal(address)
  if (!v4 && !ipaddr.IPv6.isValid(address)) return null
  const size = v4 ? 32 : 128
  const length = bits === undefined ? size : /^\d{1,3}$/.test(bits) ? Number(bits) : -1
  if (length < 0 || length > size) return null
  const bytes = new Uint8Array(16)
  bytes.set(v4 ? ipaddr.IPv4.parse(address).toByteArray() : ipaddr.IPv6.parse(address).toByteArray())
  for (let bit = length; bit < size; bit++) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) & ~(0x80 >> (bit & 7))
  return {
    text: `${ipaddr.fromByteArray([...bytes.subarray(0, size / 8)]).toString()}/${length}`,
    family: v4 ? 'ipv4' : 'ipv6',
    bytes,
    length,
  }
}

/** The number of different clients (address and port) in a prefix, at most `limit`. */
export function clientCount(prefix: Prefix, limit: number): number {
  const free = (prefix.family === 'ipv4' ? 32 : 128) - prefix.length
  return free >= 20 ? limit : Math.min(limit, 2 ** free * PORTS)
}

/** An address that a host in the prefix may have: the first one is that of the network itself. */
export function hostOf({ bytes, family, length }: Prefix): Uint8Array {
  const size = family === 'ipv4' ? 32 : 128
  const host = bytes.slice()
  if (length < size - 1) host[size / 8 - 1] = (host[size / 8 - 1] ?? 0) | 1
  return host
}

/**
 * `count` different clients of the prefix, the same every time, in the form of `Reader.probe`: 18 bytes each, address
 * and port in network order.
 */
export function makeClients(prefix: Prefix, count: number): Uint8Array {
  const size = prefix.family === 'ipv4' ? 32 : 128
  const free = Math.min(size - prefix.length, 20)
  const addresses = 2 ** free
  const remotes = new Uint8Array(18 * count)
  const view = new DataView(remotes.buffer)
  const last = size / 8 - 4
  for (let client = 0; client < count; client++) {
    const at = 18 * client
    remotes.set(prefix.bytes, at)
    view.setUint32(at + last, (view.getUint32(at + last) | (client % addresses)) >>> 0)
    // Each address starts at another port and visits each port once.
    const port = FIRST_PORT + (((client % addresses) * 7919 + Math.floor(client / addresses) * STEP) % PORTS)
    view.setUint16(at + 16, port)
  }
  return remotes
}
