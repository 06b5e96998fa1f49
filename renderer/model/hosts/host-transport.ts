/** The engine of another host: its channel can be open only while the host is connected. */
import type { HostState } from '../../../electron/contract/hosts.ts'
import type { Channel, Transport } from '../transport/transport.ts'

/** The phase of one host; null where there is no connection. */
export type HostPhase = {
  readonly get: () => HostState | null
  readonly subscribe: (changed: () => void) => () => void
}

/** Waits for the host to be connected, and closes the channel when it is not any more. */
export function hostTransport(name: string, inner: Transport, phase: HostPhase): Transport {
  return {
    peer: name,
    async open(signal) {
      await connected(phase, signal)
      const channel = await inner.open(signal)
      return whileConnected(channel, name, phase)
    },
  }
}

function connected(phase: HostPhase, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (signal.aborted) reject(new Error('The page closed.'))
      else if (phase.get()?.phase !== 'connected') return
      stop()
      signal.removeEventListener('abort', look)
      resolve()
    }
    const stop = phase.subscribe(look)
    signal.addEventListener('abort', look)
    look()
  })
}

function whileConnected(channel: Channel, name: string, phase: HostPhase): Channel {
  const stop = phase.subscribe(() => {
    if (phase.get()?.phase !== 'connected') channel.close(`The connection to ${name} was lost.`)
  })
  void channel.closed.then(stop)
  return channel
}
