/** The page's host, and its transports. */
import type { PeerName } from '../../../electron/contract/channels.ts'
import { messagePortTransport } from './message-port.ts'
import type { Transport } from './transport.ts'
import { webSocketTransport } from './web-socket.ts'

export type HostKind = 'electron' | 'browser'

const TOKEN = 'reuseport-inspector/token'

/** The host that served the page, from the page's head: `<meta name="reuseport-host">`. */
export function hostKind(page: Document): HostKind {
  const content = page.querySelector('meta[name="reuseport-host"]')?.getAttribute('content')
  return content === 'electron' ? 'electron' : 'browser'
}

/** Makes the transport to each peer of the page's host. Call once. */
export function transportsFor(page: Window): (peer: PeerName) => Transport {
  if (hostKind(page.document) === 'electron') return (peer) => messagePortTransport(page, peer)
  const token = takeToken(page)
  return (peer) => webSocketTransport(page, token, peer)
}

/** Moves the token from the URL, where it would be copied and stored in the browser's history, to this tab's memory. */
function takeToken(page: Window): string | null {
  const token = new URLSearchParams(page.location.hash.slice(1)).get('token')
  if (token === null) return page.sessionStorage.getItem(TOKEN)
  page.sessionStorage.setItem(TOKEN, token)
  page.history.replaceState(null, '', `${page.location.pathname}${page.location.search}#/groups`)
  return token
}
