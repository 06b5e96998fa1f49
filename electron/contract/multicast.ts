/** Addresses whose datagrams are not for one socket: each that is bound to the address or to any gets a copy. */

/**
 * Whether members bound to this address get a copy each: multicast (RFC 5771, RFC 4291) and 255.255.255.255. Only routes
 * tell that another address is the broadcast of a subnet.
 */
export function getsCopies({ protocol, address }: { readonly protocol: string; readonly address: string }): boolean {
  if (protocol !== 'udp') return false
  const text = address.replace(/^::ffff:(?=\d+\.)/, '')
  if (text.includes(':')) return /^ff[\da-f]{2}:/.test(text)
  const first = Number.parseInt(text, 10)
  return (first >= 224 && first < 240) || text === '255.255.255.255'
}
