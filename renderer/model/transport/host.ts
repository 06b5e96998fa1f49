/** The page's host, and its transports. */
import type { PeerName } from '../../../electron/contract/channels.ts'
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

/**
 * Makes the transport to each peer of the page's host. `isConnected` and `retryNow` of the connection to its own engine.
 * Call once, before anything reads the route.
 */
export function transportsFor(
  page: Window,
  isConnected: () => boolean,
  retryNow: () => void,
): (peer: PeerName) => Transport {
  if (hostKind(page.document) === 'electron') return (peer) => messagePortTransport(page, peer)
  const token = startToken(page, { isConnected, changed: retryNow })
  return (peer) => webSocketTransport(page, token, peer)
}
