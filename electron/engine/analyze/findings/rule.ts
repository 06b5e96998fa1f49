/** Input and output of a finding's rule. Rules do no I/O: what they need is in the view, or passed to them. */

import type { KernelGroup } from '../../../contract/kernel-group.ts'
import type {
  Family,
  FindingCode,
  FindingEvidence,
  GroupKey,
  Protocol,
  Severity,
  Sharing,
  SocketState,
} from '../../../contract/model.ts'
import type { Text } from '../../common/prose.ts'
import type { NamespaceFacts } from './namespace-facts.ts'

/** A member of a group. Unknown values are null. */
export type MemberView = {
  readonly cookie: bigint
  readonly state: SocketState
  readonly uid: number
  /** Queue length. TCP: connections; UDP: bytes. */
  readonly length: number
  readonly limit: number | null
  readonly drops: number | null
  /** Drops since the previous refresh. */
  readonly dropped: number | null
  readonly options: { reuseport: boolean; reuseaddr: boolean } | null
  /** SO_INCOMING_CPU. */
  readonly cpu: number | 'not set' | null
  /** Processes that hold it; empty if none is visible. */
  readonly holders: readonly number[]
  readonly pollers: readonly number[] | null
  /** The holders that serve it (serving.ts). */
  readonly serving: readonly number[]
  /** What it was given since `GroupView.given.since`; null where that is not counted. */
  readonly given: number | null
}

export type ProcessView = {
  readonly pid: number
  readonly parent: number | null
  readonly command: string
  readonly startedAt: number | null
}

/** How a process was started; null where that cannot be read. */
export type Launch = {
  readonly commandLine: readonly string[] | null
  /** The systemd unit. */
  readonly unit: string | null
}

/**
 * Who gets what is sent to the address of a group: one socket; each socket a copy (a multicast or broadcast address); or
 * none, because no interface of the namespace has the address and no local route covers it.
 */
export type Delivery = 'one' | 'copies' | 'none'

export type GroupView = {
  readonly id: string
  readonly protocol: Protocol
  readonly family: Family
  readonly sharing: Sharing
  readonly port: number
  readonly receiving: number
  /** Drops of all members since the previous refresh. */
  readonly dropped: number
  readonly queued: number
  /** The member with the highest queue utilization. */
  readonly fullest: { readonly cookie: number; readonly length: number; readonly limit: number | null } | null
  /** Changes whenever a member is added, removed, or changes its holders. */
  readonly membership: number
  readonly key: GroupKey
  /** 16 bytes. */
  readonly address: Uint8Array
  readonly members: readonly MemberView[]
  /** The processes that serve a member. */
  readonly servers: ReadonlySet<number>
  /** Whether a member is known to set SO_INCOMING_CPU. */
  readonly setsCpu: boolean
  /** Sockets with the same key that receive none of the group's traffic: connected UDP. */
  readonly connected: number
  readonly delivery: Delivery
  /** Other groups on the same port of the same protocol and network namespace. */
  readonly neighbors: readonly GroupView[]
  readonly facts: NamespaceFacts
  /** What all receiving members were given together, counted since then (milliseconds since 1970); null: not counted. */
  readonly given: { readonly total: number; readonly since: number } | null
  /** The kernel's own groups; undefined where they are unknown. */
  readonly kernelGroups: readonly KernelGroup[] | undefined
  process(pid: number): ProcessView | null
  launch(pid: number): Launch
  /** The name of a user; null for a uid without one. */
  user(uid: number): string | null
}

/** A removed member, as it was in the previous frame. */
export type RemovedMember = { readonly cookie: bigint; readonly queued: number }

export type RuleContext = {
  /** Number of the time slot; examinations of a group within one slot count as one (see hysteresis.ts). */
  readonly slot: number
  /** Milliseconds since 1970. */
  readonly now: number
  /** Members removed since the previous frame. */
  readonly removed: readonly RemovedMember[]
}

export type Verdict = {
  severity: Severity
  members: readonly bigint[]
  summary: Text
  evidence: FindingEvidence[]
  explanation: Text
  advice: Text
}

/** Raised after `hits` of the last `of` examinations, cleared after `clearAfter` without a hit. */
export type Debounce = {
  readonly hits: number
  readonly of: number
  readonly clearAfter: number
  /** What the engine's first look finds is raised at once: a command that takes one reading has no other. */
  readonly firstLook?: true
}

/** A rule as its file has it. */
export type Rule = {
  /** `values`: examined when a number of the group changed. `structure`: when members, owners or neighbors changed. */
  readonly trigger: 'values' | 'structure'
  /** By default raised at the first hit, and cleared after two examinations without one. */
  readonly debounce?: Debounce
  /** `watch`: nothing to report yet, but examine again at the next slot even without a change. */
  examine(group: GroupView, moment: RuleContext): Verdict | 'watch' | null
  /** Forgets a removed group. */
  forget?(id: string): void
}

/** A rule as rules.ts lists it. */
export type ListedRule = Rule & { readonly code: FindingCode; readonly debounce: Debounce }

/** A part of a whole in percent, to three significant digits: one in 3,000 is not 0. */
export function percent(part: number, whole: number): number {
  return Number(((100 * part) / Math.max(whole, 1)).toPrecision(3))
}

export function number(name: string, value: number | null, unit: string | null = null): FindingEvidence {
  return { name, value, unit }
}
