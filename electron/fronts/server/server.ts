/** The browser front: serves the page and the engine's contract on loopback. SECURITY.md has the threat model. */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { isPeerName, type PeerName } from '../../contract/channels.ts'
import type { Hosts } from '../../host/hosts/hosts.ts'
import { type Page, respond } from '../../host/page.ts'
import { findPeer } from '../../host/peers.ts'
import { type EngineRouter, MAX_PENDING } from '../../host/request-limit.ts'
import { MAX_MESSAGE } from '../../host/request-message.ts'
import {
  CloseCode,
  hasToken,
  isLoopbackAddress,
  isLoopbackHost,
  isOwnOrigin,
  notLoopback,
  SUBPROTOCOL,
} from './admission.ts'
import type { ConnectionLimits } from './connection.ts'
import { Connections } from './connections.ts'
import type { MetricsEndpoint } from './metrics.ts'

/** Time for the WebSocket closing handshake. */
const CLOSE_TIMEOUT_MS = 1000
/** An idle connection is closed after this long, unless it is a page's WebSocket. */
const IDLE_MS = 30_000

/** Timeouts are checked every `connectionsCheckingInterval`; its default is 30 s. */
const HTTP_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16_384,
}

export type ServeLimits = ConnectionLimits & {
  /** WebSockets at once: a page has one for this machine, one for the list of hosts, and one for each host. */
  readonly connections: number
  /** Unauthenticated connections. Above it the oldest is closed. */
  readonly unauthenticated: number
  /** Connections with the token for scrapes. Further ones count as unauthenticated. */
  readonly scrapes: number
  /** Largest accepted message in bytes, checked by the length in its header before it is read. */
  readonly messageBytes: number
  /** A page that does not answer a ping for this long is disconnected, in milliseconds. */
  readonly silenceMs: number
}

export const SERVE_LIMITS: ServeLimits = {
  connections: 64,
  unauthenticated: 112,
  scrapes: 16,
  messageBytes: MAX_MESSAGE,
  pendingRequests: MAX_PENDING,
  silenceMs: 30_000,
  fullBytes: 1 << 20,
  unreadBytes: 64 << 20,
}

export type ServeOptions = {
  /** Of the engine, which may still be starting: the page loads meanwhile, and its requests wait. */
  readonly router: EngineRouter | Promise<EngineRouter>
  /** Other hosts; without it, none are offered. */
  readonly hosts?: Hosts | null | Promise<Hosts | null>
  readonly page: Page
  /** A loopback address; others are refused. */
  readonly address?: string
  /** 0 picks a free port. */
  readonly port?: number
  readonly limits?: Partial<ServeLimits>
  /** Serves `/metrics`; if omitted, there is no such path. */
  readonly metrics?: MetricsEndpoint
}

export type Server = {
  /** The address to open, with the token in its fragment, which browsers never send, so that no log contains it. */
  readonly url: string
  /** Resolves when a browser has what the page starts with, or somebody wants more than that. */
  readonly pageSent: Promise<void>
  /** Stops listening and closes every connection. */
  close(): Promise<void>
}

