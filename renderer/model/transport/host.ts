/** The page's host, and its transport. */
import { messagePortTransport } from './message-port.ts'
import { startToken } from './token.ts'
import type { Transport } from './transport.ts'
import { webSocketTransport } from './web-socket.ts'

export type HostKind = 'electron' | 'browser'

/** The host that served the page, from the page's head: `<meta name="reuseport-host">`. */
export function hostKind(page: Document): HostKind {
  const content = page.querySelector('meta[name="reuseport-host"]')?.getAttribute('content')
  return content === 'electron' ? 'electron' : 'browser'
}

/** `isConnected` and `retryNow` of the connection that the transport is for. Call before anything reads the route. */
export function transportFor(page: Window, isConnected: () => boolean, retryNow: () => void): Transport {
  if (hostKind(page.document) === 'electron') return messagePortTransport(page)
  return webSocketTransport(page, startToken(page, { isConnected, changed: retryNow }))
}
