/** Where the page runs, and the transport that goes with it. */
import { messagePortTransport } from './message-port.ts'
import type { Transport } from './transport.ts'
import { webSocketTransport } from './web-socket.ts'

export type HostKind = 'electron' | 'browser'

const TOKEN = 'reuseport-inspector/token'

/** The host that served the page, as it wrote itself into the page's head: `<meta name="reuseport-host">`. */
export function hostKind(page: Document): HostKind {
  const content = page.querySelector('meta[name="reuseport-host"]')?.getAttribute('content')
  return content === 'electron' ? 'electron' : 'browser'
}

export function transportFor(page: Window): Transport {
  if (hostKind(page.document) === 'electron') return messagePortTransport(page)
  return webSocketTransport(page, takeToken(page))
}

/** Moves the token out of the address, where it would be copied and kept in the browser's history, to this tab's memory. */
function takeToken(page: Window): string | null {
  const token = new URLSearchParams(page.location.hash.slice(1)).get('token')
  if (token === null) return page.sessionStorage.getItem(TOKEN)
  page.sessionStorage.setItem(TOKEN, token)
  page.history.replaceState(null, '', `${page.location.pathname}${page.location.search}#/groups`)
  return token
}
