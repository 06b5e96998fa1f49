/** The engine in a browser: a WebSocket on the page's own origin, opened with the token of its tab. */
import { RPCLink } from '@orpc/client/websocket'
import type { PeerName } from '../../../electron/contract/channels.ts'
import { linkedAbort } from '../../../electron/contract/linked-abort.ts'
import type { Token } from './token.ts'
import type { Channel, Transport } from './transport.ts'

const PROTOCOL = 'reuseport-inspector'
const TIMEOUT_MS = 10_000

export function webSocketTransport(page: Window, token: Token, peer: PeerName = 'engine'): Transport {
  const path = peer === 'engine' ? '/rpc' : `/rpc/${encodeURIComponent(peer)}`
  const url = new URL(path, page.location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  url.hash = ''
  return {
    peer: `the server at ${page.location.host}`,
    open: (signal) => open(url, token, signal),
  }
}

async function open(url: URL, token: Token, signal: AbortSignal): Promise<Channel> {
  const value = await token.get()
  const socket = new WebSocket(url, value === null ? [PROTOCOL] : [PROTOCOL, `token.${value}`])
  const rpc = new RPCLink({ websocket: socket })
  // As oRPC ends requests that were open when the socket closed; for later ones its message is about its own queue.
  const link: Channel['link'] = {
    call: async (path, input, options) => {
      if (socket.readyState !== WebSocket.OPEN) throw new DOMException('The connection is closed.', 'AbortError')
      return rpc.call(path, input, options)
    },
  }
  // Registered after oRPC's own listener: pending requests have failed by the time the channel reports that it is
  // closed.
  const closed = new Promise<string>((resolve) => {
    socket.addEventListener('close', (event) => {
      if (event.code === WRONG_TOKEN) token.refuse()
      resolve(reasonOf(event))
    })
  })
  const limit = linkedAbort([signal], TIMEOUT_MS)
  const opened = await new Promise<boolean>((resolve) => {
    socket.addEventListener('open', () => resolve(true))
    socket.addEventListener('close', () => resolve(false))
    limit.signal.addEventListener('abort', () => resolve(false))
  })
  limit.release()
  if (!opened) {
    socket.close()
    throw new Error(await rejectionReason(url))
  }
  return {
    link,
    closed,
    close: (reason) => {
      socket.close()
      // An unresponsive peer would not answer the close handshake either: do not wait for it.
      socket.dispatchEvent(new CloseEvent('close', { reason }))
    },
  }
}

/** Close codes of electron/fronts/server/admission.ts. */
const WRONG_TOKEN = 4401

function reasonOf({ code, reason }: CloseEvent): string {
  if (code === WRONG_TOKEN) return 'This link has expired: open the address that `serve` printed last.'
  return reason || 'The connection was closed.'
}

/** A browser does not report why a WebSocket failed, but whether the server still serves its page can be checked. */
async function rejectionReason(url: URL): Promise<string> {
  const serves = await fetch(new URL('/', url.href.replace(/^ws/, 'http')), { method: 'HEAD', cache: 'no-store' }).then(
    (response) => response.ok,
    () => false,
  )
  return serves
    ? 'The server rejects this page: open the address that `serve` printed last.'
    : 'Its server may have exited: restart it with "reuseport-inspector serve".'
}
