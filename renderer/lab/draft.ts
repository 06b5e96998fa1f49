/** What stands in the two forms before anything starts. It outlives the screen: who comes back finds what was typed. */
import type { z } from 'zod'
import { create } from 'zustand'
import { ListenRequest, TrafficRequest } from '../../electron/contract/lab.ts'

export type ListenDraft = ListenRequest
export type TrafficDraft = Omit<TrafficRequest, 'id'>

const TrafficOnly = TrafficRequest.omit({ id: true })

export const useListenDraft = create<ListenDraft>(() => ListenRequest.parse({ protocol: 'tcp', address: '127.0.0.1' }))
export const useTrafficDraft = create<TrafficDraft>(() => TrafficOnly.parse({}))

/** A field that does not hold, by the name that the contract gives it, and what to change. */
export type Wrong = { readonly field: string; readonly words: string }

/** What is wrong with the form before the engine is asked; null where nothing is. */
export function wrongListen(draft: ListenDraft): Wrong | null {
  if (draft.address.trim() === '')
    return { field: 'address', words: 'Address: give one of this machine, as 127.0.0.1.' }
  return wrongOf(ListenRequest.safeParse(draft), LISTEN_FIELDS)
}

export function wrongTraffic(draft: TrafficDraft): Wrong | null {
  return wrongOf(TrafficOnly.safeParse(draft), TRAFFIC_FIELDS)
}

/** The draft as the engine takes it: of UDP without what only TCP has, and so on, nothing is asked that is not shown. */
export function asked(draft: ListenDraft): ListenRequest {
  const reuseport = draft.taking === 'reuseport'
  return {
    ...draft,
    address: draft.address.trim(),
    answer: draft.protocol === 'udp' ? draft.answer : 'echo',
    v6only: draft.address.includes(':') ? draft.v6only : null,
    steering: reuseport && draft.reuseport ? draft.steering : 'hash',
  }
}

/** The exchanges that these listeners can have. */
export function exchangesOf({ protocol, answer }: Pick<ListenRequest, 'protocol' | 'answer'>): readonly Exchange[] {
  if (protocol === 'tcp') return ['echo', 'hold', 'close']
  return answer === 'dns' ? ['dns', 'send'] : ['echo', 'send']
}
type Exchange = TrafficDraft['exchange']

/** The chosen exchange where these listeners can have it, else the first that they can. */
export function exchangeFor(listening: Pick<ListenRequest, 'protocol' | 'answer'>, chosen: Exchange): Exchange {
  const exchanges = exchangesOf(listening)
  return exchanges.includes(chosen) ? chosen : (exchanges[0] ?? chosen)
}

/** The names of fields on screen. */
const LISTEN_FIELDS: Record<string, string> = {
  address: 'Address',
  port: 'Port',
  listeners: 'Listeners',
  processes: 'Processes',
  backlog: 'Backlog',
  minutes: 'Minutes',
  receiveBuffer: 'Receive buffer',
  steeredTo: 'Steered to',
  accepting: 'Pause',
  interface: 'Interface',
}
const TRAFFIC_FIELDS: Record<string, string> = {
  count: 'Total',
  rate: 'Rate',
  sources: 'Sources',
  flows: 'Clients',
  threads: 'Threads',
  seconds: 'Seconds',
}

function wrongOf(parsed: z.ZodSafeParseResult<unknown>, names: Record<string, string>): Wrong | null {
  const issue = parsed.error?.issues[0]
  if (issue === undefined) return null
  const field = String(issue.path[0] ?? '')
  const name = names[field] ?? field
  return { field, words: `${name}: ${limitWords(issue)}` }
}

function limitWords(issue: z.core.$ZodIssue): string {
  if (issue.code === 'too_small') return `${issue.minimum} is the least.`
  if (issue.code === 'too_big') return `${issue.maximum} is the most.`
  return 'give a number.'
}
