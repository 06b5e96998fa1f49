/** The rows of a lab's table: each worker with the member that it accepts from. */
import type { Lab, LabMember, LabWorker } from '../../../electron/contract/lab.ts'

export type WorkerRow = {
  readonly worker: LabWorker
  /** The single listener, where all share it; null if it is not (or no longer) reported. */
  readonly member: LabMember | null
  /** Share of the total, from 0 to 1; null while nothing was received. */
  readonly share: number | null
}

/** Numbered as on the group screen: from 1, in the order in which they were opened. */
export function numberOf({ index }: { index: number }): number {
  return index + 1
}

/** In the order of the workers. */
export function workerRows({ workers, members }: Pick<Lab, 'workers' | 'members'>): readonly WorkerRow[] {
  const byIndex = new Map(members.map((member) => [member.index, member]))
  const total = workers.reduce((sum, { received }) => sum + received, 0)
  return workers.map((worker) => ({
    worker,
    member: byIndex.get(worker.member) ?? null,
    share: total === 0 ? null : worker.received / total,
  }))
}

/** Total received by all workers. */
export function receivedByAll({ workers }: Pick<Lab, 'workers'>): number {
  return workers.reduce((sum, { received }) => sum + received, 0)
}
