/**
 * Old and new processes of one program serve side by side: a reload that did not finish. Derived from the start times
 * of the serving processes: two clusters of one command, further apart than both are wide together. Workers that start
 * one after another are one cluster. Peers are not generations: forks of one master, which closes or keeps their
 * listeners itself, and instances started with another configuration or as another unit.
 */
import { nameOf, text } from '../../../common/prose.ts'
import { processes, show } from '../../steps/parts.ts'
import type { FindingType } from '../finding-type.ts'
import { counted, endpointName } from '../phrases.ts'
import { type GroupView, number, type ProcessView, percent } from '../rule.ts'

/** Workers of one start follow each other faster than this. */
const APART_MS = 1000

export default {
  importance: 60,
  tag: 'old and new',
  cause: 'reload',
  clause: 'old and new processes serve side by side',
  source:
    'The start time of each process that serves a member is read from /proc. Two clusters of start times of one program that are further apart than either is wide count as two generations.',
  steps: (facts) => [show(facts), ...processes(facts)],
  rule: () => ({
    trigger: 'structure',
    debounce: { hits: 3, of: 4, clearAfter: 2 },
    examine(group, { now }) {
      if (group.sharing !== 'reuseport' || group.receiving < 2) return null
      const pids = group.servers
      if (pids.size < 2) return null
      const byCommand = new Map<string, Started[]>()
      for (const pid of pids) {
        const process = group.process(pid)
        if (process === null || process.startedAt === null) continue
        const same = byCommand.get(process.command)
        const started = { ...process, startedAt: process.startedAt }
        if (same === undefined) byCommand.set(process.command, [started])
        else same.push(started)
      }
      for (const [command, processes] of byCommand) {
        const split = splitByStart(processes)
        if (split !== null && !arePeers(group, command, split)) return verdict(group, command, split, now)
      }
      return null
    },
  }),
} satisfies FindingType

type Started = ProcessView & { startedAt: number }
type Split = { older: Started[]; newer: Started[]; gap: number }

/** The two clusters at the widest gap; null if there is no gap, or it is no wider than both clusters together. */
export function splitByStart(processes: readonly Started[]): Split | null {
  const sorted = [...processes].sort((a, b) => a.startedAt - b.startedAt)
  let at = 0
  let gap = 0
  for (let index = 1; index < sorted.length; index++) {
    const width = (sorted[index]?.startedAt ?? 0) - (sorted[index - 1]?.startedAt ?? 0)
    if (width > gap) {
      gap = width
      at = index
    }
  }
  const [old, young] = [sorted.slice(0, at), sorted.slice(at)]
  const width = (bunch: readonly Started[]) => (bunch.at(-1)?.startedAt ?? 0) - (bunch[0]?.startedAt ?? 0)
  if (gap < APART_MS || gap <= width(old) + width(young)) return null
  return { older: old, newer: young, gap }
}

function verdict(group: GroupView, command: string, { older: old, newer: young, gap }: Split, now: number) {
  const pids = new Set(old.map(({ pid }) => pid))
  const oldMembers = group.members.filter(({ serving }) => serving.some((pid) => pids.has(pid)))
  return {
    severity: 'warning' as const,
    members: oldMembers.map(({ cookie }) => cookie),
    summary: text`${counted(old.length, 'old process', 'old processes')} of ${nameOf({ kind: 'command', command })} still ${old.length === 1 ? text`serves` : text`serve`} ${endpointName(group)} alongside ${counted(young.length, 'newer one')}.`,
    evidence: [
      number('older processes', old.length),
      number('newer processes', young.length),
      number('members of the older processes', oldMembers.length),
      number('share of clients that reach the older processes', percent(oldMembers.length, group.receiving), '%'),
      number('time between their starts', gap / 1000, 's'),
      number('time since the newest started', Math.max(0, now - (young.at(-1)?.startedAt ?? now)) / 1000, 's'),
    ],
    explanation: text`New clients are spread over both generations: some reach the old program or configuration, others the new one.`,
    advice: text`If a reload is running, wait for it to finish. If these are two instances that should share the port, nothing is wrong. Otherwise find out what keeps the old processes running, such as long connections, before you stop them.`,
  }
}

/** Whether the two clusters are meant to serve side by side. */
function arePeers(group: GroupView, command: string, { older: old, newer: young }: Split): boolean {
  const parents = new Set([...old, ...young].map(({ parent }) => parent))
  const [parent] = parents
  if (parents.size === 1 && typeof parent === 'number' && group.process(parent)?.command === command) return true
  const [before, after] = [old[0], young[0]].map((process) => group.launch(process?.pid ?? 0))
  if (before === undefined || after === undefined) return false
  if (before.unit !== null && after.unit !== null && before.unit !== after.unit) return true
  if (before.commandLine === null || after.commandLine === null) return false
  const [one, other] = [configurationOf(before.commandLine), configurationOf(after.commandLine)]
  const lacks = (arguments_: readonly string[], of: readonly string[]) => of.some((one) => !arguments_.includes(one))
  return lacks(one, other) && lacks(other, one)
}

/** Options, with the values after them, by which a reload tells the new process about the old one: HAProxy, Envoy. */
const OF_A_RELOAD: ReadonlySet<string> = new Set(['-sf', '-st', '-x', '--restart-epoch'])

/** The arguments that say what a process serves, without those that a reload adds or increments. */
function configurationOf(commandLine: readonly string[]): string[] {
  let reload = false
  return commandLine.slice(1).filter((argument) => {
    if (argument.startsWith('-')) reload = OF_A_RELOAD.has(argument.split('=')[0] ?? '')
    return !reload
  })
}
