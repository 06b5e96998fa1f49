/** The engine in Electron: on request, the preload transfers a MessagePort to the page. */
import { RPCLink } from '@orpc/client/message-port'
import { ASK_PORT, NO_PORT, type PeerName, PORT } from '../../../electron/contract/channels.ts'
import { isProblem } from '../../../electron/contract/is-problem.ts'
import type { Channel, Transport } from './transport.ts'

const TIMEOUT_MS = 5000
/** When the engine exits, its port closes and the application sends the reason, in either order. */
const REASON_MS = 500

export function messagePortTransport(page: Window, peer: PeerName = 'engine'): Transport {
  return {
    peer: 'the engine',
    open: async (signal) => channelOf(page, await receivePort(page, peer, signal)),
  }
}

/** A port posted before the page listens would be lost, so the page always requests it. */
function receivePort(page: Window, peer: PeerName, signal: AbortSignal): Promise<MessagePort> {
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
        if (isFromPreload(page, event, NO_PORT)) fail(reasonOf(event.data))
        else if (isFromPreload(page, event, PORT) && isOfPeer(event.data, peer) && port) {
          end.abort()
          resolve(port)
        }
      },
      { signal: end.signal },
    )
    const timer = setTimeout(() => fail('The application provided no connection to its engine.'), TIMEOUT_MS)
    end.signal.addEventListener('abort', () => clearTimeout(timer))
    signal.addEventListener('abort', () => fail('The page closed.'), { signal: end.signal })
    page.postMessage({ type: ASK_PORT, peer }, page.origin)
  })
}

/** The channel over a port whose other end an engine serves. `page`: the window that receives why the engine exited. */
export function channelOf(page: Window, port: MessagePort): Channel {
  const link = new RPCLink({ port })
  const end = new AbortController()
  let why: string | null = null
  let settle: (reason: string) => void = () => {}
  const close = (reason: string) => {
    why = reason
    port.close()
    // Closing one end only notifies the other end.
    port.dispatchEvent(new Event('close'))
  }
  // Registered after oRPC's own listener: pending requests have failed by the time the channel reports that it is
  // closed.
  const closed = new Promise<string>((resolve) => {
    settle = (reason) => {
      end.abort()
      resolve(reason)
    }
  })
  port.addEventListener('close', () => {
    if (why !== null) settle(why)
    else setTimeout(() => settle('The engine exited.'), REASON_MS)
  })
  // Not every Chromium notifies a page when the other end of its port is gone; the application does.
  page.addEventListener(
    'message',
    (event: MessageEvent<unknown>) => {
      if (isFromPreload(page, event, NO_PORT)) close(reasonOf(event.data))
    },
    { signal: end.signal },
  )
  port.start()
  return { link, closed, close }
}

/** True for a message from this window itself, where the preload is the only other sender. */
function isFromPreload(page: Window, event: MessageEvent<unknown>, type: string): boolean {
  return event.source === page && event.origin === page.origin && hasType(event.data, type)
}

function isOfPeer(data: unknown, peer: PeerName): boolean {
  return typeof data === 'object' && data !== null && 'peer' in data && data.peer === peer
}

function reasonOf(data: unknown): string {
  const problem = typeof data === 'object' && data !== null && 'problem' in data ? data.problem : null
  if (!isProblem(problem)) return 'The engine exited.'
  const { operation: asked, cause, hint } = problem
  return `Could not ${asked}: ${cause}.${hint === null ? '' : ` ${hint}`}`
}

function hasType(data: unknown, type: string): boolean {
  return typeof data === 'object' && data !== null && 'type' in data && data.type === type
}