/** Starts listening; resolves when a browser can connect. Rejects, with what to do, if the address cannot be used. */
export async function serve(options: ServeOptions): Promise<Server> {
  const limits = { ...SERVE_LIMITS, ...options.limits }
  const address = options.address ?? '127.0.0.1'
  if (!isLoopbackAddress(address)) throw new Error(notLoopback(address))

  const token = randomBytes(32).toString('base64url')
  const socketOptions = {
    noServer: true,
    maxPayload: limits.messageBytes,
    perMessageDeflate: false,
    handleProtocols: () => SUBPROTOCOL,
    closeTimeout: CLOSE_TIMEOUT_MS, // not in the types yet
  }
  const sockets = new WebSocketServer(socketOptions)
  const http = createServer(HTTP_LIMITS)
  http.timeout = IDLE_MS
  const connections = new Connections(http, limits.unauthenticated)
  const unsent = filesToStart(options.page)
  let pageIsSent: () => void = () => {}
  const pageSent = new Promise<void>((resolve) => {
    pageIsSent = resolve
  })
  http.on('request', (request, response) => {
    if (!connections.mayRequest(request.socket, response)) return
    const { url = '' } = request
    if (url === '/metrics') pageIsSent()
    response.once('finish', () => {
      if (unsent.delete(url) && unsent.size === 0) pageIsSent()
    })
    answer(options, token, request, response, () => connections.admitScrape(request.socket, limits.scrapes))
  })
  http.on('upgrade', (request, socket, head) => {
    const refusal = refuse(request)
    if (refusal !== null) return end(socket, refusal)
    pageIsSent()
    sockets.handleUpgrade(request, socket, head, (client) => {
      // Closed, not refused: a page can read the reason only from a close code (WebSocket API).
      client.on('error', () => client.terminate())
      if (!hasToken(request.headers['sec-websocket-protocol'], token)) {
        return client.close(CloseCode.wrongToken, 'This link has expired.')
      }
      if (admitted.size >= limits.connections) {
        return client.close(CloseCode.tooMany, `${limits.connections} connections are open already; close a page.`)
      }
      connections.admit(socket)
      admitted.set(client, { heard: true, unread: 0 })
      client.on('close', () => admitted.delete(client))
      client.on('pong', () => admitted.set(client, { heard: true, unread: client.bufferedAmount }))
      // Nothing is read from it before somebody listens.
      client.pause()
      connectTo(peerOf(request.url) ?? 'engine', client).catch(() =>
        client.close(CloseCode.noEngine, 'The engine did not start.'),
      )
    })
  })

  const behind = Promise.all([options.router, options.hosts]).then(async ([router, hosts]) => {
    const { connect } = await import('./connection.ts')
    return { router, hosts: hosts ?? null, connect }
  })
  behind.catch(() => undefined)
  const connectTo = async (name: PeerName, client: WebSocket): Promise<void> => {
    const { router, hosts, connect } = await behind
    if (client.readyState !== client.OPEN) return
    client.resume()
    const peer = findPeer(name, { router }, hosts)
    if (peer === null) return client.close(CloseCode.noPeer, 'It is not connected.')
    void peer.ended?.then(() => client.close(CloseCode.noPeer, 'It is not connected any more.'))
    connect(client, peer.router, limits)
  }

  /** Admitted WebSockets; for each, whether it answered the last ping, and its unsent bytes at that time. */
  const admitted = new Map<WebSocket, { heard: boolean; unread: number }>()
  const heartbeat = setInterval(() => {
    for (const [client, { heard, unread }] of admitted) {
      // On a slow connection the ping waits behind data that is still being sent.
      if (!heard && client.bufferedAmount >= unread) client.terminate()
      else {
        admitted.set(client, { heard: false, unread: client.bufferedAmount })
        if (heard) client.ping()
      }
    }
  }, limits.silenceMs)
  heartbeat.unref()

  const port = await listen(http, address, options.port ?? 0).catch((error: unknown) => {
    clearInterval(heartbeat)
    throw error
  })
  return {
    url: `http://${address === '::1' ? '[::1]' : address}:${port}/#token=${token}`,
    pageSent,
    close: async () => {
      clearInterval(heartbeat)
      sockets.close()
      const closed = new Promise<void>((resolve) => http.close(() => resolve()))
      connections.end()
      await closed
    },
  }
}

function answer(
  { page, metrics }: ServeOptions,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
  admit: () => void,
): void {
  if (!isLoopbackHost(request.headers.host)) {
    response.writeHead(421, { 'content-type': 'text/plain; charset=utf-8' })
    response.end('This server accepts loopback host names only.\n')
    return
  }
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
  if (path === '/metrics' && metrics !== undefined) {
    void import('./metrics.ts').then(({ answerScrape }) => answerScrape(metrics, token, request, response, admit))
    return
  }
  const { status, headers, body } = respond(page, request.method ?? 'GET', path, 'browser')
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** The paths of the scripts and styles without which the page does not start. */
function filesToStart({ html }: Page): Set<string> {
  const paths = [...html.matchAll(/\s(?:src|href)="\.?(\/[^"]+\.(?:js|css))"/g)].map(([, path]) => path ?? '')
  return new Set(paths)
}

type RejectedUpgrade = { readonly status: string; readonly reason: string }

/** Why a WebSocket request is refused; null where it is accepted. */
function refuse(request: IncomingMessage): RejectedUpgrade | null {
  const { host, origin } = request.headers
  if (!isLoopbackHost(host)) return { status: '421 Misdirected Request', reason: 'Loopback host names only.' }
  if (peerOf(request.url) === null) return { status: '404 Not Found', reason: 'The WebSocket is at /rpc.' }
  if (!isOwnOrigin(origin, host)) return { status: '403 Forbidden', reason: 'Only the page served here may connect.' }
  return null
}

/** `/rpc` is this machine's engine, `/rpc/hosts` the list of hosts, `/rpc/host/NAME` a host; null for another path. */
function peerOf(path: string | undefined): PeerName | null {
  if (path === '/rpc') return 'engine'
  const [, name] = /^\/rpc\/(.+)$/.exec(path ?? '') ?? []
  try {
    const peer = decodeURIComponent(name ?? '')
    return isPeerName(peer) ? peer : null
  } catch {
    return null
  }
}

function end(socket: Duplex, { status, reason }: RejectedUpgrade): void {
  socket.on('error', () => socket.destroy())
  // A peer that never closes its side would keep the connection (FIN-WAIT-2).
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: ${reason.length}\r\n\r\n${reason}`,
    () => socket.destroy(),
  )
}

function listen(http: import('node:http').Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      reject(new Error(cannotListen(address, port, error.code ?? error.message), { cause: error }))
    })
    http.listen({ host: address, port, exclusive: true }, () => resolve((http.address() as AddressInfo).port))
  })
}

function cannotListen(address: string, port: number, code: string): string {
  const hint = code === 'EADDRINUSE' || code === 'EACCES' ? ' Choose another --port, or 0 for a free one.' : ''
  return `Cannot listen on ${address} port ${port} (${code}).${hint}`
}
