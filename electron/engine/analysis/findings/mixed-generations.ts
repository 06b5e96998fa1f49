/**
 * Old and new processes of one program serve side by side: a reload that did not end. Told by when the serving
 * processes started: two bunches of one command, apart by more than both are wide. Workers that start one after another
 * are one bunch; a worker that its master replaced (the same parent) is normal care and only worth a note.
 */
import { nameOf, text } from '../../prose.ts'
import { type GroupView, number, type ProcessView, percent, type Rule } from './rule.ts'
import { counted, named } from './words.ts'

/** Workers of one start follow on each other faster than this. */
const APART_MS = 1000

export const mixedGenerations: Rule = {
  code: 'mixed-generations',
  looksAt: 'structure',
  raise: { hits: 3, of: 4 },
  calm: 2,
  examine(group, { now }) {
    if (group.sharing !== 'reuseport' || group.receiving < 2) return null
    // A few processes serve many members: each is looked at once.
    const pids = new Set<number>()
    for (const { serving } of group.members) for (const pid of serving) pids.add(pid)
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
      if (split !== null) return verdict(group, command, split, now)
    }
    return null
  },
}

type Started = ProcessView & { startedAt: number }
type Split = { old: Started[]; young: Started[]; gap: number }

/** The two bunches at the widest gap; null where there is none, or the gap is no wider than the bunches. */
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
  return { old, young, gap }
}

function verdict(group: GroupView, command: string, { old, young, gap }: Split, now: number) {
  const pids = new Set(old.map(({ pid }) => pid))
  const oldMembers = group.members.filter(({ serving }) => serving.some((pid) => pids.has(pid)))
  const parents = new Set([...old, ...young].map(({ parent }) => parent))
  const replaced = parents.size === 1 && Math.min(old.length, young.length) * 4 <= old.length + young.length
  return {
    severity: replaced ? ('info' as const) : ('warning' as const),
    members: oldMembers.map(({ cookie }) => cookie),
    summary: text`${counted(old.length, 'old process', 'old processes')} of ${nameOf({ kind: 'command', command })} still ${old.length === 1 ? text`serves` : text`serve`} ${named(group)} beside ${counted(young.length, 'newer one')}.`,
    numbers: [
      number('older processes', old.length),
      number('newer processes', young.length),
      number('members of the older', oldMembers.length),
      number('share of clients that reach the older', percent(oldMembers.length, group.receiving), '%'),
      number('between the two', gap / 1000, 's'),
      number('since the newest started', Math.max(0, now - (young.at(-1)?.startedAt ?? now)) / 1000, 's'),
    ],
    explanation: replaced
      ? text`They have the same parent: a master that replaces a worker now and then does this.`
      : text`New clients are spread over both: some meet the old program or configuration, others the new one.`,
    advice: replaced
      ? text`Nothing, unless workers die more often than they should.`
      : text`If a reload is running, wait for it. If not, the old processes did not end: look what holds them (long connections), and end them.`,
  }
}
