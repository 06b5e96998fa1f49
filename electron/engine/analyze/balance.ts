/** Whether a group's load is even: queues and drops of its members, the hash's choices, and established connections. */

import type { Balance, Connections, FlowSpread, MemberLoad, Spread } from '../../contract/analysis.ts'
import { formatCount } from '../../contract/format.ts'
import type { Protocol } from '../../contract/model.ts'
import type { Collector } from '../collect/collector.ts'
import { SINGLE_FRAME } from '../collect/frame-request.ts'
import type { FrameView } from '../collect/frame-view.ts'
import type { Sampler } from '../collect/sampler.ts'
import { describeMissing } from '../collect/sock-diag.ts'
import { addressText } from '../common/addresses.ts'
import { warningsBefore } from './before-lookup.ts'
import { hostOf, makeClients, parsePrefix, unusedPrefix } from './clients.ts'
import type { ConnectionCounter } from './connections.ts'
import { blockedBefore, type KernelLookup, receivingSockets } from './kernel-lookup.ts'
import { parseAddress } from './lookup.ts'
import { InvalidQuery, resolveDestination } from './query.ts'
import { servingPids } from './serving.ts'
import { isDoubtful, isSignificant, probabilityText, THRESHOLD_SENTENCE } from './significance.ts'
import { flowSpreadOf, spreadOf } from './statistics.ts'

/** Unevenness below this is too small to matter, even if it is significant. */
const MIN_NOTABLE_RATIO = 1.25

export type BalanceParts = {
  collector: Collector
  sampler: Sampler
  lookup: KernelLookup
  connections: ConnectionCounter
  /** Starts to count what members are given, and waits, unless that is being counted already. */
  count(forMs: number): Promise<void>
}

export type BalanceQuery = {
  readonly id: string
  /** How many to look up. */
  readonly clients: number
  /** First count for this long what members are given, unless that is being counted already. */
  readonly countMs: number
}

/** Measures the balance of a group. Throws InvalidQuery if it does not exist. */
export async function measureBalance(parts: BalanceParts, query: BalanceQuery): Promise<Balance> {
  if (query.countMs > 0) {
    await parts.sampler.read(SINGLE_FRAME, async ({ frame }) => rowOfGroup(frame, query.id))
    await parts.count(query.countMs)
  }
  return await balanceNow(parts, query)
}

function balanceNow(parts: BalanceParts, { id, clients }: BalanceQuery): Promise<Balance> {
  const { collector, sampler } = parts
  return sampler.read(SINGLE_FRAME, async ({ frame }) => {
    const row = rowOfGroup(frame, id)
    const group = frame.key(row)
    const sockets = receivingSockets(frame, row)
    const askable = !frame.hasProcNetMember(row)
    const program = frame.programDecides(row) === true
    const sampled = clients > 0 && sockets.length > 1 && askable && !program
    const given = frame.givenOf(row)
    const sample = sampled ? await sampleFlows(parts, frame, row, clients) : null
    const flows = sample?.flows ?? null
    const members = sockets.map((socket): MemberLoad => {
      const cookie = frame.cookie(socket)
      return {
        cookie: frame.fromProcNet(socket) ? null : String(cookie),
        inode: frame.inode(socket),
        queue: frame.queueLength(socket),
        drops: frame.dropsOf(socket),
        flows: flows === null ? null : (flows.get(cookie) ?? 0),
        given: given === undefined ? null : (frame.given(socket)?.sample ?? 0),
        pids: [...servingPids(collector, frame, socket)],
      }
    })
    const givenSpread = given === undefined ? null : givenSpreadOf(group.protocol, members)
    const warnings = askable
      ? [...(await parts.lookup.warningsOf(frame, [row])), ...(sample?.warnings ?? [])]
      : [`Which member the kernel picks is unknown: ${describeMissing(collector.missing)}.`]
    const connections = await parts.connections.describe(frame, row)
    const flowSpread = flows === null ? null : flowSpreadOf(members.map((member) => member.flows ?? 0))
    const drops = members.map((member) => member.drops)
    return {
      group,
      takenAt: frame.takenAt.toISOString(),
      members,
      queue: spreadOf(members.map((member) => member.queue ?? 0)),
      drops: drops.every((count) => count !== null) ? spreadOf(drops.map((count) => count ?? 0)) : null,
      flows: flowSpread,
      given: givenSpread,
      givenSince: given?.sampleSince ?? null,
      givenUnknownBecause: given === undefined ? whyNotCounted(collector) : null,
      connections,
      ...verdictOf(
        {
          members: members.length,
          protocol: group.protocol,
          program,
          flows: flowSpread,
          given: givenSpread,
          connections,
        },
        [
          outlierOf(group.protocol === 'tcp' ? 'queued connections' : 'queued bytes', members, ({ queue }) => queue),
          outlierOf('drops', members, (member) => member.drops),
        ],
      ),
      warnings,
    }
  })
}

