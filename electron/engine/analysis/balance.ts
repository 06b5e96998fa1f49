/** Whether a group's load is even: queues and drops of its members, the hash's choices, and established connections. */
import type { Balance, Connections, FlowSpread, MemberLoad } from '../../contract/analysis.ts'
import { addressText } from '../addresses.ts'
import type { Inspection } from '../inspection.ts'
import type { Picture } from '../picture.ts'
import type { Sampler } from '../sampler.ts'
import { whatIsMissing } from '../sock-diag.ts'
import { warningsBefore } from './before-lookup.ts'
import { clientsOf, hostOf, parsePrefix, strangersOf } from './clients.ts'
import type { ConnectionCounter } from './connections.ts'
import { parseAddress } from './lookup.ts'
import { type Oracle, receivingSockets, stoppedBefore } from './oracle.ts'
import { resolveDestination, Unanswerable } from './question.ts'
import { servingPids } from './serving.ts'
import { flowSpreadOf, isSignificant, probabilityText, spreadOf } from './statistics.ts'

/** Unevenness below this is too small to matter, even if it is significant. */
const NOTABLE = 1.25

export type BalanceParts = { inspection: Inspection; sampler: Sampler; oracle: Oracle; connections: ConnectionCounter }

/** Measures the balance of the group `id`. Throws Unanswerable if it does not exist. */
export function weighGroup(parts: BalanceParts, id: string, clients: number): Promise<Balance> {
  const { inspection, sampler } = parts
  return sampler.read('now', async ({ picture }) => {
    const row = rowOfGroup(picture, id)
    const group = picture.key(row)
    const sockets = receivingSockets(picture, row)
    const askable = !picture.hasProcNetMember(row)
    const sample = clients > 0 && sockets.length > 1 && askable ? await sampleFlows(parts, picture, row, clients) : null
    const flows = sample?.flows ?? null
    const members = sockets.map((socket): MemberLoad => {
      const cookie = picture.cookie(socket)
      return {
        cookie: picture.fromProcNet(socket) ? null : String(cookie),
        inode: picture.inode(socket),
        queue: picture.queueLength(socket),
        drops: picture.dropsOf(socket),
        flows: flows === null ? null : (flows.get(cookie) ?? 0),
        pids: [...servingPids(inspection, picture, socket)],
      }
    })
    const warnings = askable
      ? [...(await parts.oracle.warningsOf(picture, [row])), ...(sample?.warnings ?? [])]
      : [`Which member the kernel picks is unknown: ${whatIsMissing(inspection.missing)}.`]
    const connections = await parts.connections.describe(picture, row)
    const flowSpread = flows === null ? null : flowSpreadOf(members.map((member) => member.flows ?? 0))
    const drops = members.map((member) => member.drops)
    return {
      group,
      takenAt: picture.takenAt.toISOString(),
      members,
      queue: spreadOf(members.map((member) => member.queue ?? 0)),
      drops: drops.every((count) => count !== null) ? spreadOf(drops.map((count) => count ?? 0)) : null,
      flows: flowSpread,
      connections,
      ...judgement(members.length, flowSpread, connections, [
        heaped(group.protocol === 'tcp' ? 'queued connections' : 'queued bytes', members, ({ queue }) => queue),
        heaped('drops', members, (member) => member.drops),
      ]),
      warnings,
    }
  })
}

/** The row of a group. Throws Unanswerable if it does not exist. */
export function rowOfGroup(picture: Picture, id: string): number {
  const row = picture.rowOf(id)
  if (row >= 0) return row
  throw new Unanswerable('NOT_FOUND', {
    asked: `group ${id}`,
    happened: 'no group has this id',
    remedy: 'It may have ended, or be from another machine or boot.',
  })
}

/**
 * How many of `clients` reach each member, by cookie, and warnings about the sample. `flows` is null if none does: no
 * packet arrives, or a more specific bind takes them all.
 */
async function sampleFlows(
  { inspection, oracle }: BalanceParts,
  picture: Picture,
  row: number,
  clients: number,
): Promise<{ flows: Map<bigint, number> | null; warnings: string[] } | null> {
  const key = picture.key(row)
  const { localAddress, netns } = picture.destination(row)
  const local = { address: addressText(localAddress, key.family), port: key.port }
  const to = parseAddress(local.address)
  const prefix = to && parsePrefix(strangersOf(to.family, to.bytes))
  if (prefix === null) return null
  const known = key.interface !== null && inspection.interfaces.list(netns).some(({ name }) => name === key.interface)
  const mine = new Set(receivingSockets(picture, row).map((socket) => picture.cookie(socket)))
  const resolved = resolveDestination(
    inspection,
    {
      netns: String(netns),
      protocol: key.protocol,
      local,
      ...(known && key.interface !== null && { interface: key.interface }),
    },
    prefix.family,
  )
  const destination = await oracle.arrived(resolved, { address: hostOf(prefix), port: null })
  const stopped = stoppedBefore(destination)
  const warnings = [...(stopped === null ? [] : [stopped.reason]), ...warningsBefore(destination.before)]
  if (stopped !== null) return { flows: null, warnings }
  const answer = await oracle.ask(destination, clientsOf(prefix, clients))
  const counts = new Map<bigint, number>()
  for (const cookie of answer.cookies) if (mine.has(cookie)) counts.set(cookie, (counts.get(cookie) ?? 0) + 1)
  return { flows: counts.size === 0 ? null : counts, warnings }
}

