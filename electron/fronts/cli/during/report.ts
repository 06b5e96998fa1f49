/** The report of `during`: what a command cost, as data and in sentences. */
import { endpoint, formatCount, formatDuration, pluralize, protocolName } from '../../../contract/format.ts'
import type { NamespaceCounters } from '../../../contract/live.ts'
import type { GroupTally } from './tally.ts'

export type DuringReport = {
  readonly command: readonly string[]
  readonly startedAt: string
  /** How it ended; `signal` is null where it exited by itself. */
  readonly exit: { readonly code: number | null; readonly signal: string | null }
  /** Until the command ended, and until nothing happened any more; null where something still happened at the end. */
  readonly commandMs: number
  readonly calmAfterMs: number | null
  readonly watchedMs: number
  /** Groups that were watched, and those to which something happened. */
  readonly watched: number
  readonly groups: readonly GroupTally[]
  /** Connections that were waiting in queues when their member closed, and were reset: at least so many. */
  readonly connectionsLost: number
  /** Connections that moved to another member (net.ipv4.tcp_migrate_req); null where this kernel does not count them. */
  readonly connectionsMigrated: number | null
  /** Connections reset in these network namespaces for any reason (EstabResets); null where unknown. */
  readonly resets: number | null
  /** Drops of members for lack of queue space; null where unknown for some. */
  readonly dropped: number | null
  readonly summary: readonly string[]
}

export type Observed = Omit<DuringReport, 'connectionsLost' | 'connectionsMigrated' | 'resets' | 'dropped' | 'summary'>

export function reportOf(
  observed: Observed,
  before: readonly NamespaceCounters[],
  after: readonly NamespaceCounters[],
): DuringReport {
  const { groups } = observed
  const places = new Set(groups.map(({ key }) => key.netns))
  const grown = (counter: string) => growth(counter, places, before, after)
  const resets = grown('EstabResets')
  const waiting = groups.reduce((sum, group) => sum + (group.waiting ?? 0), 0)
  const unknown = groups.some(({ dropped }) => dropped === null)
  const numbers = {
    ...observed,
    // Some of those that waited may have been accepted between the last reading and the close.
    connectionsLost: resets === null ? waiting : Math.min(waiting, resets),
    connectionsMigrated: grown('TCPMigrateReqSuccess'),
    resets,
    dropped: unknown ? null : groups.reduce((sum, group) => sum + (group.dropped ?? 0), 0),
  }
  return { ...numbers, summary: sentencesOf(numbers) }
}

/** Whether anything was certainly lost. */
export function lostSomething({ connectionsLost, groups }: DuringReport): boolean {
  return connectionsLost > 0 || groups.some(({ dropped }) => (dropped ?? 0) > 0)
}

function growth(
  counter: string,
  places: ReadonlySet<number>,
  before: readonly NamespaceCounters[],
  after: readonly NamespaceCounters[],
): number | null {
  const changes = [...places].map((netns) => {
    const of = (all: readonly NamespaceCounters[]) => all.find((one) => one.netns === netns)?.counters[counter]
    const [from, to] = [of(before), of(after)]
    return from === undefined || to === undefined ? null : to - from
  })
  return changes.reduce<number | null>((sum, change) => (sum === null || change === null ? null : sum + change), 0)
}

/** "80, 443" of the groups' endpoints. */
export function groupName({ key }: GroupTally): string {
  return `${protocolName(key)} ${endpoint(key)}`
}

function sentencesOf(report: Omit<DuringReport, 'summary'>): string[] {
  const { groups, exit, commandMs, calmAfterMs, watchedMs, watched, connectionsLost, connectionsMigrated, dropped } =
    report
  const ended =
    exit.signal !== null
      ? `was ended by ${exit.signal} after ${formatDuration(commandMs)}`
      : exit.code === 0
        ? `took ${formatDuration(commandMs)}`
        : `failed with exit status ${exit.code} after ${formatDuration(commandMs)}`
  const losses = groups.filter((group) => (group.dropped ?? 0) > 0)
  const lost = [
    ...(connectionsLost > 0
      ? [
          `At least ${pluralize(connectionsLost, 'connection')} ${connectionsLost === 1 ? 'was' : 'were'} reset: waiting for accept when a listener closed.`,
        ]
      : []),
    ...losses.map((group) => {
      const what = group.key.protocol === 'udp' ? 'datagram' : 'connection attempt'
      return `${groupName(group)} dropped ${pluralize(group.dropped ?? 0, what)} for lack of queue space.`
    }),
  ]
  return [
    `The command ${ended}.`,
    ...(lost.length > 0 ? lost : [`Nothing was lost, as far as is known, in ${pluralize(watched, 'watched group')}.`]),
    ...((connectionsMigrated ?? 0) > 0
      ? [`${pluralize(connectionsMigrated ?? 0, 'waiting connection')} moved to another member.`]
      : []),
    ...(dropped === null ? ['Drops of some members are unknown.'] : []),
    calmAfterMs === null
      ? `Something still happened after ${formatDuration(watchedMs)}: the report is not final.`
      : groups.length === 0
        ? 'Nothing changed in any group.'
        : calmAfterMs === 0
          ? 'Calm all the time.'
          : `Calm after ${formatDuration(calmAfterMs)}.`,
  ]
}

/** The number of drops of one group, as shown. */
export function droppedText({ dropped }: GroupTally): string {
  return dropped === null ? 'unknown' : formatCount(dropped)
}
