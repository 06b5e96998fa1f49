/** Every connection of the browser front, and which of them have shown a token. */
import type { Server as HttpServer } from 'node:http'
import type { Duplex } from 'node:stream'

export class Connections {
  readonly #all = new Set<Duplex>()
  /** In the order in which they came. */
  readonly #strangers = new Set<Duplex>()

  /** Watches `http`: past `most` connections that have shown no token, the oldest of them is ended for the newest. */
  constructor(http: HttpServer, most: number) {
    http.on('connection', (socket: Duplex) => {
      this.#all.add(socket)
      this.#strangers.add(socket)
      socket.once('close', () => {
        this.#all.delete(socket)
        this.#strangers.delete(socket)
      })
      const [oldest] = this.#strangers
      if (this.#strangers.size > most) oldest?.destroy()
    })
  }

  /** It has shown a token: strangers do not cost it its place any more. */
  admit(socket: Duplex): void {
    this.#strangers.delete(socket)
  }

  /** Ends all of them, those that were upgraded too, which the HTTP server does not know any more. */
  end(): void {
    for (const socket of this.#all) socket.destroy()
  }
}
