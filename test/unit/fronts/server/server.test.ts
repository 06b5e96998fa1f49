import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { Contract } from '../../../../electron/contract/contract.ts'
import { type ServeOptions, type Server, serve } from '../../../../electron/fronts/server/server.ts'
import { readPage } from '../../../../electron/host/page.ts'
import { EngineDouble } from '../../../doubles/engine.ts'
import { groupRow } from '../../../doubles/group-rows.ts'
import { CONDITION_MS } from '../../../support/timeouts.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function builtPage(): string {
  const folder = mkdtempSync(join(tmpdir(), 'page-'))
  cleanups.push(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<html><head><style nonce="__CSP_NONCE__"></style></head></html>')
  writeFileSync(join(folder, 'assets/index.js'), 'console.log(1)')
  writeFileSync(join(folder, 'secret.key'), 'not a file of a page')
  return folder
}

async function start(options: Partial<ServeOptions> = {}) {
  const engine = new EngineDouble()
  const server = await serve({ router: engine.router, page: readPage(builtPage()), ...options })
  cleanups.push(() => server.close())
  const { host, hash } = new URL(server.url)
  return { engine, server, host, token: hash.slice('#token='.length) }
}
type Started = Awaited<ReturnType<typeof start>>

async function get(server: Server, path: string, options: { host?: string; method?: string } = {}) {
  const { hostname, port, host } = new URL(server.url)
  // `path` is sent unchanged: a URL object would resolve its dots.
  const sent = request({
    hostname,
    port,
    path,
    method: options.method ?? 'GET',
    headers: { host: options.host ?? host },
  })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() }
}

function open(
  { host, token }: Started,
  options: { token?: string; origin?: string; host?: string; path?: string } = {},
) {
  const socket = new WebSocket(
    `ws://${host}${options.path ?? '/rpc'}`,
    ['reuseport-inspector', `token.${options.token ?? token}`],
    { headers: { host: options.host ?? host, origin: options.origin ?? `http://${host}` } },
  )
  cleanups.push(() => socket.terminate())
  return socket
}

async function closeCode(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number]
  return code
}

async function refusedStatus(socket: WebSocket): Promise<number | undefined> {
  socket.on('error', () => {})
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  return response.statusCode
}

async function client(socket: WebSocket): Promise<ContractRouterClient<Contract>> {
  await once(socket, 'open')
  return createORPCClient(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }))
}