/** The row of a group. Throws InvalidQuery if it does not exist. */
export function rowOfGroup(frame: FrameView, id: string): number {
  const row = frame.rowOf(id)
  if (row >= 0) return row
  throw new InvalidQuery('NOT_FOUND', {
    operation: `group ${id}`,
    cause: 'no group has this id',
    hint: 'It may have ended, or be from another machine or boot.',
  })
}

/**
 * How many of `clients` reach each member, by cookie, and warnings about the sample. `flows` is null if none does: no
 * packet arrives, or a more specific bind takes them all.
 */
async function sampleFlows(
  { collector, lookup }: BalanceParts,
  frame: FrameView,
  row: number,
  clients: number,
): Promise<{ flows: Map<bigint, number> | null; warnings: string[] } | null> {
  const key = frame.key(row)
  const { localAddress, netns } = frame.destination(row)
  const local = { address: addressText(localAddress, key.family), port: key.port }
  const to = parseAddress(local.address)
  const prefix = to && parsePrefix(unusedPrefix(to.family, to.bytes))
  if (prefix === null) return null
  const known = key.interface !== null && collector.interfaces.list(netns).some(({ name }) => name === key.interface)
  const ownCookies = new Set(receivingSockets(frame, row).map((socket) => frame.cookie(socket)))
  const resolved = resolveDestination(
    collector,
    {
      netns: String(netns),
      protocol: key.protocol,
      local,
      ...(known && key.interface !== null && { interface: key.interface }),
    },
    prefix.family,
  )
  const destination = await lookup.arrived(resolved, { address: hostOf(prefix), port: null })
  const blocked = blockedBefore(destination)
  const warnings = [...(blocked === null ? [] : [blocked.reason]), ...warningsBefore(destination.beforeLookup)]
  if (blocked !== null) return { flows: null, warnings }
  const answer = await lookup.lookUp(destination, makeClients(prefix, clients))
  const counts = new Map<bigint, number>()
  for (const cookie of answer.cookies) if (ownCookies.has(cookie)) counts.set(cookie, (counts.get(cookie) ?? 0) + 1)
  if (counts.size === 0 && answer.cookies.some((cookie) => cookie !== 0n)) {
    warnings.push(
      `None of ${formatCount(clients)} sampled clients reaches a member: other sockets take them (\`map\` names those).`,
    )
  }
  return { flows: counts.size === 0 ? null : counts, warnings }
}

/** Each connection is a flow of its own; of datagrams it is not known which belong together. */
function givenSpreadOf(protocol: Protocol, members: readonly MemberLoad[]): Balance['given'] {
  const counts = members.map(({ given }) => given ?? 0)
  return protocol === 'tcp' ? flowSpreadOf(counts) : spreadOf(counts)
}

function whyNotCounted({ givenCounts }: Collector): string {
  if (givenCounts.unavailable !== null) return givenCounts.unavailable
  return givenCounts.since === null ? 'nothing was being counted' : 'not every member of this group is counted'
}

export type Measured = {
  readonly members: number
  readonly protocol: Protocol
  /** A BPF program decides instead of the hash. */
  readonly program: boolean
  readonly flows: FlowSpread | null
  readonly given: Balance['given']
  readonly connections: Connections | null
}

/** The verdict, and one sentence about it. */
export function verdictOf(
  { members, protocol, program, flows, given, connections }: Measured,
  outliers: readonly (Outlier | null)[] = [],
): Pick<Balance, 'verdict' | 'summary'> {
  if (members < 2 && (connections?.spread ?? null) === null) {
    return {
      verdict: 'unknown',
      summary: members === 0 ? 'No member receives.' : 'Only one member: nothing to balance.',
    }
  }
  const connectionSpread = connections?.spread ?? null
  const byHash = flows !== null && isSignificant(flows)
  const byWorkers =
    connectionSpread !== null &&
    isSignificant(connectionSpread) &&
    (connectionSpread.maxOverMean ?? 1) >= MIN_NOTABLE_RATIO
  const tested = given !== null && 'p' in given ? given : null
  const byGiven = tested !== null && isSignificant(tested) && (tested.maxOverMean ?? 1) >= MIN_NOTABLE_RATIO
  const parts = [flowSentence(flows), givenSentence(given, protocol), connectionSentence(connectionSpread)].filter(
    (part) => part !== null,
  )
  if (parts.length === 0) parts.push('nothing to count')
  const sentence = (lead: string) => `${lead}${parts.join('; ')}.`
  if (byHash) return { verdict: 'hash', summary: sentence('Uneven steering: ') }
  if (byGiven && program) return { verdict: 'program', summary: sentence('Uneven by its program: ') }
  if (program && tested === null && given !== null) {
    return { verdict: 'program', summary: sentence('Its program decides: ') }
  }
  if (byGiven) {
    const fair = flows === null ? '' : ', though the hash is fair'
    return { verdict: 'given', summary: sentence(`Uneven in what members were given${fair}: `) }
  }
  if (byWorkers) {
    const fair = flows === null ? '' : ', though the hash is fair'
    return { verdict: 'workers', summary: sentence(`Uneven across processes${fair}: `) }
  }
  const uneven = outliers.filter((heap) => heap !== null)
  if (uneven.length > 0) {
    const fair = flows?.p == null ? '' : ', though the hash is fair'
    return { verdict: 'queues', summary: sentence(`Uneven${fair}: ${uneven.map(outlierText).join(', ')}; `) }
  }
  if (flows?.p == null && tested?.p == null && connectionSpread?.p == null)
    return { verdict: 'unknown', summary: sentence('Too little data: ') }
  if (isDoubtful(flows) || isDoubtful(connectionSpread))
    return { verdict: 'even', summary: `${sentence('Not clearly uneven: ')} ${THRESHOLD_SENTENCE}` }
  return { verdict: 'even', summary: sentence('As even as chance allows: ') }
}

