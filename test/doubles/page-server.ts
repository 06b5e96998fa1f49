/**
 * Serves the built page and engines to a browser, as the browser front does, with the same content policy. All are at one
 * address, so that a browser compiles the page once; the token tells whose engine is meant.
 */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, resolve } from 'node:path'
import { RPCHandler } from '@orpc/server/ws'
import { type WebSocket, WebSocketServer } from 'ws'
import type { EngineRouter } from '../../electron/host/request-limit.ts'

const ROOT = resolve(import.meta.dirname, '../../dist/renderer')
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }

export type PageServer = {
  /** Includes the token. */
  url: string
  /** Closes every connection; the server continues. */
  cut(): void
  /** Refuses new connections until `allow`. */
  refuse(): void
  allow(): void
  /** Closes every connection, and knows the token no longer. */
  close(): void
}

type Served = { handler: RPCHandler<Record<never, never>>; sockets: Set<WebSocket>; refusing: boolean }

const served = new Map<string, Served>()
let site: Promise<Server> | null = null

/** Serves `engine` to pages with `token`. */
export async function servePage(
  engine: { readonly router: EngineRouter },
  token = randomBytes(16).toString('hex'),
): Promise<PageServer> {
  site ??= listen()
  const { port } = (await site).address() as AddressInfo
  const own: Served = { handler: new RPCHandler(engine.router), sockets: new Set(), refusing: false }
  served.set(token, own)
  const cut = () => {
    for (const socket of own.sockets) socket.terminate()
  }
  return {
    url: `http://127.0.0.1:${port}/#token=${token}`,
    cut,
    refuse: () => {
      own.refusing = true
    },
    allow: () => {
      own.refusing = false
    },
    close: () => {
      served.delete(token)
      cut()
    },
  }
}

/** Listens until the tests end. */
async function listen(): Promise<Server> {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://page').pathname
    try {
      const name = path === '/' ? 'index.html' : path.slice(1)
      const body = await readFile(join(ROOT, name))
      const nonce = randomBytes(16).toString('base64')
      response.setHeader('content-type', TYPES[extname(name)] ?? 'application/octet-stream')
      // Their names say their content.
      if (name !== 'index.html') response.setHeader('cache-control', 'max-age=86400, immutable')
      response.setHeader(
        'content-security-policy',
        `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; connect-src 'self'; img-src 'self' data:; font-src 'self'`,
      )
      response.end(name === 'index.html' ? body.toString().replaceAll('__CSP_NONCE__', nonce) : body)
    } catch {
      response.statusCode = 404
      response.end()
    }
  })
  const upgrade = new WebSocketServer({ noServer: true, handleProtocols: () => 'reuseport-inspector' })
  server.on('upgrade', (request, socket, head) => {
    upgrade.handleUpgrade(request, socket, head, (ws) => {
      const token = /token\.(\w+)/.exec(request.headers['sec-websocket-protocol'] ?? '')?.[1]
      const own = token === undefined ? undefined : served.get(token)
      if (own === undefined || own.refusing) {
        ws.close(4401, 'The token is not the one that was printed.')
        return
      }
      own.sockets.add(ws)
      ws.on('close', () => own.sockets.delete(ws))
      void own.handler.upgrade(ws)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  server.unref()
  return server
}
