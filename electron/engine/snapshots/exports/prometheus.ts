/**
 * The metrics of a snapshot for Prometheus. The number of series is limited: shared groups are shown (unshared sockets
 * are not), the most important first, and members of small groups. What is omitted is a metric too
 * (`reuseport_omitted`), so that missing series are not taken for good health.
 */

import { receives } from '../../../contract/constants.ts'
import { endpointText, namespaceNames } from '../../../contract/format.ts'
import { memberId } from '../../../contract/ids.ts'
import { maxOverMean } from '../../../contract/imbalance.ts'
import type { Finding, Group, GroupKey, Queue, Severity } from '../../../contract/model.ts'
import { ownersOf } from '../compare-owners.ts'
import type { SnapshotHead, SnapshotParts } from '../parts.ts'
import { Family, type Labels } from './metric-family.ts'

export type MetricsLimits = {
  /** Groups with series of their own: some ten each. */
  readonly groups: number
  /** Members with series of their own, three each, over all groups. */
  readonly members: number
  /** Members of larger groups are covered by the group's own series. */
  readonly membersOfGroup: number
}
export const METRICS_LIMITS: MetricsLimits = { groups: 1000, members: 5000, membersOfGroup: 64 }

export type GroupLabels = {
  readonly group: string
  readonly netns: string
  readonly protocol: string
  readonly endpoint: string
}

/** What happened to a group since counting began. */
export type GroupCounts = {
  /** Present members. */
  readonly members: number
  readonly joined: number
  readonly left: number
  /** null where it is unknown for some member. */
  readonly drops: number | null
  /** What members were given (contract/given.ts); null where it was never counted. */
  readonly given: number | null
}

/** How often a finding was raised. */
export type RaisedCount = { readonly key: GroupKey; readonly code: string; readonly severity: Severity; count: number }

/** What successive scrapes share: all that a single one cannot see. */
export interface ScrapeHistory {
  /** null for a group that was never recorded. */
  countsOf(id: string): GroupCounts | null
  /** The labels of a group, always the same. */
  labelsOf(key: GroupKey, nameOf: (netns: number) => string): GroupLabels
  /**
   * Takes the groups of a scrape, and its time. Returns those that had series before and are not among them.
   */
  absent(present: readonly Group[], now: number): { labels: GroupLabels; counts: GroupCounts | null }[]
  /** How often each finding was raised with this severity, or rose to it, since the start. */
  readonly raised: Iterable<RaisedCount>
}

/** Of a snapshot that is read only once: nothing before it is known. */
const NO_HISTORY: ScrapeHistory = { countsOf: () => null, labelsOf: groupLabels, absent: () => [], raised: [] }

type UnitFamilies = Readonly<Record<Queue['unit'], { readonly length: Family; readonly limit: Family }>>

/** Queues by their unit: connections and bytes never share a metric, because they do not add up. */
class QueueFamilies {
  readonly #families: UnitFamilies

  constructor(families: UnitFamilies) {
    this.#families = families
  }

  add(labels: Labels, { length, limit, unit }: Queue): void {
    this.#families[unit].length.add(labels, length)
    this.#families[unit].limit.add(labels, limit)
  }

  get all(): Family[] {
    return Object.values(this.#families).flatMap(({ length, limit }) => [length, limit])
  }
}

/** What members are given, by protocol: connections and datagrams do not add up. */
class GivenFamilies {
  readonly #tcp: Family
  readonly #udp: Family

  constructor(tcp: Family, udp: Family) {
    this.#tcp = tcp
    this.#udp = udp
  }

  add(protocol: string, labels: Labels, value: number | null): void {
    const family = protocol === 'tcp' ? this.#tcp : this.#udp
    family.add(labels, value)
  }

