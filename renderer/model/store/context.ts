/** Gives the page's store to its components, which read it with these hooks. */
import { useEffect, useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import { requiredContext } from '../../ui/required-context.ts'
import { useNow } from '../../ui/use-now.ts'
import type { GroupEntry } from '../groups/group-table.ts'
import type { EngineClient } from '../transport/transport.ts'
import { clockDifference } from './engine-clock.ts'
import type { EventsState } from './events.ts'
import type { FindingsState } from './findings.ts'
import type { LabState } from './lab.ts'
import type { Session } from './session.ts'
import type { PageStore } from './store.ts'
import type { ViewState } from './view.ts'

export const [StoreProvider, usePageStore] = requiredContext<PageStore>('store')

/** What `select` reads of the session; the caller is rendered again when that changes. */
export function useSession<Value>(select: (session: Session) => Value): Value {
  return useStore(usePageStore().session, select)
}

export function useView<Value>(select: (view: ViewState) => Value): Value {
  return useStore(usePageStore().view.state, select)
}

export function useFindings<Value>(select: (findings: FindingsState) => Value): Value {
  return useStore(usePageStore().findings.state, select)
}

export function useEvents<Value>(select: (events: EventsState) => Value): Value {
  return useStore(usePageStore().events.state, select)
}

export function useLab<Value>(select: (lab: LabState) => Value): Value {
  return useStore(usePageStore().lab.state, select)
}

/** The groups that match the filter: a new array whenever the order changes. */
export function useVisibleGroups(): readonly GroupEntry[] {
  const { groups } = usePageStore().view
  return useSyncExternalStore(groups.subscribe, () => groups.order)
}

/** The engine's time in milliseconds since the epoch, updated every `ms`. */
export function useEngineNow(ms: number): number {
  return useNow(ms) + useSession(clockDifference)
}

/** Calls `load` with each new client: that is a new connection, perhaps to another engine. */
export function useEachClient(load: (client: EngineClient, signal: AbortSignal) => Promise<unknown>): void {
  const client = useSession((session) => session.client)
  useEffect(() => {
    if (client === null) return
    const end = new AbortController()
    void load(client, end.signal)
    return () => end.abort()
  }, [client, load])
}
