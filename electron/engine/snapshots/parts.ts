/** A snapshot in parts, so that a hundred thousand sockets are never all in memory: its head, its groups, its end. */
import type { Finding, Group, Snapshot } from '../../contract/model.ts'
import { TimeSlice } from '../common/time-slice.ts'

export type SnapshotHead = Omit<Snapshot, 'groups' | 'findings'>
/** One `head`, then any number of `group`, then one `findings`. */
export type SnapshotPart =
  | { readonly head: SnapshotHead }
  | { readonly group: Group }
  | { readonly findings: readonly Finding[] }
export type SnapshotParts = AsyncIterable<SnapshotPart>

/** The parts of a complete snapshot. Yields to other work on this thread: what consumes them may take long. */
export async function* partsOf(snapshot: Snapshot): AsyncGenerator<SnapshotPart> {
  const { groups, findings, ...head } = snapshot
  yield { head }
  const slice = new TimeSlice()
  for (const group of groups) {
    yield { group }
    if (slice.expired) await slice.next()
  }
  yield { findings }
}

/** The complete snapshot. Throws where the head is missing, which is a bug in the source of the parts. */
export async function collectParts(parts: SnapshotParts): Promise<Snapshot> {
  let head: SnapshotHead | undefined
  const groups: Group[] = []
  const findings: Finding[] = []
  for await (const part of parts) {
    if ('head' in part) head = part.head
    else if ('group' in part) groups.push(part.group)
    else findings.push(...part.findings)
  }
  if (head === undefined) throw new Error('a snapshot without a head')
  return { ...head, groups, findings }
}
