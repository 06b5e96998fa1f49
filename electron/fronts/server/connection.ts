/** One admitted socket: requests in, answers out, within bounds. */
import { RPCHandler } from '@orpc/server/ws'
import type { WebSocket } from 'ws'
import { type EngineRouter, limitPending } from '../../host/pending.ts'
import { isRequestFrame } from '../../host/request-frame.ts'
import { CloseCode } from './admission.ts'

export type ConnectionLimits = {
  /** Questions of one page that may wait at once. */
  readonly pendingRequests: number
  /** Bytes that were sent and not taken. A page past it is cut off: it reads by asking, so it lost nothing that it cannot ask for again. */
  readonly unreadBytes: number
}

/** Answers the contract on `socket` until it closes. A frame that is no request ends it. */
export function connect(socket: WebSocket, router: EngineRouter, limits: ConnectionLimits): void {
  const handler = new RPCHandler(router, { interceptors: [limitPending(limits.pendingRequests)] })

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
    else socket.send(data as string)
  }
  handler.upgrade({ addEventListener: listen as WebSocket['addEventListener'], send: send as WebSocket['send'] })
}