describe('the page', () => {
  test('comes with a fresh nonce, the host, and a policy that allows nothing foreign', async () => {
    const { server } = await start()
    const [first, second] = [await get(server, '/'), await get(server, '/')]
    const nonce = /nonce="([^"]+)"/.exec(first.body)?.[1]
    expect(first.body).toContain('<meta name="reuseport-host" content="browser">')
    expect(first.headers['content-security-policy']).toContain(`style-src 'self' 'nonce-${nonce}'`)
    expect(first.headers['content-security-policy']).toMatch(/^default-src 'none';/)
    expect(first.headers['content-security-policy']).not.toContain('unsafe')
    expect(second.body).not.toContain(nonce)
    expect(first.headers['x-content-type-options']).toBe('nosniff')
    expect(first.headers['cache-control']).toBe('no-store')
  })

  test('has its own files and no others', async () => {
    const { server } = await start()
    expect(await get(server, '/assets/index.js')).toMatchObject({ status: 200, body: 'console.log(1)' })
    expect(await get(server, '/assets/index.js?x')).toMatchObject({ status: 200 })
    for (const path of [
      '/../../etc/passwd',
      '/..%2f..%2fetc%2fpasswd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/assets/../secret.key',
      '//etc/passwd',
      '/secret.key',
      '/assets',
      '/assets/',
      '/__proto__',
      '/\\..\\secret.key',
    ]) {
      expect(await get(server, path), path).toMatchObject({ status: 404 })
    }
  })

  test('is served to loopback names only, and read-only', async () => {
    const { server } = await start()
    expect(await get(server, '/', { host: 'rebound.example' })).toMatchObject({ status: 421 })
    expect(await get(server, '/', { method: 'POST' })).toMatchObject({ status: 405 })
    expect(await get(server, '/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
  })

  test('is requested with the token in the fragment only', async () => {
    const { server } = await start()
    expect(new URL(server.url)).toMatchObject({ pathname: '/', search: '' })
    expect(new URL(server.url).hash).toMatch(/^#token=[\w-]{43}$/)
  })
})

describe('the socket', () => {
  test('serves the contract, and wakes a waiting reader', async () => {
    const started = await start()
    const engine = await client(open(started))
    const first = await engine.groups.changes({ all: false })
    expect(first).toMatchObject({ reset: true, rows: [] })
    const next = engine.groups.changes({ all: false, after: first.cursor })
    await expect.poll(() => started.engine.waiting).toBe(1)
    started.engine.put()
    expect((await next).cursor).not.toBe(first.cursor)
  })

  test('a reader that disconnects ends its request', async () => {
    const started = await start()
    const socket = open(started)
    const engine = await client(socket)
    const { cursor: position } = await engine.groups.changes({ all: false })
    engine.groups.changes({ all: false, after: position }).catch(() => {})
    await expect.poll(() => started.engine.waiting).toBe(1)
    socket.terminate()
    await expect.poll(() => started.engine.waiting).toBe(0)
  })

  test('input that the contract does not allow is refused, and the socket stays open', async () => {
    const engine = await client(open(await start()))
    await expect(engine.settings.set({ intervalMs: 1 })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await expect(engine.settings.get()).resolves.toMatchObject({ intervalMs: 1000 })
  })

  test('a wrong or missing token is reported, and gets nothing', async () => {
    const started = await start()
    for (const token of ['', 'wrong', started.token.slice(1), `${started.token}x`]) {
      const socket = open(started, { token })
      socket.on('message', () => expect.unreachable())
      expect(await closeCode(socket)).toBe(4401)
    }
  })

  test('a page of another origin, a rebound name and another path are refused', async () => {
    const started = await start()
    expect(await refusedStatus(open(started, { origin: 'http://evil.example' }))).toBe(403)
    expect(await refusedStatus(open(started, { origin: 'null' }))).toBe(403)
    expect(await refusedStatus(open(started, { host: 'evil.example', origin: 'http://evil.example' }))).toBe(421)
    expect(await refusedStatus(open(started, { path: '/other' }))).toBe(404)
  })

  test('a message above the limit closes it before it is read', async () => {
    const started = await start({ limits: { messageBytes: 1000 } })
    const socket = open(started)
    await once(socket, 'open')
    socket.send('x'.repeat(1001))
    expect(await closeCode(socket)).toBe(1009)
  })

  test('a frame that is not a request closes it', async () => {
    const started = await start()
    for (const [frame, code] of [
      ['not json', 1007],
      ['{"i":"1","p":{"u":"http://elsewhere/"}}', 1007],
      ['{"i":"1","p":{"u":"/machine/about","h":{"content-type":"multipart/form-data"}}}', 1007],
      [Buffer.from([1, 2, 3]), 1003],
    ] as const) {
      const socket = open(started)
      await once(socket, 'open')
      socket.send(frame)
      expect(await closeCode(socket)).toBe(code)
    }
  })

  test('pages are limited in number, and closing one makes room', async () => {
    const started = await start({ limits: { connections: 2 } })
    const [first, second] = [open(started), open(started)]
    await Promise.all([once(first, 'open'), once(second, 'open')])
    expect(await closeCode(open(started))).toBe(1013)
    first.terminate()
    await vi.waitFor(async () => {
      const socket = open(started)
      const engine = await client(socket)
      await engine.machine.about()
    }, CONDITION_MS)
  })

  test('pending requests are limited', async () => {
    const started = await start({ limits: { pendingRequests: 2 } })
    const engine = await client(open(started))
    started.engine.stopAnswering()
    const held = [engine.machine.about(), engine.machine.about()]
    await expect(engine.machine.about()).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' })
    started.engine.resume()
    await Promise.all(held)
    await expect(engine.machine.about()).resolves.toBeDefined()
  })

  /** A page that keeps requesting a megabyte and reads nothing, until it is disconnected. */
  async function deafPage(limits: NonNullable<ServeOptions['limits']>) {
    const started = await start({ limits })
    started.engine.put(groupRow({ owners: [{ command: 'x'.repeat(1 << 20), processes: 1, service: null }] }))
    const socket = open(started)
    await once(socket, 'open')
    socket.pause()
    socket.on('error', () => {})
    let id = 0
    await new Promise<void>((resolve) => {
      const ask = () => {
        const frame = JSON.stringify({ i: String(id++), p: { u: '/groups/changes', b: { json: { all: false } } } })
        socket.send(frame, (error) => error && resolve())
      }
      const timer = setInterval(ask, 5)
      cleanups.push(() => clearInterval(timer))
    })
  }

  test('a page that requests and never reads is disconnected at the next heartbeat', () =>
    deafPage({ unreadBytes: 1 << 30, silenceMs: 100 }))

  test('a page that does not read started answers is disconnected above the limit', () =>
    deafPage({ fullBytes: 1 << 30, unreadBytes: 1 << 20, pendingRequests: 10_000 }))

  test('an unresponsive page is disconnected', async () => {
    const started = await start({ limits: { silenceMs: 20 } })
    const { port } = new URL(started.server.url)
    const raw = connectTcp(Number(port), '127.0.0.1')
    cleanups.push(() => raw.destroy())
    raw.write(
      `GET /rpc HTTP/1.1\r\nHost: ${started.host}\r\nOrigin: http://${started.host}\r\nUpgrade: websocket\r\n` +
        'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n' +
        `Sec-WebSocket-Protocol: reuseport-inspector, token.${started.token}\r\n\r\n`,
    )
    raw.resume()
    // It never answers a ping, so the server has to disconnect it.
    await once(raw, 'close')
  })
})

describe('strangers', () => {
  /** A connection whose side is never closed by the client. */
  function raw({ server }: Started, text = '') {
    const socket = connectTcp({ port: Number(new URL(server.url).port), host: '127.0.0.1', allowHalfOpen: true })
    cleanups.push(() => socket.destroy())
    socket.on('error', () => {})
    socket.resume()
    if (text !== '') socket.write(text)
    return socket
  }
  const upgrade = ({ host }: Started, path: string, protocol = '') =>
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${protocol}\r\n`

  test.each([
    ['that say nothing', () => ''],
    ['that were refused and never close', (started: Started) => upgrade(started, '/x')],
    [
      'with a wrong token that never close',
      (started: Started) => upgrade(started, '/rpc', 'Sec-WebSocket-Protocol: reuseport-inspector, token.x\r\n'),
    ],
    ['in the middle of a request', (started: Started) => `GET / HTTP/1.1\r\nHost: ${started.host}\r\n`],
  ])('%s neither block others nor delay the end', async (_, text) => {
    const started = await start({ limits: { unauthenticated: 3 } })
    const page = await client(open(started))
    for (let i = 0; i < 8; i++) await once(raw(started, text(started)), 'connect')
    expect(await get(started.server, '/')).toMatchObject({ status: 200 })
    await expect(page.machine.about()).resolves.toBeDefined()
    await started.server.close()
  })

  test('do not displace an authenticated scrape', async () => {
    let asked = () => {}
    const begun = new Promise<void>((resolve) => {
      asked = resolve
    })
    let answer: (text: string) => void = () => {}
    const text = () => {
      asked()
      return new Promise<string>((resolve) => {
        answer = resolve
      })
    }
    const started = await start({ limits: { unauthenticated: 2 }, metrics: { token: 'secret', text } })
    const scrape = fetch(new URL('/metrics', started.server.url), { headers: { authorization: 'Bearer secret' } })
    await begun
    const first = raw(started)
    const ended = once(first, 'end')
    await once(first, 'connect')
    for (let i = 0; i < 2; i++) await once(raw(started), 'connect')
    await ended
    answer('reuseport_up 1\n')
    expect(await (await scrape).text()).toBe('reuseport_up 1\n')
  })

  test('with the token for scrapes are kept up to a limit, and count as strangers above it', async () => {
    let scraped = 0
    const text = () => {
      scraped++
      return new Promise<string>(() => {})
    }
    const started = await start({ limits: { unauthenticated: 1, scrapes: 2 }, metrics: { token: 'secret', text } })
    const request = `GET /metrics HTTP/1.1\r\nHost: ${started.host}\r\nAuthorization: Bearer secret\r\n\r\n`
    const ended: Promise<number>[] = []
    for (let count = 1; count <= 3; count++) {
      ended.push(once(raw(started, request), 'end').then(() => count))
      await expect.poll(() => scraped).toBe(count)
    }
    await once(raw(started), 'connect')
    expect(await Promise.race(ended)).toBe(3)
  })

  test('that pipeline requests are closed', async () => {
    const started = await start()
    const socket = connectTcp(Number(new URL(started.server.url).port), '127.0.0.1')
    cleanups.push(() => socket.destroy())
    socket.on('error', () => {})
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    const closed = once(socket, 'close')
    socket.write(`GET / HTTP/1.1\r\nHost: ${started.host}\r\n\r\n`.repeat(100))
    await closed
    expect(Buffer.concat(chunks).toString().split('HTTP/1.1 200').length).toBeLessThan(5)
  })

  test('the oldest is closed, and never a page', async () => {
    const started = await start({ limits: { unauthenticated: 2 } })
    const page = await client(open(started))
    const first = raw(started)
    const ended = once(first, 'end')
    await once(first, 'connect')
    for (let i = 0; i < 2; i++) await once(raw(started), 'connect')
    await ended
    await expect(page.machine.about()).resolves.toBeDefined()
  })

  test.each([['/x'], ['/rpc']])('an upgrade to %s without a token is closed by the server', async (path) => {
    const started = await start()
    await once(raw(started, upgrade(started, path, 'Sec-WebSocket-Protocol: reuseport-inspector\r\n')), 'end')
  })
})

describe('where it listens', () => {
  test.each(['0.0.0.0', '::', '192.0.2.1', 'example.com'])('%s is refused, with an alternative', async (address) => {
    await expect(start({ address })).rejects.toThrow(/only loopback.*ssh -L/s)
  })

  test('::1 serves as well', async () => {
    const started = await start({ address: '::1' })
    expect(started.host).toMatch(/^\[::1\]:/)
    await expect((await client(open(started))).machine.about()).resolves.toBeDefined()
  })

  test('a port that is in use is named', async () => {
    const { server } = await start()
    const port = Number(new URL(server.url).port)
    await expect(start({ port })).rejects.toThrow(`port ${port} (EADDRINUSE). Choose another --port`)
  })

  test('closing disconnects open pages and frees the port', async () => {
    const started = await start()
    const socket = open(started)
    await once(socket, 'open')
    const closed = once(socket, 'close')
    await started.server.close()
    await closed
    await expect(start({ port: Number(new URL(started.server.url).port) })).resolves.toBeDefined()
  })
})
