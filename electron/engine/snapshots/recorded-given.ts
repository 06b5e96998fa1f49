/** What a member is given, as a frame of a recording has it: most members change in every frame. */
import { z } from 'zod'
import { MemberGiven } from '../../contract/given.ts'
import { memberId } from '../../contract/ids.ts'
import type { Member } from '../../contract/model.ts'

const { count, sample, perSecond, acceptedPerSecond, meanWaitMs } = MemberGiven.shape

const FIELDS = MemberGiven.keyof().options

/** The member's id, then the fields of `MemberGiven`; the id alone where it is no longer counted. */
export const RecordedGiven = z.union([
  z.tuple([z.string(), count, sample, perSecond, acceptedPerSecond, meanWaitMs]),
  z.tuple([z.string()]),
])
export type RecordedGiven = z.infer<typeof RecordedGiven>

export function recordGiven(member: Member): RecordedGiven {
  const { given } = member
  const id = memberId(member)
  if (given === undefined) return [id]
  return [id, given.count, given.sample, given.perSecond, given.acceptedPerSecond, given.meanWaitMs]
}

export function sameGiven(a: MemberGiven | undefined, b: MemberGiven | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return FIELDS.every((name) => a[name] === b[name])
}

/** The member with what was recorded. */
export function withRecordedGiven({ given: _, ...member }: Member, recorded: RecordedGiven): Member {
  if (recorded.length === 1) return member
  const [, count, sample, perSecond, acceptedPerSecond, meanWaitMs] = recorded
  return { ...member, given: { count, sample, perSecond, acceptedPerSecond, meanWaitMs } }
}