  get all(): Family[] {
    return [this.#tcp, this.#udp]
  }
}

type RankedGroup = { readonly group: Group; readonly counts: GroupCounts | null; readonly dropped: number | null }

/**
 * The text. Pass the same `history` to successive scrapes. A snapshot that is read only once has none, and reports
 * nothing about the time before it.
 */
export async function* prometheus(
  parts: SnapshotParts,
  limits: MetricsLimits = METRICS_LIMITS,
  history: ScrapeHistory = NO_HISTORY,
): AsyncGenerator<string> {
  let head: SnapshotHead | undefined
  const groups: RankedGroup[] = []
  let findings: readonly Finding[] = []
  let sockets = 0
  for await (const part of parts) {
    if ('head' in part) head = part.head
    else if ('findings' in part) findings = part.findings
    else {
      if (part.group.sharing === 'none') continue
      sockets += part.group.members.length
      const counts = history.countsOf(part.group.id)
      groups.push({ group: part.group, counts, dropped: counts === null ? part.group.drops : counts.drops })
    }
  }
  groups.sort((a, b) => (b.dropped ?? 0) - (a.dropped ?? 0) || maxUtilization(b.group) - maxUtilization(a.group))
  const nameOf = namespaceNames(head?.namespaces ?? [])
  const labelsOf = (key: GroupKey) => history.labelsOf(key, nameOf)
  const absent = history.absent(
    groups.map(({ group }) => group),
    head === undefined ? 0 : Date.parse(head.takenAt),
  )
  const families = [
    ...machine(head, sockets, groups.length, findings),
    ...groupFamilies(groups.slice(0, limits.groups), labelsOf, absent),
    ...findingFamilies(findings, groups.slice(0, limits.groups), history, labelsOf),
    ...memberFamilies(
      groups.map(({ group }) => group),
      limits,
    ),
  ]
  for (const family of families) yield family.text()
}

function machine(
  head: SnapshotHead | undefined,
  sockets: number,
  groups: number,
  findings: readonly Finding[],
): Family[] {
  const socketCount = new Family('reuseport_sockets', 'gauge', 'Sockets in these groups.')
  socketCount.add({}, sockets)
  const groupCount = new Family('reuseport_groups', 'gauge', 'Groups of sockets that share a port.')
  groupCount.add({}, groups)
  const takenAt = new Family('reuseport_read_timestamp_seconds', 'gauge', 'Unix time of the read.')
  takenAt.add({}, head === undefined ? null : Date.parse(head.takenAt) / 1000)
  const duration = new Family('reuseport_read_duration_seconds', 'gauge', 'Duration of the read.')
  duration.add({}, head === undefined ? null : head.durationMs / 1000)
  const found = new Family('reuseport_findings', 'gauge', 'Findings, by code and severity.')
  const counts = new Map<string, { labels: Labels; count: number }>()
  for (const { code, severity } of findings) {
    const entry = counts.get(`${severity} ${code}`)
    if (entry) entry.count++
    else counts.set(`${severity} ${code}`, { labels: { code, severity }, count: 1 })
  }
  for (const { labels, count } of counts.values()) found.add(labels, count)
  return [socketCount, groupCount, takenAt, duration, found]
}

function groupFamilies(
  groups: readonly RankedGroup[],
  labelsOf: (key: GroupKey) => GroupLabels,
  absent: readonly { labels: GroupLabels; counts: GroupCounts | null }[],
): Family[] {
  const info = new Family('reuseport_group_info', 'gauge', 'Properties of a group. Join on the label group.')
  const members = new Family(
    'reuseport_group_members',
    'gauge',
    'Receiving members; reported for one more hour once the group is gone or no longer shared.',
  )
  const queues = new QueueFamilies({
    connections: {
      length: new Family(
        'reuseport_group_accept_queue_connections',
        'gauge',
        'TCP: connections in the accept queues of all members together.',
      ),
      limit: new Family(
        'reuseport_group_accept_queue_limit_connections',
        'gauge',
        'TCP: backlog of all members together.',
      ),
    },
    bytes: {
      length: new Family(
        'reuseport_group_receive_queue_bytes',
        'gauge',
        'UDP: receive memory used by all members together.',
      ),
      limit: new Family(
        'reuseport_group_receive_queue_limit_bytes',
        'gauge',
        'UDP: receive buffer (SO_RCVBUF) of all members together.',
      ),
    },
  })
  const utilization = new Family(
    'reuseport_group_queue_max_utilization_ratio',
    'gauge',
    'Utilization of the fullest member; 1 is full.',
  )
  const imbalance = new Family(
    'reuseport_group_queue_imbalance_ratio',
    'gauge',
    'Fullest queue divided by the mean of all; 1 is even. Absent while all queues are empty.',
  )
  const joined = new Family(
    'reuseport_group_members_joined_total',
    'counter',
    'Members that joined since the start, as seen by refreshes.',
  )
  const left = new Family(
    'reuseport_group_members_left_total',
    'counter',
    'Members that left since the start, as seen by refreshes.',
  )
  const drops = new Family(
    'reuseport_group_drops_total',
    'counter',
    'Lost for lack of queue space, by all members seen so far; members that left count as last seen.',
  )
  const given = new GivenFamilies(
    new Family(
      'reuseport_group_given_connections_total',
      'counter',
      'TCP: connections that the kernel put into the accept queues, of all members seen so far; counted by BPF.',
    ),
    new Family(
      'reuseport_group_given_datagrams_total',
      'counter',
      'UDP: datagrams that the kernel put into the receive queues, of all members seen so far; counted by BPF.',
    ),
  )
  for (const { group, counts, dropped } of groups) {
    const labels = labelsOf(group)
    const receiving = group.members.filter((member) => receives(member.state))
    info.add(
      {
        ...labels,
        family: group.family,
        address: group.address,
        port: String(group.port),
        interface: group.interface ?? '',
        user: group.user ?? (group.uid === null ? '' : String(group.uid)),
        sharing: group.sharing,
        evidence: group.evidence,
        owners: ownersOf(group.members)
          .slice(0, 3)
          .map(({ command }) => command)
          .join(','),
      },
      1,
    )
    members.add(labels, receiving.length)
    queues.add(labels, group.queue)
    if (receiving.some(({ queue }) => queue.length !== null && queue.limit !== null)) {
      utilization.add(labels, maxUtilization(group))
    }
    imbalance.add(labels, maxOverMean(receiving.flatMap(({ queue: { length } }) => length ?? [])))
    joined.add(labels, counts?.joined ?? null)
    left.add(labels, counts?.left ?? null)
    drops.add(labels, dropped)
    given.add(group.protocol, labels, counts?.given ?? null)
  }
  for (const { labels, counts } of absent) {
    members.add(labels, counts?.members ?? 0)
    joined.add(labels, counts?.joined ?? null)
    left.add(labels, counts?.left ?? null)
    drops.add(labels, counts?.drops ?? null)
    given.add(labels.protocol, labels, counts?.given ?? null)
  }
  return [info, members, joined, left, ...queues.all, utilization, imbalance, drops, ...given.all]
}

/**
 * Active findings, and how often each was raised: the latter also counts those raised and cleared between two scrapes.
 */
function findingFamilies(
  findings: readonly Finding[],
  groups: readonly { group: Group }[],
  history: ScrapeHistory,
  labelsOf: (key: GroupKey) => GroupLabels,
): Family[] {
  const standing = new Family('reuseport_group_finding', 'gauge', 'An active finding.')
  const shown = new Map(groups.map(({ group }) => [group.id, group]))
  for (const { group, code, severity } of findings) {
    const key = shown.get(group)
    if (key !== undefined) standing.add({ ...labelsOf(key), code, severity }, 1)
  }
  const raised = new Family(
    'reuseport_group_findings_raised_total',
    'counter',
    'How often a finding was raised, or rose to this severity, since the start.',
  )
  for (const { key, code, severity, count } of history.raised) raised.add({ ...labelsOf(key), code, severity }, count)
  return [standing, raised]
}

function memberFamilies(groups: readonly Group[], limits: MetricsLimits): Family[] {
  const queues = new QueueFamilies({
    connections: {
      length: new Family(
        'reuseport_member_accept_queue_connections',
        'gauge',
        'TCP: connections in the accept queue of one member.',
      ),
      limit: new Family('reuseport_member_accept_queue_limit_connections', 'gauge', 'TCP: backlog of one member.'),
    },
    bytes: {
      length: new Family('reuseport_member_receive_queue_bytes', 'gauge', 'UDP: receive memory used by one member.'),
      limit: new Family(
        'reuseport_member_receive_queue_limit_bytes',
        'gauge',
        'UDP: receive buffer (SO_RCVBUF) of one member.',
      ),
    },
  })
  const drops = new Family('reuseport_member_drops_total', 'counter', 'Lost by one member for lack of queue space.')
  const given = new GivenFamilies(
    new Family(
      'reuseport_member_given_connections_total',
      'counter',
      'TCP: connections that the kernel put into the accept queue of one member; counted by BPF.',
    ),
    new Family(
      'reuseport_member_given_datagrams_total',
      'counter',
      'UDP: datagrams that the kernel put into the receive queue of one member; counted by BPF.',
    ),
  )
  const omitted = new Family(
    'reuseport_omitted',
    'gauge',
    'Groups and members without series of their own, because of the limits.',
  )
  let shown = 0
  let omittedMembers = 0
  for (const [at, group] of groups.entries()) {
    const receiving = group.members.filter((member) => receives(member.state))
    const fits = receiving.length <= limits.membersOfGroup && shown + receiving.length <= limits.members
    if (at >= limits.groups || !fits) {
      omittedMembers += receiving.length
      continue
    }
    shown += receiving.length
    for (const member of receiving) {
      const labels = { group: group.id, member: memberId(member) }
      queues.add(labels, member.queue)
      drops.add(labels, member.drops)
      given.add(group.protocol, labels, member.given?.count ?? null)
    }
  }
  omitted.add({ kind: 'groups' }, Math.max(0, groups.length - limits.groups))
  omitted.add({ kind: 'members' }, omittedMembers)
  return [...queues.all, drops, ...given.all, omitted]
}

/** Calls of one hook for findings (`serve --on-finding`). */
export type HookCalls = { readonly kind: string; readonly counts: Readonly<Record<string, number>> }

/** The metrics of hooks, in their order; empty where there are none. */
export function hookMetrics(hooks: readonly HookCalls[]): string {
  const calls = new Family(
    'reuseport_hook_calls_total',
    'counter',
    'Calls of a hook for findings (`serve --on-finding`): ok, failed, or omitted because there were too many.',
  )
  for (const [at, { kind, counts }] of hooks.entries()) {
    for (const [result, count] of Object.entries(counts)) calls.add({ hook: String(at + 1), kind, result }, count)
  }
  return calls.text()
}

function maxUtilization(group: Group): number {
  let most = 0
  for (const { state, queue } of group.members) {
    if (!receives(state) || queue.length === null || queue.limit === null) continue
    most = Math.max(most, queue.length / Math.max(queue.limit, 1))
  }
  return Math.round(most * 10_000) / 10_000
}

/** The labels of a group; `nameOf` names its network namespace. */
export function groupLabels(key: GroupKey, nameOf: (netns: number) => string): GroupLabels {
  const { id, protocol, address, port, interface: on, netns } = key
  const endpoint = `${endpointText(address, port)}${on === null ? '' : `%${on}`}`
  return { group: id, netns: nameOf(netns), protocol, endpoint }
}
