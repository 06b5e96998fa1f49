/** All connections of the browser front, and which of them have authenticated. */
import type { Server as HttpServer, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/**
 * Pending HTTP requests of one connection. Neither browsers nor Prometheus pipeline, and answering a request costs more
 * than sending it. Two, because a client can have the answer before the server knows that it was sent.
 */
const MAX_PENDING = 2

export class Connections {
  readonly #all = new Set<Duplex>()
  /** Unauthenticated connections, the oldest first. */
  readonly #unauthenticated = new Set<Duplex>()
  readonly #scrapes = new Set<Duplex>()
  /** Pending requests of each connection. */
  readonly #pending = new WeakMap<Duplex, number>()

  /** Watches `http`: above `most` unauthenticated connections, the oldest is closed. */
  constructor(http: HttpServer, most: number) {
    http.on('connection', (socket: Duplex) => {
      this.#all.add(socket)
      this.#unauthenticated.add(socket)
      socket.once('close', () => {
        this.#all.delete(socket)
        this.#unauthenticated.delete(socket)
        this.#scrapes.delete(socket)
      })
      const [oldest] = this.#unauthenticated
      if (this.#unauthenticated.size > most) oldest?.destroy()
    })
  }

  /** Marks it as authenticated: it no longer counts as a stranger. */
  admit(socket: Duplex): void {
    this.#unauthenticated.delete(socket)
  }

  /** The same for a connection with the token for scrapes, for up to `most` of them. */
  admitScrape(socket: Duplex, most: number): void {
    if (socket.destroyed || this.#scrapes.size >= most) return
    this.#scrapes.add(socket)
    this.admit(socket)
  }

  /** Whether to answer a request. A connection that pipelines requests is closed. */
  mayRequest(socket: Duplex, response: ServerResponse): boolean {
    const waiting = (this.#pending.get(socket) ?? 0) + 1
    if (waiting > MAX_PENDING) {
      socket.destroy()
      return false
    }
    this.#pending.set(socket, waiting)
    response.once('close', () => this.#pending.set(socket, (this.#pending.get(socket) ?? 1) - 1))
    return true
  }

  /** Closes all of them, including upgraded ones, which the HTTP server no longer tracks. */
  end(): void {
    for (const socket of this.#all) socket.destroy()
  }
}
