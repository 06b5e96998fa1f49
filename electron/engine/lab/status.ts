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
  foreignSocket: z.string().nullable(),
})
export type TrafficStatus = z.infer<typeof TrafficStatus>

export const Status = Lab.omit({ own: true }).extend({ traffic: TrafficStatus.nullable() })
export type Status = z.infer<typeof Status>

export const AddAnswer = z.object({ member: LabMember, worker: LabWorker })
export type AddAnswer = z.infer<typeof AddAnswer>
export const LatenciesAnswer = z.object({ from: counts, next: counts, data: z.base64() })
