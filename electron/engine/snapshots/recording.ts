/**
 * What one snapshot adds to the previous one: a frame of a recording. Pure: `difference` makes it, recording-state.ts
 * applies it. Queues and drops are most of what changes, so they have a form of their own.
 */
import { z } from 'zod'
import { memberId } from '../../contract/ids.ts'
import { list } from '../../contract/list.ts'
import { Finding, Group, GroupId, GroupKey, Member, Namespace, Queue, Snapshot } from '../../contract/model.ts'
import { keyOf } from './group-key.ts'
import { RecordedGiven, recordGiven, sameGiven } from './recorded-given.ts'

export const RECORDING_SCHEMA = 'reuseport-inspector/recording/1'

/** The first line. The second is a whole snapshot, every other one a frame. */
export const RecordingHead = z.object({
  schema: z.literal(RECORDING_SCHEMA),
  startedAt: z.iso.datetime(),
  intervalMs: z.number().int().positive(),
})
export type RecordingHead = z.infer<typeof RecordingHead>

/** Queue length, queue limit and drops of one member, by its id. */
const MemberValues = z.tuple([z.string(), Queue.shape.length, Queue.shape.limit, Member.shape.drops])

const ChangedGroup = z.object({
  id: GroupId,
  /** Only where part of it changed. */
  key: GroupKey.optional(),
  queue: Queue,
  drops: Group.shape.drops,
  /** Only where it changed; null where it is no longer counted. */
  given: Group.shape.given.unwrap().nullable().optional(),
  /** Only where they changed; null where they are no longer known. */
  kernelGroups: Group.shape.kernelGroups.unwrap().nullable().optional(),
  left: list(z.string()),
  /** New members, and those in which more than numbers changed: they replace the old ones. */
  joined: list(Member),
  values: list(MemberValues),
  /** Of members that are not in `joined`; omitted where there are none. */
  givenValues: list(RecordedGiven).optional(),
})

export const RecordingFrame = z.object({
  takenAt: z.iso.datetime(),
  durationMs: z.number().nonnegative(),
  removed: list(GroupId),
  added: list(Group),
  changed: list(ChangedGroup),
  /** Only where they changed. */
  namespaces: list(Namespace).optional(),
  sysctls: Snapshot.shape.sysctls.optional(),
  findings: list(Finding).optional(),
  /** Only where it changed; null where nothing is counted any more. */
  countedSince: Snapshot.shape.countedSince.unwrap().nullable().optional(),
})
export type RecordingFrame = z.infer<typeof RecordingFrame>

/** What is needed to make `after` from `before`. The order of groups and of members is not kept. */
export function difference(before: Snapshot, after: Snapshot): RecordingFrame {
  const were = new Map(before.groups.map((group) => [group.id, group]))
  const added: Group[] = []
  const changed: RecordingFrame['changed'] = []
  for (const group of after.groups) {
    const was = were.get(group.id)
    were.delete(group.id)
    if (was === undefined) added.push(group)
    else if (was !== group) {
      const change = groupDifference(was, group)
      if (change !== null) changed.push(change)
    }
  }
  return {
    takenAt: after.takenAt,
    durationMs: after.durationMs,
    removed: [...were.keys()],
    added,
    changed,
    ...(equal(before.namespaces, after.namespaces) ? {} : { namespaces: after.namespaces }),
    ...(equal(before.sysctls, after.sysctls) ? {} : { sysctls: after.sysctls }),
    ...(equal(before.findings, after.findings) ? {} : { findings: after.findings }),
    ...(before.countedSince === after.countedSince ? {} : { countedSince: after.countedSince ?? null }),
  }
}

/** null where nothing changed. */
function groupDifference(before: Group, after: Group): RecordingFrame['changed'][number] | null {
  const were = new Map(before.members.map((member) => [memberId(member), member]))
  const joined: Member[] = []
  const moved: RecordingFrame['changed'][number]['values'] = []
  const counted: RecordedGiven[] = []
  for (const member of after.members) {
    const id = memberId(member)
    const was = were.get(id)
    were.delete(id)
    if (was === undefined || !sameButNumbers(was, member)) {
      joined.push(member)
      continue
    }
    if (!sameNumbers(was, member)) moved.push([id, member.queue.length, member.queue.limit, member.drops])
    if (!sameGiven(was.given, member.given)) counted.push(recordGiven(member))
  }
  const key = keyOf(after)
  const keyChanged = !equal(key, keyOf(before))
  const numbersChanged = !equal(before.queue, after.queue) || before.drops !== after.drops
  const kernelChanged = !equal(before.kernelGroups, after.kernelGroups)
  const givenChanged = !equal(before.given, after.given)
  const membersChanged = joined.length + moved.length + counted.length + were.size > 0
  if (!keyChanged && !numbersChanged && !kernelChanged && !givenChanged && !membersChanged) return null
  return {
    id: after.id,
    ...(keyChanged ? { key } : {}),
    queue: after.queue,
    drops: after.drops,
    ...(givenChanged ? { given: after.given ?? null } : {}),
    ...(kernelChanged ? { kernelGroups: after.kernelGroups ?? null } : {}),
    left: [...were.keys()],
    joined,
    values: moved,
    ...(counted.length > 0 ? { givenValues: counted } : {}),
  }
}

function sameNumbers(a: Member, b: Member): boolean {
  return a.queue.length === b.queue.length && a.queue.limit === b.queue.limit && a.drops === b.drops
}

/** A new field of a member is compared here, and so recorded, unless it gets a form of its own. */
function sameButNumbers(a: Member, b: Member): boolean {
  return equal(withoutNumbers(a), withoutNumbers(b))
}

function withoutNumbers({ drops: _, given: __, queue: { length: ___, limit: ____, ...queue }, ...member }: Member) {
  return { ...member, queue }
}

/** For plain data built with its fields in one order. Another order only makes the frame longer. */
function equal(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}