/** A few members have nearly all of something. */
export type Outlier = {
  readonly what: 'queued connections' | 'queued bytes' | 'drops'
  /** From 1, in order. */
  readonly members: readonly number[]
  readonly count: number
  readonly total: number
}

/** Less than this at one member is ordinary: ten units, for bytes ten times the memory of the smallest datagram. */
const MIN_OUTLIER: Record<Outlier['what'], number> = { 'queued connections': 10, 'queued bytes': 7680, drops: 10 }
/** Members stand out if each has at least this many times the average of the others. */
const OUTLIER_RATIO = 4
/** Of more members, only the number is named. */
const MAX_NAMED = 4

/**
 * The members that stand out, half of all at most; null if none do, or the counts are too small. The units are not
 * independent, so no test for chance.
 */
export function outlierOf(
  what: Outlier['what'],
  members: readonly MemberLoad[],
  countOf: (member: MemberLoad) => number | null,
): Outlier | null {
  const ranked = members
    .map((member, at) => ({ member: at + 1, count: countOf(member) ?? 0 }))
    .sort((a, b) => b.count - a.count)
  const total = ranked.reduce((sum, { count }) => sum + count, 0)
  let outlier: Outlier | null = null
  let sum = 0
  for (const [at, { count }] of ranked.entries()) {
    const size = at + 1
    if (2 * size > ranked.length || count < MIN_OUTLIER[what]) break
    sum += count
    if (count < (OUTLIER_RATIO * (total - sum)) / (ranked.length - size)) continue
    const standingOut = ranked.slice(0, size).map(({ member }) => member)
    outlier = { what, members: standingOut.sort((a, b) => a - b), count: sum, total }
  }
  return outlier
}

function outlierText({ what, members, count, total }: Outlier): string {
  const share = `${formatCount(count)} of ${formatCount(total)} ${what}`
  if (members.length === 1) return `member ${members[0]} has ${share}`
  if (members.length > MAX_NAMED) return `${formatCount(members.length)} members have ${share}`
  return `members ${members.slice(0, -1).join(', ')} and ${members.at(-1)} have ${share}`
}

function flowSentence(flows: FlowSpread | null): string | null {
  if (flows === null) return null
  const sample = `${formatCount(flows.total)} sampled flows over ${formatCount(flows.members)} members`
  if (flows.p === null) return `${sample} are too few to judge`
  const none = flows.min === 0 ? ', at least one of which gets none' : ''
  return `${sample}${none}, the busiest with ${flows.maxOverMean?.toFixed(2)} times its share (${probabilityText(flows.p)})`
}

function givenSentence(given: Spread | FlowSpread | null, protocol: Protocol): string | null {
  if (given === null || given.total === 0) return null
  const what = protocol === 'tcp' ? 'connections' : 'datagrams'
  const sample = `${formatCount(given.total)} ${what} really given to ${formatCount(given.members)} members`
  if ('p' in given && given.p === null) return `${sample} are too few to judge`
  const none = given.min === 0 ? ', at least one of which got none' : ''
  const chance = 'p' in given && given.p !== null ? ` (${probabilityText(given.p)})` : ''
  return `${sample}${none}, the busiest with ${given.maxOverMean?.toFixed(2)} times its share${chance}`
}

function connectionSentence(held: FlowSpread | null): string | null {
  if (held === null || held.total === 0) return null
  const sample = `${formatCount(held.total)} established connections over ${formatCount(held.members)} processes`
  if (held.p === null) return `${sample} are too few to judge`
  return `${sample}, the busiest with ${held.maxOverMean?.toFixed(2)} times its share (${probabilityText(held.p)})`
}