/** The verdict, and one sentence about it. */
export function judgement(
  members: number,
  flows: FlowSpread | null,
  connections: Connections | null,
  heaps: readonly (Heap | null)[] = [],
): Pick<Balance, 'verdict' | 'sentence'> {
  if (members < 2 && (connections?.spread ?? null) === null) {
    return {
      verdict: 'unknown',
      sentence: members === 0 ? 'No member receives.' : 'Only one member: nothing to balance.',
    }
  }
  const held = connections?.spread ?? null
  const byHash = flows !== null && isSignificant(flows)
  const byWorkers = held !== null && isSignificant(held) && (held.maxOverMean ?? 1) >= NOTABLE
  const parts = [flowSentence(flows), connectionSentence(held)].filter((part) => part !== null)
  if (parts.length === 0) parts.push('nothing to count')
  const sentence = (lead: string) => `${lead}${parts.join('; ')}.`
  if (byHash) return { verdict: 'hash', sentence: sentence('Uneven steering: ') }
  if (byWorkers) {
    const fair = flows === null ? '' : ', though the hash is fair'
    return { verdict: 'workers', sentence: sentence(`Uneven across processes${fair}: `) }
  }
  const uneven = heaps.filter((heap) => heap !== null)
  if (uneven.length > 0) {
    const fair = flows?.p == null ? '' : ', though the hash is fair'
    return { verdict: 'queues', sentence: sentence(`Uneven${fair}: ${uneven.map(heapSentence).join(', ')}; `) }
  }
  if (flows?.p == null && held?.p == null) return { verdict: 'unknown', sentence: sentence('Too little data: ') }
  return { verdict: 'even', sentence: sentence('As even as chance allows: ') }
}

/** One member has nearly all of something. */
export type Heap = {
  readonly what: 'queued connections' | 'queued bytes' | 'drops'
  /** From 1. */
  readonly member: number
  readonly count: number
  readonly total: number
}

/** Less than this at one member is ordinary: ten units, for bytes ten times the memory of the smallest datagram. */
const LEAST_HEAP: Record<Heap['what'], number> = { 'queued connections': 10, 'queued bytes': 7680, drops: 10 }
/** A member stands out if it has at least this many times the average of the others. */
const HEAPED = 4

/** null if no member stands out, or the count is too small. The units are not independent, so no test for chance. */
export function heaped(
  what: Heap['what'],
  members: readonly MemberLoad[],
  countOf: (member: MemberLoad) => number | null,
): Heap | null {
  const counts = members.map((member) => countOf(member) ?? 0)
  const count = counts.reduce((most, one) => Math.max(most, one), 0)
  const total = counts.reduce((sum, one) => sum + one, 0)
  if (members.length < 2 || count < LEAST_HEAP[what]) return null
  if (count < (HEAPED * (total - count)) / (members.length - 1)) return null
  return { what, member: counts.indexOf(count) + 1, count, total }
}

function heapSentence({ what, member, count, total }: Heap): string {
  return `member ${member.toLocaleString('en')} has ${count.toLocaleString('en')} of ${total.toLocaleString('en')} ${what}`
}

function flowSentence(flows: FlowSpread | null): string | null {
  if (flows === null) return null
  const sample = `${flows.total.toLocaleString('en')} sampled flows over ${flows.members.toLocaleString('en')} members`
  if (flows.p === null) return `${sample} are too few to judge`
  const none = flows.min === 0 ? ', at least one of which gets none' : ''
  return `${sample}${none}, the busiest with ${flows.maxOverMean?.toFixed(2)} times its share (${probabilityText(flows.p)})`
}

function connectionSentence(held: FlowSpread | null): string | null {
  if (held === null || held.total === 0) return null
  const sample = `${held.total.toLocaleString('en')} established connections over ${held.members.toLocaleString('en')} processes`
  if (held.p === null) return `${sample} are too few to judge`
  return `${sample}, the busiest with ${held.maxOverMean?.toFixed(2)} times its share (${probabilityText(held.p)})`
}
