/** The engine in Electron: the preload hands one MessagePort over to the page, for each time it is asked. */
import { RPCLink } from '@orpc/client/message-port'
import type { Channel, Transport } from './transport.ts'

const PORT = 'reuseport-inspector/port'
const ASK = 'reuseport-inspector/ask-port'
const PATIENCE_MS = 5000

export function messagePortTransport(page: Window): Transport {
  return {
    peer: 'the engine',
    open: (signal) => receivePort(page, signal).then(channelOf),
  }
}

/** The first port may be posted before anybody listens, so the page always asks. */
function receivePort(page: Window, signal: AbortSignal): Promise<MessagePort> {
  return new Promise((resolve, reject) => {
    const end = new AbortController()
    const fail = (sentence: string) => {
      end.abort()
      reject(new Error(sentence))
    }
    page.addEventListener(
      'message',
      (event: MessageEvent<unknown>) => {
        const port = event.ports[0]
        if (event.source !== page || !hasType(event.data, PORT) || !port) return
        end.abort()
        resolve(port)
      },
      { signal: end.signal },
    )
    const timer = setTimeout(() => fail('The application did not hand over a connection to its engine.'), PATIENCE_MS)
    end.signal.addEventListener('abort', () => clearTimeout(timer))
    signal.addEventListener('abort', () => fail('Given up.'), { signal: end.signal })
    page.postMessage({ type: ASK }, page.location.origin === 'null' ? '*' : page.location.origin)
  })
}

function channelOf(port: MessagePort): Channel {
  const link = new RPCLink({ port })
  let why = 'The engine ended.'
  // Listened to after oRPC's own: what waits for an answer has been ended when the channel says that it is closed.
  const closed = new Promise<string>((resolve) => {
    port.addEventListener('close', () => resolve(why))
  })
  port.start()
  return {
    link,
    closed,
    close: (reason) => {
      why = reason
      port.close()
      // Closing one end tells only the other end.
      port.dispatchEvent(new Event('close'))
    },
  }
}

function hasType(data: unknown, type: string): boolean {
  return typeof data === 'object' && data !== null && 'type' in data && data.type === type
}
