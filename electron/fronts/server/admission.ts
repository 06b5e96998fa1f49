/** Which requests the browser front admits. Pure functions of request headers. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { isIPv4 } from 'node:net'

/** The WebSocket subprotocol; the token is offered beside it as `token.TOKEN`. */
export const SUBPROTOCOL = 'reuseport-inspector'

/** Close codes of the WebSocket. 1003, 1007, 1009, 1011 and 1013 as in RFC 6455. */
export const CloseCode = {
  unsupported: 1003,
  malformed: 1007,
  tooLarge: 1009,
  noEngine: 1011,
  tooMany: 1013,
  wrongToken: 4401,
  noPeer: 4404,
} as const

/**
 * True when `host` (a Host header) is a loopback address or `localhost`. Rejects names that an attacker resolves to
 * 127.0.0.1 (DNS rebinding). Any port is allowed: it may be the local end of an SSH tunnel.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  const name = /^(\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/i.exec(host ?? '')?.[1]?.toLowerCase()
  return name !== undefined && (name === 'localhost' || name === '[::1]' || isLoopbackIPv4(name))
}

/** Why another address is refused, and how to open the page from another machine. */
export function notLoopback(address: string): string {
  return (
    `Cannot serve on ${address}: only loopback addresses are allowed, because the traffic is not encrypted. ` +
    'From another machine, use a tunnel: ssh -L 8080:127.0.0.1:PORT HOST, with `--port PORT` here.'
  )
}

/** True for an address that is reachable only from this machine. */
export function isLoopbackAddress(address: string): boolean {
  return address === 'localhost' || address === '::1' || isLoopbackIPv4(address)
}

/** True when the page that opens the WebSocket was served here. A request without an Origin is not from a page. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  return origin !== undefined && host !== undefined && origin === `http://${host}`
}

/** True when the offered subprotocols contain ours and the right token. Constant time. */
export function hasToken(offered: string | undefined, token: string): boolean {
  const protocols = (offered ?? '').split(',').map((protocol) => protocol.trim())
  const given = protocols.find((protocol) => protocol.startsWith('token.'))?.slice('token.'.length) ?? ''
  return protocols.includes(SUBPROTOCOL) && timingSafeEqual(digest(given), digest(token))
}

/** True when an Authorization header carries the token (RFC 6750). Constant time. */
export function hasBearer(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? ''
  return timingSafeEqual(digest(given), digest(token))
}

function isLoopbackIPv4(address: string): boolean {
  return isIPv4(address) && address.startsWith('127.')
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
