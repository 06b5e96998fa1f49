/** One admitted WebSocket: requests in, answers out, within limits. */
import type { AnyRouter } from '@orpc/server'
import { RPCHandler } from '@orpc/server/ws'
import type { WebSocket } from 'ws'
import { limitRequests } from '../../host/request-limit.ts'
import { isRequestMessage } from '../../host/request-message.ts'
import { CloseCode } from './admission.ts'

export type ConnectionLimits = {
  /** Pending requests of one page. */
  readonly pendingRequests: number
  /** Unsent bytes above which nothing more is read from the page, and no request of it starts. */
  readonly fullBytes: number
  /** Unsent bytes above which the page is disconnected. It can request everything again: streams are polled. */
  readonly unreadBytes: number
}

/** Serves the contract on `socket` until it closes. A frame that is not a request closes it. */
export function connect(socket: WebSocket, router: AnyRouter, limits: ConnectionLimits): void {
  const room = new Backpressure(socket, limits.fullBytes)
  const handler = new RPCHandler(router, {
    interceptors: [
      limitRequests(limits.pendingRequests),
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
      if (isBinary) return socket.close(CloseCode.unsupported, 'Text frames only.')
      const text = data.toString()
      if (!isRequestMessage(text)) return socket.close(CloseCode.malformed, 'Not a valid request.')
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

/** Backpressure: while a page does not read its answers, nothing is read from it, so it cannot request more. */
class Backpressure {
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

  /** Call after something was queued or sent. */
  readonly changed = (): void => {
    if (this.#full) this.#socket.pause()
    else {
      this.#socket.resume()
      this.#wake()
    }
  }

  /** Resolves when there is room, or the socket has closed. */
  async wait(): Promise<void> {
    while (this.#full) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
