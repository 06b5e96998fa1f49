/** Which processes serve a member: not every process with a descriptor does. */
import type { Collector } from '../collect/collector.ts'
import type { FrameView } from '../collect/frame-view.ts'

/**
 * The processes that poll the socket; if there are none or that is unknown, its holders without the parents of other
 * holders, which are masters that only pass their sockets on. Empty if no holder is visible.
 */
export function servingPids(collector: Collector, frame: FrameView, socket: number): readonly number[] {
  const pollers = frame.pollersOf(socket)
  if (pollers !== null && pollers.length > 0) return pollers
  if (!frame.isHeld(socket)) return []
  return withoutParents(collector, frame.holderPids(socket))
}

export function withoutParents(collector: Collector, pids: readonly number[]): readonly number[] {
  if (pids.length < 2) return pids
  const parents = new Set(pids.map((pid) => collector.processTable.processes.get(pid)?.parent))
  return pids.filter((pid) => !parents.has(pid))
}
