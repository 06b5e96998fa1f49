/** One admitted socket: requests in, answers out, within bounds. */
import { RPCHandler } from '@orpc/server/ws'
import type { WebSocket } from 'ws'
import { type EngineRouter, limitPending } from '../../host/pending.ts'
import { isRequestFrame } from '../../host/request-frame.ts'
import { CloseCode } from './admission.ts'

export type ConnectionLimits = {
  /** Questions of one page that may wait at once. */
  readonly pendingRequests: number
  /** Bytes that were sent and not taken. Past it nothing more is read from the page, and nothing that it asked begins. */
  readonly fullBytes: number
  /** The same from answers to what had begun before. A page past it is cut off: it reads by asking, so it lost nothing that it cannot ask for again. */
  readonly unreadBytes: number
}

/** Answers the contract on `socket` until it closes. A frame that is no request ends it. */
export function connect(socket: WebSocket, router: EngineRouter, limits: ConnectionLimits): void {
  const room = new Room(socket, limits.fullBytes)
  const handler = new RPCHandler(router, {
    interceptors: [
      limitPending(limits.pendingRequests),
      async ({ next }) => {
        await room.wait()
        return next()
      },
    ],
  })

  const listen = (type: 'message' | 'close', listener: (event: { data: unknown }) => void): void => {
    if (type === 'close') {
      socket.on('close', () => listener({ data: null }))
      return
    }
    socket.on('message', (data, isBinary) => {
      if (isBinary) return socket.close(CloseCode.unsupported, 'Only text is spoken here.')
      const text = data.toString()
      if (!isRequestFrame(text)) return socket.close(CloseCode.malformed, 'That is no request.')
      listener({ data: text })
    })
  }
  const send = (data: unknown): void => {
    if (socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > limits.unreadBytes) socket.terminate()
    else {
      socket.send(data as string, room.changed)
      room.changed()
    }
  }
  handler.upgrade({ addEventListener: listen as WebSocket['addEventListener'], send: send as WebSocket['send'] })
}

/** Whether a page takes what it is sent. Without room it is not read from, so that it cannot ask for more. */
class Room {
  readonly #socket: WebSocket
  readonly #bytes: number
  #waiting: (() => void)[] = []

  constructor(socket: WebSocket, bytes: number) {
    this.#socket = socket
    this.#bytes = bytes
    socket.on('close', () => this.#wake())
  }

  get #full(): boolean {
    return this.#socket.readyState === this.#socket.OPEN && this.#socket.bufferedAmount > this.#bytes
  }

  /** To be called when something was sent, or taken. */
  readonly changed = (): void => {
    if (this.#full) this.#socket.pause()
    else {
      this.#socket.resume()
      this.#wake()
    }
  }

  /** Resolves when there is some, or the page is gone. */
  async wait(): Promise<void> {
    while (this.#full) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
