/** Which processes serve a member: not everyone who holds a descriptor does. */
import type { Inspection } from '../inspection.ts'
import type { Picture } from '../picture.ts'

/**
 * Those that poll it; where that is not known or nobody does, those that hold it but for the parents of other holders:
 * a master that only hands its sockets on. Empty where no holder may be seen.
 */
export function servingPids(inspection: Inspection, picture: Picture, socket: number): readonly number[] {
  const pollers = picture.pollersOf(socket)
  if (pollers !== null && pollers.length > 0) return pollers
  return withoutParents(inspection, picture.holderPids(socket))
}

export function withoutParents(inspection: Inspection, pids: readonly number[]): readonly number[] {
  if (pids.length < 2) return pids
  const parents = new Set(pids.map((pid) => inspection.owners.processes.get(pid)?.parent))
  return pids.filter((pid) => !parents.has(pid))
}
