/** Who may talk to the browser front. Pure: a request's head in, a verdict out. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { isIPv4 } from 'node:net'

/** The subprotocol that is spoken on the socket; the token travels beside it as `token.TOKEN`. */
export const SUBPROTOCOL = 'reuseport-inspector'

/** Close codes of the socket that say why. 1003, 1007, 1009 and 1013 are used as RFC 6455 means them. */
export const CloseCode = {
  unsupported: 1003,
  malformed: 1007,
  tooLarge: 1009,
  tooMany: 1013,
  wrongToken: 4401,
} as const

/**
 * True when `host` (a Host header) names this machine's loopback: an address of it, or `localhost`. A name that was
 * made to resolve to 127.0.0.1 (DNS rebinding) is refused here. Any port is right: it may be the near end of an SSH tunnel.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  const name = /^(\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/i.exec(host ?? '')?.[1]?.toLowerCase()
  return name !== undefined && (name === 'localhost' || name === '[::1]' || isLoopbackIPv4(name))
}

/** Why another address is refused, and the way to see the page from elsewhere. */
export function notLoopback(address: string): string {
  return (
    `The page cannot be served on ${address}: only loopback addresses are, because what it shows would cross the ` +
    'network in the clear. From another machine, use a tunnel: ssh -L 8080:127.0.0.1:PORT HOST, with `--port PORT` here.'
  )
}

/** True for an address that only this machine reaches. */
export function isLoopbackAddress(address: string): boolean {
  return address === 'localhost' || address === '::1' || isLoopbackIPv4(address)
}

/** True when the page that opens the socket came from this very server. A request without an Origin is not from a page. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  return origin !== undefined && host !== undefined && origin === `http://${host}`
}

/** True when the offered subprotocols hold ours and the right token. Takes the same time wherever a token differs. */
export function hasToken(offered: string | undefined, token: string): boolean {
  const protocols = (offered ?? '').split(',').map((protocol) => protocol.trim())
  const given = protocols.find((protocol) => protocol.startsWith('token.'))?.slice('token.'.length) ?? ''
  return protocols.includes(SUBPROTOCOL) && timingSafeEqual(digest(given), digest(token))
}

/** True when an Authorization header carries the token (RFC 6750). Takes the same time wherever a token differs. */
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
