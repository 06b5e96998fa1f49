/** Clients that a page server must tolerate: some without a token, and some with one that read slowly or not at all. */
import { connect, type Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { openPage } from './serve-client.ts'

export type Crowd = {
  /** The number of connections so far. */
  readonly came: () => number
  /** Closes all of them and opens no more. */
  end(): Promise<void>
}

type Visit = (host: string, token: string) => { readonly text: string; readonly next: (socket: Socket) => void }

const hold = () => {}
const upgrade = (host: string, path: string, protocol: string) =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`
const get = (host: string, path: string, token = '') =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${token === '' ? '' : `Authorization: Bearer ${token}\r\n`}\r\n`

/** Without a token. */
const STRANGERS: readonly Visit[] = [
  () => ({ text: '', next: hold }),
  () => ({ text: '', next: (socket) => socket.end() }),
  (host) => ({ text: `GET / HTTP/1.1\r\nHost: ${host}\r\n`, next: hold }),
  (host) => ({ text: get(host, '/'), next: (socket) => socket.end() }),
  (host) => ({ text: get(host, '/').repeat(500), next: (socket) => socket.pause() }),
  (host) => ({ text: get(host, '/metrics'), next: hold }),
  (host) => ({ text: upgrade(host, '/x', 'reuseport-inspector'), next: hold }),
  (host) => ({ text: upgrade(host, '/rpc', 'reuseport-inspector, token.x'), next: (socket) => socket.end() }),
  (host) => ({ text: upgrade(host, '/rpc', 'reuseport-inspector'), next: (socket) => socket.pause() }),
  (host) => ({ text: get(host, '/'), next: (socket) => void socket.resetAndDestroy() }),
  () => ({ text: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', next: hold }),
]
/** With the token of a scrape. */
const SCRAPERS: readonly Visit[] = [
  (host, token) => ({ text: get(host, '/metrics', token), next: (socket) => socket.pause() }),
  (host, token) => ({ text: get(host, '/metrics', token).repeat(20), next: (socket) => socket.pause() }),
  (host, token) => ({
    text: get(host, '/metrics', token),
    next: (socket) => socket.once('data', () => socket.destroy()),
  }),
]
/** More than the server admits: connections that it does not close are closed here, oldest first. */
const MAX_HELD = 200

/** Connections of each kind in turn, at this rate per second; each stays open even after the server has closed it. */
function visits(url: URL, token: string, kinds: readonly Visit[], perSecond: number): Crowd {
  const held = new Set<Socket>()
  let came = 0
  const timer = setInterval(() => {
    const visit = kinds[came++ % kinds.length]?.(url.host, token)
    const socket = connect({ host: url.hostname, port: Number(url.port), allowHalfOpen: true })
    held.add(socket)
    socket.on('error', hold)
    socket.once('close', () => held.delete(socket))
    socket.resume()
    socket.once('connect', () => socket.write(visit?.text ?? '', () => visit?.next(socket)))
    const [oldest] = held
    if (held.size > MAX_HELD) oldest?.destroy()
  }, 1000 / perSecond)
  return {
    came: () => came,
    end: async () => {
      clearInterval(timer)
      for (const socket of held) socket.destroy()
    },
  }
}

/** A page that requests all groups again and again; `reads`: it reads replies never, or briefly every few seconds. */
function page(url: URL, token: string, reads: 'never' | 'seldom'): Crowd {
  let came = 0
  let socket: WebSocket | null = null
  let ended = false
  const live = async () => {
    while (!ended) {
      // If the server is full, or while it makes room.
      const opened = await openPage(url, token).catch(() => null)
      if (opened === null) continue
      if (ended) return opened.terminate()
      came++
      socket = opened
      opened.on('error', hold)
      opened.pause()
      let id = 0
      const turn = setInterval(
        () => {
          const body = JSON.stringify({ i: String(id++), p: { u: '/groups/changes', b: { json: { all: true } } } })
          if (opened.bufferedAmount < 1 << 20) opened.send(body, hold)
          if (reads === 'never') return
          if (id % 10 === 0) opened.resume()
          else opened.pause()
        },
        // Unread replies soon cost nothing; read ones are computed, and must not take all of the server's time.
        reads === 'never' ? 50 : 500,
      )
      await new Promise<void>((resolve) => opened.once('close', () => resolve()))
      clearInterval(turn)
    }
  }
  const living = live()
  return {
    came: () => came,
    end: async () => {
      ended = true
      socket?.terminate()
      await living
    },
  }
}

/** All of them at once. */
export function startCrowd(url: URL, token: string): Crowd {
  const crowd = [
    visits(url, token, STRANGERS, 60),
    visits(url, token, SCRAPERS, 5),
    ...Array.from({ length: 3 }, () => page(url, token, 'never')),
    ...Array.from({ length: 3 }, () => page(url, token, 'seldom')),
  ]
  return {
    came: () => crowd.reduce((sum, { came }) => sum + came(), 0),
    end: async () => void (await Promise.all(crowd.map((each) => each.end()))),
  }
}
