/** The page's side of the connections to other hosts: follows them, and does what the user wants. */
import { createORPCClient } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import type { HostConnection, HostsContract } from '../../../electron/contract/hosts.ts'
import type { SessionStore } from '../store/session.ts'
import type { Channel, Transport } from '../transport/transport.ts'

export type HostsClient = ContractRouterClient<HostsContract>

export type HostsEvents = {
  /** null: other hosts are not offered, or cannot be reached now. */
  readonly client: (client: HostsClient | null) => void
  readonly connections: (connections: readonly HostConnection[]) => void
}

const RETRY_MS = 1000

/**
 * Follows the connections until `signal` is aborted, while this machine's engine is connected. Where the first request
 * fails, hosts are not offered; it is tried again with the engine's next connection.
 */
export async function followHosts(
  transport: Transport,
  near: SessionStore,
  events: HostsEvents,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const { client } = await nextEngine(near, null, signal)
    const answered = await followOnce(transport, events, signal)
    events.client(null)
    if (answered) await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    else await nextEngine(near, client, signal)
  }
}

/** Whether it answered at all. */
async function followOnce(transport: Transport, events: HostsEvents, signal: AbortSignal): Promise<boolean> {
  let channel: Channel | null = null
  let after: string | undefined
  try {
    channel = await transport.open(signal)
    const client = createORPCClient<HostsClient>(channel.link)
    while (!signal.aborted) {
      const change = await client.changes({ after }, { signal })
      if (after === undefined) events.client(client)
      after = change.cursor
      events.connections(change.connections)
    }
  } catch {
    // The channel was closed, which is what the engine's own connection reports.
  }
  channel?.close('It is no longer needed.')
  return after !== undefined
}

/**
 * The engine's client, other than `known`; null when `signal` is aborted. In an object, because a client that a promise
 * resolves to is another object each time.
 */
function nextEngine(near: SessionStore, known: unknown, signal: AbortSignal): Promise<{ client: unknown }> {
  return new Promise((resolve) => {
    const look = () => {
      const { client } = near.getState()
      if (!signal.aborted && (client === null || client === known)) return
      stop()
      signal.removeEventListener('abort', look)
      resolve({ client })
    }
    const stop = near.subscribe(look)
    signal.addEventListener('abort', look)
    look()
  })
}
