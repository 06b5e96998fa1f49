/** A supervisor's status, checked: what answers on a lab's socket need not be a lab (protocol.h). */
import { z } from 'zod'
import { Lab, LabMember, LabWorker, TrafficRequest } from '../../contract/lab.ts'

const counts = z.number().int().nonnegative()

export const TrafficStatus = z.object({
  pid: z.number().int(),
  request: TrafficRequest.omit({ id: true }),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  elapsedUs: counts,
  sent: counts,
  done: counts,
  refused: counts,
  resets: counts,
  timeouts: counts,
  otherErrors: counts,
  moved: counts,
  samples: counts,
  failed: z.boolean(),
  stranger: z.string().nullable(),
})
export type TrafficStatus = z.infer<typeof TrafficStatus>

/** The contract's names of what the program calls otherwise. */
const CONTRACT_NAMES: Readonly<Record<string, string>> = {
  acceptBehavior: 'accepting',
  acceptModel: 'taking',
  waitStrategy: 'waiting',
  steerTo: 'steeredTo',
  reply: 'answer',
  foreignSocket: 'stranger',
}

/** A status whose `request` and `traffic` have those names. */
function withContractNames(status: unknown): unknown {
  return isRecord(status) ? { ...status, request: renamed(status.request), traffic: renamed(status.traffic) } : status
}

function renamed(value: unknown): unknown {
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [CONTRACT_NAMES[name] ?? name, field]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export const Status = z.preprocess(
  withContractNames,
  Lab.omit({ ours: true }).extend({ traffic: TrafficStatus.nullable() }),
)
export type Status = z.infer<typeof Status>

export const AddAnswer = z.object({ member: LabMember, worker: LabWorker })
export type AddAnswer = z.infer<typeof AddAnswer>
export const LatenciesAnswer = z.object({ from: counts, next: counts, data: z.base64() })
