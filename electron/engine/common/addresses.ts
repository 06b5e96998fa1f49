/** Addresses, converted between the kernel's bytes and text (RFC 5952 for IPv6). */
import ipaddr from 'ipaddr.js'
import type { Family } from '../../contract/model.ts'

/** The text of a 16-byte address in network order, of which IPv4 uses the first four bytes. */
export function addressText(bytes: Uint8Array, family: Family): string {
  if (family === 'ipv4') return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`
  const address = new ipaddr.IPv6(Array.from(bytes))
  if (address.isIPv4MappedAddress()) return `::ffff:${address.toIPv4Address().toString()}`
  return address.toRFC5952String()
}

/**
 * The 16 bytes of an address in text; null where it is not an address of that family. A zone (`%eth0`) is refused: the
 * interface is given by name.
 */
export function addressBytes(text: string, family: Family): Uint8Array | null {
  const bytes = new Uint8Array(16)
  if (family === 'ipv4') {
    if (!ipaddr.IPv4.isValidFourPartDecimal(text)) return null
    bytes.set(ipaddr.IPv4.parse(text).toByteArray())
    return bytes
  }
  if (text.includes('%') || !ipaddr.IPv6.isValid(text)) return null
  bytes.set(ipaddr.IPv6.parse(text).toByteArray())
  return bytes
}

/** True for 0.0.0.0 and `::`: the socket receives what is sent to any address. */
export function isWildcard(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}

/** 224.0.0.0/4 (RFC 5771), ff00::/8 (RFC 4291). */
export function isMulticast(family: Family, bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0
  return family === 'ipv4' ? first >= 224 && first < 240 : first === 0xff
}

/** 255.255.255.255, a broadcast in every network namespace. */
export function isLimitedBroadcast(family: Family, bytes: Uint8Array): boolean {
  return family === 'ipv4' && bytes.subarray(0, 4).every((byte) => byte === 255)
}
