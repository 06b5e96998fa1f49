/** The clients that the oracle is asked for: from documentation ranges, or from a prefix that a person gives. */
import ipaddr from 'ipaddr.js'
import type { Family } from '../../contract/model.ts'
import { isLoopback } from './arrival.ts'

/** RFC 5737 (TEST-NET-2) and RFC 3849: nobody has these addresses, so no live connection answers in the listener's place. */
export const DOCUMENTATION: Readonly<Record<Family, string>> = { ipv4: '198.51.100.0/24', ipv6: '2001:db8::/32' }

/** A prefix of clients that nobody is, for this destination: only the namespace itself sends to a loopback address. */
export function strangersOf(family: Family, local: Uint8Array | null): string {
  if (local === null || !isLoopback(family, local)) return DOCUMENTATION[family]
  return family === 'ipv4' ? '127.0.0.0/8' : '::1/128'
}

/** Ports that clients use; the first 1024 are servers'. */
const FIRST_PORT = 1024
const PORTS = 65_536 - FIRST_PORT
/** Prime to PORTS: steps of this size meet every port once before one comes again. */
const STEP = 40_501

/** A range of addresses: 16 bytes as the kernel wants them, and how many bits are fixed. */
export type Prefix = { text: string; family: Family; bytes: Uint8Array; length: number }

/** Reads ADDRESS/LENGTH, or an address alone; null for anything else. Bits behind the length are taken for 0. */
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

/** How many different clients (address and port) a prefix has, at most `limit`. */
export function clientsIn(prefix: Prefix, limit: number): number {
  const free = (prefix.family === 'ipv4' ? 32 : 128) - prefix.length
  return free >= 20 ? limit : Math.min(limit, 2 ** free * PORTS)
}

/** An address that a host of the prefix may have: the first one is the network's own. */
export function hostOf({ bytes, family, length }: Prefix): Uint8Array {
  const size = family === 'ipv4' ? 32 : 128
  const host = bytes.slice()
  if (length < size - 1) host[size / 8 - 1] = (host[size / 8 - 1] ?? 0) | 1
  return host
}

/** `count` different clients of the prefix, the same ones every time, 18 bytes each (address, port in network order): what `Reader.probe` takes. */
export function clientsOf(prefix: Prefix, count: number): Uint8Array {
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
    // Each address begins at another port and meets each port once.
    const port = FIRST_PORT + (((client % addresses) * 7919 + Math.floor(client / addresses) * STEP) % PORTS)
    view.setUint16(at + 16, port)
  }
  return remotes
}
