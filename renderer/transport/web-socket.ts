/** The engine behind a browser's page: a WebSocket on the page's own origin, opened with the token of its address. */
import { RPCLink } from '@orpc/client/websocket'
import { linkedAbort } from '../../electron/contract/linked-abort.ts'
import type { Channel, Transport } from './transport.ts'

const PROTOCOL = 'reuseport-inspector'
const PATIENCE_MS = 10_000

export function webSocketTransport(page: Window, token: string | null): Transport {
  const url = new URL('/rpc', page.location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  url.hash = ''
  return {
    peer: `the server at ${page.location.host}`,
    open: (signal) => open(url, token, signal),
  }
}

async function open(url: URL, token: string | null, signal: AbortSignal): Promise<Channel> {
  const socket = new WebSocket(url, token === null ? [PROTOCOL] : [PROTOCOL, `token.${token}`])
  const link = new RPCLink({ websocket: socket })
  // Listened to after oRPC's own: what waits for an answer has been ended when the channel says that it is closed.
  const closed = new Promise<string>((resolve) => {
    socket.addEventListener('close', (event) => resolve(reasonOf(event)))
  })
  const limit = linkedAbort([signal], PATIENCE_MS)
  const opened = await new Promise<boolean>((resolve) => {
    socket.addEventListener('open', () => resolve(true))
    socket.addEventListener('close', () => resolve(false))
    limit.signal.addEventListener('abort', () => resolve(false))
  })
  limit.release()
  if (!opened) {
    socket.close()
    throw new Error(await whyRefused(url))
  }
  return {
    link,
    closed,
    close: (reason) => {
      socket.close()
      // A peer that does not answer would not answer the farewell either: it is not waited for.
      socket.dispatchEvent(new CloseEvent('close', { reason }))
    },
  }
}

/** electron/fronts/server/admission.ts closes with it. */
const WRONG_TOKEN = 4401

function reasonOf({ code, reason }: CloseEvent): string {
  if (code === WRONG_TOKEN) return `${reason} Open the address that the server printed when it started.`
  return reason || 'The connection was cut.'
}

/** A browser does not tell why a WebSocket failed, but whether the server still serves its page can be asked. */
async function whyRefused(url: URL): Promise<string> {
  const serves = await fetch(new URL('/', url.href.replace(/^ws/, 'http')), { method: 'HEAD', cache: 'no-store' }).then(
    (response) => response.ok,
    () => false,
  )
  return serves
    ? 'The server is there and refuses this page. Open the address that it printed when it started.'
    : 'Its server may have ended: start it again with "reuseport-inspector serve".'
}
