/** The state of the two forms. It outlives the screen, so that input is kept when the user comes back. */
import { createStore, type StoreApi } from 'zustand'
import { DEFAULT_LISTENERS, DEFAULT_TRAFFIC } from '../../../electron/contract/default-requests.ts'
import type { ListenRequest, TrafficRequest } from '../../../electron/contract/lab.ts'

export type ListenDraft = ListenRequest
export type TrafficDraft = Omit<TrafficRequest, 'id'>

export type Drafts = {
  readonly listen: StoreApi<ListenDraft>
  readonly traffic: StoreApi<TrafficDraft>
}

export function createDrafts(): Drafts {
  return {
    listen: createStore<ListenDraft>(() => ({ protocol: 'tcp', address: '127.0.0.1', ...DEFAULT_LISTENERS })),
    traffic: createStore<TrafficDraft>(() => DEFAULT_TRAFFIC),
  }
}

/** The draft as a request: fields that are hidden for the chosen protocol or model get their defaults. */
export function toRequest(draft: ListenDraft): ListenRequest {
  const reuseport = draft.acceptModel === 'reuseport'
  return {
    ...draft,
    address: draft.address.trim(),
    reply: draft.protocol === 'udp' ? draft.reply : 'echo',
    v6only: draft.address.includes(':') ? draft.v6only : null,
    steering: reuseport && draft.reuseport ? draft.steering : 'hash',
  }
}

/** The exchanges that these listeners support. */
export function exchangesOf({ protocol, reply }: Pick<ListenRequest, 'protocol' | 'reply'>): readonly Exchange[] {
  if (protocol === 'tcp') return ['echo', 'hold', 'close']
  return reply === 'dns' ? ['dns', 'send'] : ['echo', 'send']
}
type Exchange = TrafficDraft['exchange']

/** The chosen exchange if these listeners support it, else the first that they do. */
export function exchangeFor(listening: Pick<ListenRequest, 'protocol' | 'reply'>, chosen: Exchange): Exchange {
  const exchanges = exchangesOf(listening)
  return exchanges.includes(chosen) ? chosen : (exchanges[0] ?? chosen)
}
