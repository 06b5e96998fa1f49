/** The kernel's own groups as a screen shows them, live or from a snapshot. */
import type { KernelGroup } from '../../contract/kernel-group.ts'
import { programLines } from '../../contract/kernel-group-text.ts'
import type { KernelGroupSummary } from '../../contract/live.ts'
import { programDecides } from '../../contract/program-targets.ts'

/** `numberOf`: the number of the member with a cookie, from 1; null for any other socket. */
export function kernelSummary(group: KernelGroup, numberOf: (cookie: string) => number | null): KernelGroupSummary {
  const { id, members, halfOpen, closed, maxSocks, bindInany, hasConns } = group
  const nameOf = (cookie: string) => {
    const number = numberOf(cookie)
    return number === null ? `socket ${cookie}` : `member ${number}`
  }
  return {
    id,
    members: members.length,
    halfOpen: halfOpen === null ? null : halfOpen.reduce((sum, count) => sum + count, 0),
    closed: closed.length,
    maxSocks,
    bindInany,
    hasConns,
    program: programLines(group, nameOf),
    decides: programDecides([group]),
  }
}
