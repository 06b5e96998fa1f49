/** The state of the two forms. It outlives the screen, so that input is kept when the user comes back. */
import type { z } from 'zod'
import { createStore, type StoreApi } from 'zustand'
import { ListenRequest, TrafficRequest } from '../../../electron/contract/lab.ts'

export type ListenDraft = ListenRequest
export type TrafficDraft = Omit<TrafficRequest, 'id'>

const TrafficOnly = TrafficRequest.omit({ id: true })

export type Drafts = {
  readonly listen: StoreApi<ListenDraft>
  readonly traffic: StoreApi<TrafficDraft>
}

export function createDrafts(): Drafts {
  return {
    listen: createStore<ListenDraft>(() => ListenRequest.parse({ protocol: 'tcp', address: '127.0.0.1' })),
    traffic: createStore<TrafficDraft>(() => TrafficOnly.parse({})),
  }
}

/** An invalid field, by its contract name, and what to change. */
export type InvalidField = { readonly field: string; readonly words: string }

/** Validates the form before sending it; null if valid. */
export function validateListen(draft: ListenDraft): InvalidField | null {
  if (draft.address.trim() === '')
    return { field: 'address', words: 'Address: enter an address of this machine, such as 127.0.0.1.' }
  return wrongOf(ListenRequest.safeParse(draft), LISTEN_FIELDS)
}

export function validateTraffic(draft: TrafficDraft): InvalidField | null {
  return wrongOf(TrafficOnly.safeParse(draft), TRAFFIC_FIELDS)
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

/** Field labels on screen. */
const LISTEN_FIELDS: Record<string, string> = {
  address: 'Address',
  port: 'Port',
  listeners: 'Listeners',
  processes: 'Processes',
  backlog: 'Backlog',
  minutes: 'Minutes',
  receiveBuffer: 'Receive buffer',
  steerTo: 'Steer to member',
  acceptBehavior: 'Pause',
  interface: 'Interface',
}
const TRAFFIC_FIELDS: Record<string, string> = {
  count: 'Total',
  rate: 'Rate',
  sources: 'Sources',
  flows: 'Clients',
  threads: 'Threads',
  seconds: 'Max duration',
}

function wrongOf(parsed: z.ZodSafeParseResult<unknown>, names: Record<string, string>): InvalidField | null {
  const issue = parsed.error?.issues[0]
  if (issue === undefined) return null
  const field = String(issue.path[0] ?? '')
  const name = names[field] ?? field
  return { field, words: `${name}: ${limitText(issue)}` }
}

function limitText(issue: z.core.$ZodIssue): string {
  if (issue.code === 'too_small') return `the minimum is ${issue.minimum}.`
  if (issue.code === 'too_big') return `the maximum is ${issue.maximum}.`
  return 'enter a number.'
}
