/** What members are given: connections that enter an accept queue, datagrams that enter a receive queue. Counted by BPF. */
import { z } from 'zod'

/** Of one member. Per second: since the previous refresh, null at the first. */
export const MemberGiven = z.object({
  /** Since `Snapshot.countedSince`, or since the socket was opened. Drops are not among them. */
  count: z.number().int().nonnegative(),
  /** Of these, since the group's `sampleSince`: what shares of members are computed from. */
  sample: z.number().int().nonnegative(),
  perSecond: z.number().nonnegative().nullable(),
  /** TCP: `perSecond` less the growth of the accept queue. null for UDP, whose queue counts bytes. */
  acceptedPerSecond: z.number().nonnegative().nullable(),
  /**
   * TCP: how long a connection waits to be accepted, by Little's law: the mean length of the accept queue divided by
   * `acceptedPerSecond`, both over about ten seconds. null for UDP, and where nothing is accepted.
   */
  meanWaitMs: z.number().nonnegative().nullable(),
})
export type MemberGiven = z.infer<typeof MemberGiven>

/** Of all receiving members of a group together. */
export const GroupGiven = MemberGiven.extend({
  /** When the sample began: counting began, or a member joined or left. */
  sampleSince: z.iso.datetime(),
})
export type GroupGiven = z.infer<typeof GroupGiven>

/** `MemberGiven` as columns with one entry per member; null is -1. Where nothing is counted, `counts` has -1. */
export const GivenColumns = z.object({
  counts: z.array(z.number().int()),
  samples: z.array(z.number().int()),
  perSecond: z.array(z.number()),
  acceptedPerSecond: z.array(z.number()),
  meanWaitMs: z.array(z.number()),
})
export type GivenColumns = z.infer<typeof GivenColumns>

export function emptyColumns(): GivenColumns {
  return { counts: [], samples: [], perSecond: [], acceptedPerSecond: [], meanWaitMs: [] }
}

/** Adds an entry; undefined where nothing is counted. */
export function pushGiven(columns: GivenColumns, given: MemberGiven | undefined): void {
  columns.counts.push(given?.count ?? -1)
  columns.samples.push(given?.sample ?? -1)
  columns.perSecond.push(given?.perSecond ?? -1)
  columns.acceptedPerSecond.push(given?.acceptedPerSecond ?? -1)
  columns.meanWaitMs.push(given?.meanWaitMs ?? -1)
}

/** The entry at an index; undefined where nothing is counted. */
export function givenAt(columns: GivenColumns, index: number): MemberGiven | undefined {
  const count = known(columns.counts[index])
  if (count === null) return undefined
  return {
    count,
    sample: known(columns.samples[index]) ?? 0,
    perSecond: known(columns.perSecond[index]),
    acceptedPerSecond: known(columns.acceptedPerSecond[index]),
    meanWaitMs: known(columns.meanWaitMs[index]),
  }
}

function known(value: number | undefined): number | null {
  return value === undefined || value < 0 ? null : value
}
