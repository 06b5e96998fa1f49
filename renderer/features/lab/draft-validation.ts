/** What the forms of the lab reject before anything is sent. Loaded when a form is sent. */
import '../../model/no-eval.ts'
import type { z } from 'zod'
import { ListenRequest, TrafficRequest } from '../../../electron/contract/lab.ts'
import type { ListenDraft, TrafficDraft } from './draft.ts'

const TrafficOnly = TrafficRequest.omit({ id: true })

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
