/** The store of the lab screen: its forms and its requests, and the hooks that read them. */
import { useStore } from 'zustand'
import type { PageStore } from '../../model/store/store.ts'
import { requiredContext } from '../../ui/required-context.ts'
import { createLabActions, type LabActions, type RequestsState } from './actions.ts'
import { createDrafts, type Drafts, type ListenDraft, type TrafficDraft } from './draft.ts'

export type LabScreenStore = LabActions & { readonly drafts: Drafts }

export function createLabScreenStore(page: PageStore): LabScreenStore {
  const drafts = createDrafts()
  return { ...createLabActions(page, drafts), drafts }
}

export const [LabProvider, useLabActions] = requiredContext<LabScreenStore>('store of the lab')

/** What `select` reads of the requests in progress, their errors, and what the engine offers. */
export function useRequests<Value>(select: (requests: RequestsState) => Value): Value {
  return useStore(useLabActions().state, select)
}

export function useListenDraft(): [draft: ListenDraft, set: (change: Partial<ListenDraft>) => void] {
  const { listen } = useLabActions().drafts
  return [useStore(listen), listen.setState]
}

export function useTrafficDraft(): [draft: TrafficDraft, set: (change: Partial<TrafficDraft>) => void] {
  const { traffic } = useLabActions().drafts
  return [useStore(traffic), traffic.setState]
}
