/** Generations of a group: processes that started together, as after a reload. */
import type { MemberEntry } from './member-entry.ts'

/** Processes that started at most this far apart belong together. */
const TOGETHER_MS = 5000

export type Generation = {
  /** Start of its first process, in milliseconds since the epoch. */
  startedAt: number
  /** Start of its last process. */
  until: number
  processes: number
  members: number
}

/** Oldest first. Members without a visible owner of known start time are in none. */
export function generationsOf(members: readonly Pick<MemberEntry, 'owner' | 'presence'>[]): Generation[] {
  const byProcess = new Map<number, { startedAt: number; members: number }>()
  for (const { owner, presence } of members) {
    if (presence === 'gone' || !owner?.startedAt) continue
    const process = byProcess.get(owner.pid)
    if (process) process.members++
    else byProcess.set(owner.pid, { startedAt: Date.parse(owner.startedAt), members: 1 })
  }
  const generations: Generation[] = []
  for (const { startedAt, members } of [...byProcess.values()].sort((a, b) => a.startedAt - b.startedAt)) {
    const last = generations.at(-1)
    if (last && startedAt - last.until <= TOGETHER_MS) {
      last.until = startedAt
      last.processes++
      last.members += members
    } else generations.push({ startedAt, until: startedAt, processes: 1, members })
  }
  return generations
}
