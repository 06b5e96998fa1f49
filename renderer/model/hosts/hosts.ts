/** This machine and the hosts that are connected: which one the page shows, and the store of each. */
import { safe } from '@orpc/client'
import { createStore, type StoreApi, useStore } from 'zustand'
import type { PeerName } from '../../../electron/contract/channels.ts'
import type { Problem } from '../../../electron/contract/errors.ts'
import type { HostConnection, KnownHost } from '../../../electron/contract/hosts.ts'
import { requiredContext } from '../../ui/required-context.ts'
import { problemOf } from '../store/problem.ts'
import { createPageStore, type PageStore } from '../store/store.ts'
import type { Transport } from '../transport/transport.ts'
import { type HostPhase, hostTransport } from './host-transport.ts'
import { followHosts, type HostsClient } from './hosts-client.ts'
import { shareSettings } from './share-settings.ts'

export type HostsState = {
  /** null where other hosts are not offered, or cannot be reached now. */
  readonly client: HostsClient | null
  readonly connections: readonly HostConnection[]
  /** The shown host; null: this machine. */
  readonly shown: string | null
  /** The host whose connecting the dialog shows; null: the choice of a host. */
  readonly chosen: string | null
  /** The stores of the hosts that were connected, by name. */
  readonly stores: ReadonlyMap<string, PageStore>
}

export type Hosts = {
  readonly state: StoreApi<HostsState>
  /** This machine's. */
  readonly near: PageStore
  /** Follows the connections, and every host that is connected. Returns a function that ends it. */
  readonly start: (transportTo: (peer: PeerName) => Transport) => () => void
  /** The hosts to choose from. */
  readonly known: () => Promise<{ readonly known: readonly KnownHost[] } | { readonly problem: Problem }>
  /** The containers on this machine, once their daemons have answered; none where they do not. */
  readonly containers: () => Promise<readonly KnownHost[]>
  /** Connects, or tries again now; null, or why that is not possible. */
  readonly connect: (name: string) => Promise<Problem | null>
  /** Answers a question; null cancels it. */
  readonly answer: (name: string, question: string, text: string | null) => Promise<void>
  readonly disconnect: (name: string) => Promise<void>
  /** Shows a host, if it was connected; null: this machine. */
  readonly show: (name: string | null) => void
  /** Has the dialog show the connecting of a host; null: the choice of a host. */
  readonly choose: (name: string | null) => void
}

const NOT_OFFERED: Problem = {
  operation: 'connect to other hosts',
  cause: 'the engine of this machine does not answer',
  hint: 'Try again when it does.',
}

export function createHosts(near: PageStore): Hosts {
  const state = createStore<HostsState>(() => ({
    client: null,
    connections: [],
    shown: null,
    chosen: null,
    stores: new Map(),
  }))
  /** Functions that end the connections of the stores. */
  const ends = new Map<string, () => void>()
  const settings = shareSettings(near.session)

  const phaseOf = (name: string): HostPhase => ({
    get: () => connectionOf(state.getState(), name)?.state ?? null,
    subscribe: state.subscribe,
  })

  const add = (name: string, transportTo: (peer: PeerName) => Transport): PageStore => {
    const store = createPageStore()
    const stopSharing = settings.add(store.session)
    const stop = store.start(hostTransport(name, transportTo(`host/${name}`), phaseOf(name)))
    ends.set(name, () => {
      stop()
      stopSharing()
    })
    return store
  }

  const take = (connections: readonly HostConnection[], transportTo: (peer: PeerName) => Transport) => {
    const { stores, shown } = state.getState()
    const next = new Map(stores)
    for (const name of stores.keys()) {
      if (connections.some((connection) => connection.name === name)) continue
      ends.get(name)?.()
      ends.delete(name)
      next.delete(name)
    }
    for (const { name, state: link } of connections) {
      if (link.phase === 'connected' && !next.has(name)) next.set(name, add(name, transportTo))
      const store = next.get(name)
      if (link.phase === 'connected' && link.clockAheadMs !== null)
        store?.session.setState({ clockAheadMs: link.clockAheadMs })
    }
    state.setState({ connections, stores: next, shown: shown !== null && next.has(shown) ? shown : null })
  }

  const perform = async (
    operation: string,
    act: (client: HostsClient) => Promise<unknown>,
  ): Promise<Problem | null> => {
    const { client } = state.getState()
    if (client === null) return NOT_OFFERED
    const { error } = await safe(act(client))
    return error ? problemOf(error, operation) : null
  }

  return {
    state,
    near,
    start(transportTo) {
      const end = new AbortController()
      const events = {
        client: (client: HostsClient | null) => state.setState({ client }),
        connections: (connections: readonly HostConnection[]) => take(connections, transportTo),
      }
      void followHosts(transportTo('hosts'), near.session, events, end.signal)
      return () => {
        end.abort()
        take([], transportTo)
      }
    },
    async known() {
      const { client } = state.getState()
      if (client === null) return { problem: NOT_OFFERED }
      const { error, data } = await safe(client.known())
      return error ? { problem: problemOf(error, 'list the hosts') } : { known: data }
    },
    async containers() {
      const { client } = state.getState()
      return client === null ? [] : ((await safe(client.containers())).data ?? [])
    },
    connect: (name) => perform(`connect to ${name}`, (client) => client.connect({ name })),
    async answer(name, question, text) {
      await perform('answer a question', (client) => client.answer({ name, question, text }))
    },
    async disconnect(name) {
      await perform(`disconnect ${name}`, (client) => client.disconnect({ name }))
    },
    show(name) {
      if (name === null || state.getState().stores.has(name)) state.setState({ shown: name })
    },
    choose: (chosen) => state.setState({ chosen }),
  }
}

export function connectionOf({ connections }: HostsState, name: string): HostConnection | undefined {
  return connections.find((connection) => connection.name === name)
}

export const [HostsProvider, useHostsOfPage] = requiredContext<Hosts>('list of hosts')

/** What `select` reads of the hosts; the caller is rendered again when that changes. */
export function useHosts<Value>(select: (hosts: HostsState) => Value): Value {
  return useStore(useHostsOfPage().state, select)
}

/** Whether what root sees can be shown: where hosts are offered, and this program does not have root's permissions itself. */
export function useRootOffered(): boolean {
  const { near } = useHostsOfPage()
  const uid = useStore(near.session, ({ machine }) => machine?.host.uid ?? 0)
  return useHosts(({ client }) => client !== null) && uid !== 0
}

/** The connection to the shown host; null for this machine. */
export function useShownConnection(): HostConnection | null {
  return useHosts((hosts) => (hosts.shown === null ? null : (connectionOf(hosts, hosts.shown) ?? null)))
}
