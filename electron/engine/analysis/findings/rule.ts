/** What a finding's rule sees, and what it says. Rules are pure: what they need is in the view, or handed to them. */
import type {
  Family,
  FindingNumber,
  GroupKey,
  Protocol,
  Severity,
  Sharing,
  SocketState,
} from '../../../contract/model.ts'
import type { Text } from '../../prose.ts'
import type { NamespaceFacts } from './namespace-facts.ts'

/** A member, or another socket of the group. Unknown is null. */
export type MemberView = {
  readonly cookie: bigint
  readonly state: SocketState
  readonly uid: number
  /** TCP: connections that wait; UDP: bytes. */
  readonly length: number
  readonly limit: number | null
  readonly drops: number | null
  /** Drops since the refresh before. */
  readonly dropped: number | null
  readonly options: { reuseport: boolean; reuseaddr: boolean } | null
  /** SO_INCOMING_CPU. */
  readonly cpu: number | 'not set' | null
  /** Processes that hold it; empty where none may be seen. */
  readonly holders: readonly number[]
  readonly pollers: readonly number[] | null
  /** Those of the holders that serve it (serving.ts). */
  readonly serving: readonly number[]
}

export type ProcessView = {
  readonly pid: number
  readonly parent: number | null
  readonly command: string
  readonly startedAt: number | null
}

/** How a process was started; null where that may not be read. */
export type Launch = {
  readonly commandLine: readonly string[] | null
  /** The systemd unit. */
  readonly unit: string | null
}

export type GroupView = {
  readonly id: string
  readonly protocol: Protocol
  readonly family: Family
  readonly sharing: Sharing
  readonly port: number
  readonly receiving: number
  /** Drops of all members since the refresh before. */
  readonly dropped: number
  readonly queued: number
  /** The member whose queue is fullest against its limit. */
  readonly fullest: { readonly cookie: number; readonly length: number; readonly limit: number | null } | null
  /** Another number whenever a member came, went, or changed its holders. */
  readonly membership: number
  readonly key: GroupKey
  /** 16 bytes. */
  readonly address: Uint8Array
  readonly members: readonly MemberView[]
  /** Sockets that share the key and receive nothing of a group's: connected UDP. */
  readonly connected: number
  /** No interface of the namespace has its address, and no local route names it: no packet arrives for it. */
  readonly unreachable: boolean
  /** Other groups on the same port of the same protocol and network namespace. */
  readonly neighbours: readonly GroupView[]
  readonly facts: NamespaceFacts
  process(pid: number): ProcessView | null
  launch(pid: number): Launch
  /** The name of a user; null for a uid without one. */
  user(uid: number): string | null
}

/** A member that left, as it was in the frame before. */
export type Departed = { readonly cookie: bigint; readonly queued: number }

export type Moment = {
  /** Counts stretches of time in which one look at a group counts (see hysteresis.ts). */
  readonly slot: number
  /** Milliseconds since 1970. */
  readonly now: number
  /** Who left the group since the frame before. */
  readonly departed: readonly Departed[]
}

export type Verdict = {
  severity: Severity
  members: readonly bigint[]
  summary: Text
  numbers: FindingNumber[]
  explanation: Text
  advice: Text
}

export type Rule = {
  readonly code: string
  /** `values`: it is looked at when a number of the group moved. `structure`: when members, owners or neighbours did. */
  readonly looksAt: 'values' | 'structure'
  /** Raised after `hits` of the last `of` looks, cleared after `calm` looks without. */
  readonly raise: { readonly hits: number; readonly of: number }
  readonly calm: number
  /** `watch` where there is nothing to say yet and the next look must not wait for a change. */
  examine(group: GroupView, moment: Moment): Verdict | 'watch' | null
  /** Forgets a group that left. */
  forget?(id: string): void
}

/** A part of a whole in per cent, to three figures: one in 3,000 is not nothing. */
export function percent(part: number, whole: number): number {
  return Number(((100 * part) / Math.max(whole, 1)).toPrecision(3))
}

export function number(name: string, value: number | null, unit: string | null = null): FindingNumber {
  return { name, value, unit }
}
