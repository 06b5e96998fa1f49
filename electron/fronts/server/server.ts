/** The browser front: the page and the engine's contract over loopback. See SECURITY.md for what it defends against. */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Page, respond } from '../../host/page.ts'
import { type EngineRouter, MOST_PENDING } from '../../host/pending.ts'
import { LARGEST_FRAME } from '../../host/request-frame.ts'
import {
  CloseCode,
  hasToken,
  isLoopbackAddress,
  isLoopbackHost,
  isOwnOrigin,
  notLoopback,
  SUBPROTOCOL,
} from './admission.ts'
import { type ConnectionLimits, connect } from './connection.ts'
import { Connections } from './connections.ts'
import { answerScrape, type MetricsEndpoint } from './metrics.ts'

/** A page that is closed, by us or by itself, has this long to say goodbye. */
const GOODBYE_MS = 1000
/** A connection on which nothing moves for this long is ended, unless it is a page's socket. */
const IDLE_MS = 30_000

/** The times are looked at every `connectionsCheckingInterval`: by itself that is half a minute. */
const HTTP_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16_384,
}

export type ServeLimits = ConnectionLimits & {
  /** Pages that may be open at once. */
  readonly connections: number
  /** Connections that have shown no token. Past it the oldest goes. */
  readonly strangers: number
  /** Connections that have shown the token of a scrape. What comes past it is treated as a stranger's. */
  readonly scrapes: number
  /** Largest message taken, in bytes. Judged by the length that its header states, before it is read. */
  readonly messageBytes: number
  /** A page that does not answer a ping for this long is gone, in milliseconds. */
  readonly silenceMs: number
}

export const SERVE_LIMITS: ServeLimits = {
  connections: 16,
  strangers: 112,
  scrapes: 16,
  messageBytes: LARGEST_FRAME,
  pendingRequests: MOST_PENDING,
  silenceMs: 30_000,
  fullBytes: 1 << 20,
  unreadBytes: 64 << 20,
}

export type ServeOptions = {
  readonly router: EngineRouter
  readonly page: Page
  /** A loopback address; anything else is refused. */
  readonly address?: string
  /** 0 takes any free port. */
  readonly port?: number
  readonly limits?: Partial<ServeLimits>
  /** Answers a scrape at `/metrics`; left out, there is none. */
  readonly metrics?: MetricsEndpoint
}

export type Server = {
  /** Where to look, with the token behind `#`: a browser never sends that part, and no log holds it. */
  readonly url: string
  /** Ends every connection and stops listening. */
  close(): Promise<void>
}

/** Starts listening; resolves when a browser can connect. Rejects with what to do where the address may not or cannot be used. */
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
    closeTimeout: GOODBYE_MS, // not in the types yet
  }
  const sockets = new WebSocketServer(socketOptions)
  const http = createServer(HTTP_LIMITS)
  http.timeout = IDLE_MS
  const connections = new Connections(http, limits.strangers)
  http.on('request', (request, response) => {
    if (!connections.mayAsk(request.socket, response)) return
    answer(options, token, request, response, () => connections.admitScrape(request.socket, limits.scrapes))
  })
  http.on('upgrade', (request, socket, head) => {
    const refusal = refuse(request)
    if (refusal !== null) return end(socket, refusal)
    sockets.handleUpgrade(request, socket, head, (client) => {
      // Closed, not refused: a page learns the reason from a close code and from nothing else (WebSocket API).
      client.on('error', () => client.terminate())
      if (!hasToken(request.headers['sec-websocket-protocol'], token)) {
        return client.close(CloseCode.wrongToken, 'The token is not the one that was printed.')
      }
      if (admitted.size >= limits.connections) {
        return client.close(CloseCode.tooMany, `${limits.connections} pages are open; close one.`)
      }
      connections.admit(socket)
      admitted.set(client, { heard: true, unread: 0 })
      client.on('close', () => admitted.delete(client))
      client.on('pong', () => admitted.set(client, { heard: true, unread: client.bufferedAmount }))
      connect(client, options.router, limits)
    })
  })

  /** Admitted sockets, whether each was heard since the last ping, and what it had not taken then. */
  const admitted = new Map<WebSocket, { heard: boolean; unread: number }>()
  const heartbeat = setInterval(() => {
    for (const [client, { heard, unread }] of admitted) {
      // On a slow way the answer to a ping stands behind what is still being taken.
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
    response.end('This server answers to loopback names only.\n')
    return
  }
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
  if (path === '/metrics' && metrics !== undefined) return void answerScrape(metrics, token, request, response, admit)
  const { status, headers, body } = respond(page, request.method ?? 'GET', path, 'browser')
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(request.method === 'HEAD' ? undefined : body)
}

type Refusal = { readonly status: string; readonly reason: string }

/** Why a socket is not even opened; null where it may be. */
function refuse(request: IncomingMessage): Refusal | null {
  const { host, origin } = request.headers
  if (!isLoopbackHost(host)) return { status: '421 Misdirected Request', reason: 'Loopback names only.' }
  if (request.url !== '/rpc') return { status: '404 Not Found', reason: 'The socket is at /rpc.' }
  if (!isOwnOrigin(origin, host)) return { status: '403 Forbidden', reason: 'Only the page served here may connect.' }
  return null
}

function end(socket: Duplex, { status, reason }: Refusal): void {
  socket.on('error', () => socket.destroy())
  // A peer that never closes its side would keep the place (FIN-WAIT-2).
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
  const remedy = code === 'EADDRINUSE' || code === 'EACCES' ? ' Choose another --port, or 0 for any free one.' : ''
  return `The page cannot be served on ${address} port ${port}: the kernel refused (${code}).${remedy}`
}
