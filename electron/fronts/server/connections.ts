/** Every connection of the browser front, and which of them have shown a token. */
import type { Server as HttpServer, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/**
 * Answers that one connection may wait for. Neither browsers nor Prometheus ask on before they have the answer, and each
 * question costs more than sending it. Two, because a client can have an answer before it is known to have gone out.
 */
const MAX_WAITING = 2

export class Connections {
  readonly #all = new Set<Duplex>()
  /** In the order in which they came. */
  readonly #strangers = new Set<Duplex>()
  readonly #scrapes = new Set<Duplex>()
  /** Answers that each waits for. */
  readonly #waiting = new WeakMap<Duplex, number>()

  /** Watches `http`: past `most` connections that have shown no token, the oldest of them is ended for the newest. */
  constructor(http: HttpServer, most: number) {
    http.on('connection', (socket: Duplex) => {
      this.#all.add(socket)
      this.#strangers.add(socket)
      socket.once('close', () => {
        this.#all.delete(socket)
        this.#strangers.delete(socket)
        this.#scrapes.delete(socket)
      })
      const [oldest] = this.#strangers
      if (this.#strangers.size > most) oldest?.destroy()
    })
  }

  /** It has shown a token: strangers do not cost it its place any more. */
  admit(socket: Duplex): void {
    this.#strangers.delete(socket)
  }

  /** It has shown the token of a scrape: the same for `most` at one time. */
  admitScrape(socket: Duplex, most: number): void {
    if (socket.destroyed || this.#scrapes.size >= most) return
    this.#scrapes.add(socket)
    this.admit(socket)
  }

  /** Whether a question is to be answered. One that asks on without waiting for answers is ended. */
  mayAsk(socket: Duplex, response: ServerResponse): boolean {
    const waiting = (this.#waiting.get(socket) ?? 0) + 1
    if (waiting > MAX_WAITING) {
      socket.destroy()
      return false
    }
    this.#waiting.set(socket, waiting)
    response.once('close', () => this.#waiting.set(socket, (this.#waiting.get(socket) ?? 1) - 1))
    return true
  }

  /** Ends all of them, those that were upgraded too, which the HTTP server does not know any more. */
  end(): void {
    for (const socket of this.#all) socket.destroy()
  }
}
