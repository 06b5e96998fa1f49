/** Serves the built page and an engine to a browser, as the browser front does, with the same content policy. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
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
  close(): Promise<void>
}

export async function servePage(
  engine: { readonly router: EngineRouter },
  port = 0,
  token = 'secret',
): Promise<PageServer> {
  const handler = new RPCHandler(engine.router)
  const sockets = new Set<WebSocket>()
  let refusing = false
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://page').pathname
    try {
      const name = path === '/' ? 'index.html' : path.slice(1)
      const body = await readFile(join(ROOT, name))
      const nonce = randomBytes(16).toString('base64')
      response.setHeader('content-type', TYPES[extname(name)] ?? 'application/octet-stream')
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
      if (refusing || !request.headers['sec-websocket-protocol']?.includes(`token.${token}`)) {
        ws.close(4401, 'The token is not the one that was printed.')
        return
      }
      sockets.add(ws)
      ws.on('close', () => sockets.delete(ws))
      void handler.upgrade(ws)
    })
  })
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
  const { port: bound } = server.address() as AddressInfo
  const cut = () => {
    for (const socket of sockets) socket.terminate()
  }
  return {
    url: `http://127.0.0.1:${bound}/#token=${token}`,
    cut,
    refuse: () => {
      refusing = true
    },
    allow: () => {
      refusing = false
    },
    close: () =>
      new Promise((done) => {
        cut()
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
