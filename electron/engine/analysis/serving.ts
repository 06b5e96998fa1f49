/** Which processes serve a member: not every process with a descriptor does. */
import type { Inspection } from '../inspection.ts'
import type { Picture } from '../picture.ts'

/**
 * The processes that poll the socket; if there are none or that is unknown, its holders without the parents of other
 * holders, which are masters that only pass their sockets on. Empty if no holder is visible.
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
