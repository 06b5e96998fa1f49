/** Who holds members, summarized so that two moments can be compared. */
import type { HoldingCommand } from '../../contract/comparison.ts'
import type { Holder } from '../../contract/model.ts'

type HeldMember = { readonly holders: readonly Holder[] | null }
/** A process, distinct from a later one with the same pid. */
export type ProcessIdentity = { readonly pid: number; readonly startedAt: string | null }

/** Processes by command, each counted once, the most frequent first. */
export function ownersOf(members: readonly HeldMember[]): HoldingCommand[] {
  const commands = new Map<string, Set<number>>()
  for (const { holders } of members) {
    for (const { command, pid } of holders ?? []) {
      const pids = commands.get(command)
      if (pids === undefined) commands.set(command, new Set([pid]))
      else pids.add(pid)
    }
  }
  return [...commands]
    .map(([command, pids]) => ({ command, processes: pids.size }))
    .sort((a, b) => b.processes - a.processes || (a.command < b.command ? -1 : 1))
}

/** The processes that hold any of them, each once, by pid. */
export function pidsOf(members: readonly HeldMember[]): ProcessIdentity[] {
  const processes = new Map<string, ProcessIdentity>()
  for (const { holders } of members) {
    for (const { pid, startedAt } of holders ?? []) processes.set(`${pid} ${startedAt}`, { pid, startedAt })
  }
  return [...processes.values()].sort((a, b) => a.pid - b.pid)
}

/** True where the same programs hold them, whatever the number of processes. */
export function sameCommands(before: readonly HoldingCommand[], after: readonly HoldingCommand[]): boolean {
  const names = (list: readonly HoldingCommand[]) => list.map(({ command }) => command).sort()
  const [one, other] = [names(before), names(after)]
  return one.length === other.length && one.every((name, at) => name === other[at])
}

export function sameProcesses(before: readonly ProcessIdentity[], after: readonly ProcessIdentity[]): boolean {
  return (
    before.length === after.length &&
    before.every(({ pid, startedAt }, at) => pid === after[at]?.pid && startedAt === after[at]?.startedAt)
  )
}

/** When the newest process that holds one of them started; null where that is not known. */
export function startOfNewest(members: readonly HeldMember[]): string | null {
  const starts = pidsOf(members).flatMap(({ startedAt }) => startedAt ?? [])
  return starts.sort().at(-1) ?? null
}
