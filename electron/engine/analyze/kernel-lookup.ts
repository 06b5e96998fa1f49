/** Which member a client reaches: the kernel lookup, with the member that it names and warnings about the answer. */

import { availableParallelism } from 'node:os'
import type { Destination, Flow, Probe, SteeredBy, SteeringMap } from '../../contract/analysis.ts'
import type { Problem } from '../../contract/errors.ts'
import { formatCount } from '../../contract/format.ts'
import type { Group, GroupKey, Member, Protocol } from '../../contract/model.ts'
import type { Collector } from '../collect/collector.ts'
import { incomingCpuOf } from '../collect/frame-fields.ts'
import { SINGLE_FRAME, WATCHED_FRAME } from '../collect/frame-request.ts'
import type { FrameView } from '../collect/frame-view.ts'
import type { Sampler } from '../collect/sampler.ts'
import { describeMissing, hintFor } from '../collect/sock-diag.ts'
import { addressText, endpointText } from '../common/addresses.ts'
import { arrivalOf, LOOPBACK } from './arrival.ts'
import { stepsBefore, warningsBefore } from './before-lookup.ts'
import { clientCount, hostOf, makeClients, parsePrefix, unusedPrefix } from './clients.ts'
import { parseAddress } from './lookup.ts'
import { hasProgram, measuredText, packetOf, programAnswerFor, programTexts, steerClients } from './program-lookup.ts'
import {
  InvalidQuery,
  type ResolvedDestination,
  type ResolvedFlow,
  refuseBroadcast,
  resolveDestination,
  resolveFlow,
  type WithArrival,
} from './query.ts'
import { recentFrame } from './recent-frame.ts'
import { queryRoute } from './routes.ts'
import { flowSpreadOf, isDoubtful, isSignificant, probabilityText, THRESHOLD_SENTENCE } from './statistics.ts'

// States in ProbeAnswer.
const CONNECTED = 4
const CONNECTION = 255

/** CPUs from which a client is looked up: as many as the addon uses. */
const CPUS = Math.min(16, availableParallelism())

/** Maximum members whose SO_INCOMING_CPU is read. */
const MAX_CPU_READS = 4096

export const PROGRAM_WARNING =
  'This is hash steering: a BPF program attached to the group would decide instead. Whether there is one could not be read.'
export const CPU_WARNING =
  'Members of this group set SO_INCOMING_CPU: the CPU that receives the packet decides first. The kernel lookup ran on every CPU in turn.'

export class KernelLookup {
  readonly #collector: Collector
  readonly #sampler: Sampler
  /** The last refresh in which every group was classified. */
  #classifiedAt = 0

  constructor(collector: Collector, sampler: Sampler) {
    this.#collector = collector
    this.#sampler = sampler
  }

  /** The member that one client reaches. Throws InvalidQuery; rejects with the kernel's error. */
  async probe(flow: Flow): Promise<Probe> {
    return this.probeArrived(await this.arrivedFlow(flow))
  }

  /** The resolved flow with its arrival. Throws InvalidQuery. */
  async arrivedFlow(flow: Flow): Promise<WithArrival<ResolvedFlow>> {
    const resolved = await this.resolved(() => resolveFlow(this.#collector, flow))
    return this.arrived(resolved, { address: resolved.remoteAddress, port: resolved.remote.port })
  }

  /** How packets of this client arrive, and what decides about them before the socket lookup. */
  async arrived<Question extends ResolvedDestination>(
    question: Question,
    client: { address: Uint8Array; port: number | null },
  ): Promise<WithArrival<Question>> {
    const { netns, family, local, localAddress, anyAddress } = question
    const { reader, interfaces } = this.#collector
    await interfaces.update([netns])
    const name = (index: number) => interfaces.name(netns, index) ?? `interface ${index}`
    const arrival = await arrivalOf(
      {
        family,
        local: anyAddress ? null : localAddress,
        remote: client.address,
        localText: local.address,
        remoteText: addressText(client.address, family),
        named: question.interfaceIndex === 0 ? null : question.interfaceIndex,
      },
      (asked) => queryRoute(reader, { netns, family, ...asked }),
      { name, all: () => interfaces.list(netns).map(({ index }) => index) },
    )
    const { reach, named, reason, interface: index } = arrival
    if (reach === 'everyone') refuseBroadcast(local.address)
    const interfaceName = index === 0 ? null : name(index)
    const before = await stepsBefore(
      reader,
      { netns, interface: index, interfaceName },
      {
        protocol: question.protocol,
        family,
        local: anyAddress ? null : localAddress,
        remote: client.port === null ? null : client.address,
        localPort: local.port,
        remotePort: client.port,
        fromHere: index === LOOPBACK,
        interface: interfaceName,
      },
    )
    return {
      ...question,
      interfaceIndex: index,
      interface: interfaceName,
      arrival: { reach, interfaceGiven: named, reason },
      beforeLookup: before,
    }
  }

  /**
   * The result of `resolve`, retried once after a refresh if it throws NOT_FOUND: the namespace or interface may be
   * new.
   */
  async resolved<T>(resolve: () => T): Promise<T> {
    await recentFrame(this.#collector, this.#sampler)
    try {
      return resolve()
    } catch (error) {
      if (!(error instanceof InvalidQuery) || error.code !== 'NOT_FOUND') throw error
      await this.#sampler.read(SINGLE_FRAME, async () => undefined)
      await this.#collector.interfaces.update(this.#collector.namespaces.list().map(({ inode }) => inode))
      return resolve()
    }
  }

  /** Why this kernel cannot do the lookup; null if it can. */
  unavailable(protocol: Protocol): Problem | null {
    const missing = this.#collector.missing.filter((table) => table.protocol === protocol)
    if (missing.length === 0) return null
    return {
      operation: `the kernel lookup of ${protocol.toUpperCase()} sockets`,
      cause: `it needs sock_diag, but ${describeMissing(missing)}`,
      hint: hintFor(missing),
    }
  }

  async probeArrived(flow: WithArrival<ResolvedFlow>): Promise<Probe> {
    const stopped = blockedBefore(flow)
    if (stopped !== null) {
      const unserved = {
        remote: flow.remote,
        member: null,
        group: null,
        otherSockets: [],
        warnings: warningsBefore(flow.beforeLookup),
      }
      return { ...queryOf(flow), ...unserved, ...stopped }
    }
    const answer = await this.#lookUp(flow, repeated(flow, CPUS))
    const errno = answer.errnos[0] ?? 0
    if (errno !== 0) throw new Error(`the kernel did not answer the probe (errno ${errno})`)
    const state = answer.states[0] ?? 0
    const cookie = answer.cookies[0] ?? 0n
    /** More than one if the CPU decides. */
    const named = new Set(answer.cookies)
    const asked = queryOf(flow)
    const client = endpointText(flow.remote.address, flow.remote.port)
    const of = (by: SteeredBy, reason: string): Probe => ({
      ...asked,
      remote: flow.remote,
      member: null,
      group: null,
      otherSockets: [],
      steeredBy: by,
      reason,
      warnings: arrivalWarnings(flow),
    })
    if (state === CONNECTION) {
      return of(
        'connection',
        `A connection from ${client}, live or in TIME_WAIT, answers instead of the listener: the client cannot open a new one while it exists.`,
      )
    }
    if (cookie === 0n) {
      const now = await this.#sampler.read(WATCHED_FRAME, async ({ frame }) => frame)
      return state === CONNECTED ? this.#connected(now, flow, of) : of('none', this.#whyUnserved(now, flow))
    }
    const frame = await this.#frameWith(cookie)
    const socket = frame.socketOf(cookie)
    if (socket < 0) {
      return of('unknown', 'The kernel named a socket that was just opened or closed. Try again.')
    }
    return this.#steered(frame, socket, named.size, flow, of)
  }

  /** Which members thousands of clients reach. Throws InvalidQuery. */
  async map(question: Destination & { clients: number; prefix?: string | undefined }): Promise<SteeringMap> {
    const local = parseAddress(question.local.address)
    const text = question.prefix ?? unusedPrefix(local?.family ?? 'ipv4', local?.bytes ?? null)
    const prefix = parsePrefix(text)
    if (prefix === null) {
      throw new InvalidQuery('UNPROCESSABLE_CONTENT', {
        operation: `clients from "${text}"`,
        cause: 'it is not a prefix',
        hint: 'Use ADDRESS/LENGTH, such as 198.51.100.0/24 or 2001:db8::/32.',
      })
    }
    const resolved = await this.resolved(() => resolveDestination(this.#collector, question, prefix.family))
    const count = clientCount(prefix, question.clients)
    const destination = await this.arrived(resolved, { address: hostOf(prefix), port: null })
    const stopped = blockedBefore(destination)
    if (stopped !== null) {
      return {
        ...queryOf(destination),
        ...{
          clients: count,
          prefix: prefix.text,
          durationMs: 0,
          shares: [],
          unserved: count,
          connections: 0,
          undetermined: 0,
          spread: null,
        },
        summary: stopped.reason,
        warnings: warningsBefore(destination.beforeLookup),
      }
    }
    const remotes = makeClients(prefix, count)
    const answer = await this.#lookUp(destination, remotes)
    const failed = answer.errnos.findIndex((errno) => errno !== 0)
    if (failed >= 0) throw new Error(`the kernel left probes unanswered (errno ${answer.errnos[failed]})`)

    const named = new Set(answer.cookies)
    named.delete(0n)
    const frame = await this.#frameWith(...named)
    const groupRows = new Set<number>()
    const groupIds = new Map<bigint, string>()
    for (const cookie of named) {
      const socket = frame.socketOf(cookie)
      if (socket >= 0) groupRows.add(frame.groupOf(socket))
    }
    const counts = new Map<bigint, number>()
    let nobody = 0
    let connections = 0
    let undetermined = 0
    for (const [client, cookie] of steerClients(frame, destination, remotes, answer.cookies).entries()) {
      if (cookie === null) undetermined++
      else if (cookie !== 0n) counts.set(cookie, (counts.get(cookie) ?? 0) + 1)
      else if ((answer.states[client] ?? 0) >= CONNECTED) connections++
      else nobody++
    }
    // Members that no client reaches are listed too: they are what a map is for.
    for (const row of groupRows) {
      const id = frame.id(row)
      for (const socket of receivingSockets(frame, row)) groupIds.set(frame.cookie(socket), id)
      for (const { cookie, group } of socketsBeside(frame, row)) groupIds.set(BigInt(cookie), group)
    }
    for (const cookie of groupIds.keys()) if (!counts.has(cookie)) counts.set(cookie, 0)
    const members = [...groupRows].reduce((sum, row) => sum + frame.receiving(row), 0)
    const beside = [...groupRows].flatMap((row) => socketsBeside(frame, row))
    const measured = undetermined === 0 ? [] : [...groupRows].flatMap((row) => measuredText(frame, row) ?? [])
    const warnings = [
      ...(await this.warningsOf(frame, [...groupRows])),
      ...measured,
      ...arrivalWarnings(destination),
      ...(beside.length === 0 ? [] : [besideText(beside.length)]),
    ]
    const reached = count - nobody - connections - undetermined
    const shares = [...counts]
      .map(([cookie, clients]) => ({
        cookie: String(cookie),
        group: groupIds.get(cookie) ?? null,
        clients,
        share: reached === 0 ? 0 : clients / reached,
      }))
      .sort((a, b) => b.clients - a.clients || (BigInt(a.cookie) < BigInt(b.cookie) ? -1 : 1))
    // Sockets that only share the endpoint are not expected to get a share.
    const spread =
      reached === 0 || undetermined > 0 ? null : flowSpreadOf(shares.map(({ clients }) => clients).slice(0, members))
    return {
      ...queryOf(destination),
      clients: count,
      prefix: prefix.text,
      durationMs: answer.durationMs,
      shares,
      unserved: nobody,
      connections,
      undetermined,
      spread,
      summary: undetermined > 0 ? undeterminedText(count, undetermined) : mapSummary(count, reached, spread),
      warnings,
    }
  }

  /** The addon's answer for remotes in the form of `clientsOf`. */
  async lookUp(destination: ResolvedDestination, remotes: Uint8Array) {
    return this.#lookUp(destination, remotes)
  }

  /** Reasons why packets may not follow the hash in these groups. Decodes the frame before its first await. */
  async warningsOf(frame: FrameView, rows: readonly number[]): Promise<string[]> {
    const steered = rows.filter((row) => frame.sharing(row) === 'reuseport' && frame.receiving(row) > 1)
    if (steered.length === 0) return []
    const sockets = steered.flatMap((row) => receivingSockets(frame, row)).slice(0, MAX_CPU_READS)
    const cookies = BigUint64Array.from(sockets, (socket) => frame.cookie(socket))
    const warnings = steered.flatMap((row) =>
      hasProgram(frame, row) === null ? [PROGRAM_WARNING] : programTexts(frame, row),
    )
    const cpus = await this.#collector.reader.readIncomingCpus(cookies)
    return cpus.some((cpu) => typeof incomingCpuOf(cpu) === 'number')
      ? [...new Set([...warnings, CPU_WARNING])]
      : [...new Set(warnings)]
  }

  async #lookUp(destination: ResolvedDestination, remotes: Uint8Array) {
    const lacking = this.unavailable(destination.protocol)
    if (lacking !== null) throw new InvalidQuery('NOT_IMPLEMENTED', lacking)
    return this.#collector.reader.probe({
      netns: destination.netns,
      protocol: destination.protocol,
      family: destination.family === 'ipv6' ? 6 : 4,
      localAddress: destination.localAddress,
      localPort: destination.local.port,
      interface: destination.interfaceIndex,
      remotes,
      everyCpu: true,
    })
  }

  /**
   * A frame that contains these sockets, classified if possible: the kernel may know newer ones than the last frame.
   */
  async #frameWith(...cookies: bigint[]): Promise<FrameView> {
    const frame = await recentFrame(this.#collector, this.#sampler)
    const known = cookies.every((cookie) => {
      const socket = frame.socketOf(cookie)
      if (socket < 0) return false
      const row = frame.groupOf(socket)
      return frame.sharing(row) !== 'unknown' || frame.membersChanged(row) <= this.#classifiedAt
    })
    return known ? frame : this.readNow()
  }

  /** A new frame, with owners, in which every group is classified if possible. */
  readNow(): Promise<FrameView> {
    return this.#sampler.read(SINGLE_FRAME, async ({ frame }) => {
      this.#classifiedAt = frame.refresh
      return frame
    })
  }

  async #steered(
    frame: FrameView,
    socket: number,
    named: number,
    flow: ResolvedFlow,
    of: (by: SteeredBy, reason: string) => Probe,
  ): Promise<Probe> {
    // Decoded before the first await: the frame's memory is reused.
    const row = frame.groupOf(socket)
    const member: Member = frame.member(socket)
    const group: GroupKey = frame.key(row)
    const receiving = frame.receiving(row)
    const beside = socketsBeside(frame, row)
    const packet = packetOf(flow, flow.remoteAddress, flow.remote.port)
    const program = programAnswerFor(frame, row, frame.cookie(socket), packet)
    if (program !== null && program.answer.kind !== 'fallback') {
      const picked = program.picked === null ? -1 : frame.socketOf(program.picked)
      const measured = program.answer.kind === 'unknown' ? measuredText(frame, row) : null
      const answer = of('program', [program.answer.reason, ...(measured === null ? [] : [measured])].join(' '))
      return { ...answer, member: picked < 0 ? null : frame.member(picked), group, otherSockets: beside }
    }
    const fallback = program === null ? '' : `${program.answer.reason} `
    const steering = await this.warningsOf(frame, [row])
    const first = receiving === 1 && beside.length > 0
    const by = steering.includes(CPU_WARNING) ? 'cpu' : first ? 'newest' : steeredBy(group.sharing, receiving)
    const among = first ? 1 + beside.length : receiving
    const also = beside.length > 0 && !first ? ` ${besideText(beside.length)}` : ''
    const answer = of(by, `${fallback}${reasonOf(by, among, named)}${also}`)
    return { ...answer, member, group, otherSockets: beside, warnings: [...steering, ...answer.warnings] }
  }

  #connected(frame: FrameView, flow: ResolvedFlow, of: (by: SteeredBy, reason: string) => Probe): Probe {
    const reason = 'A UDP socket connected to this client takes its datagrams; the group never sees them.'
    for (let row = 0; row < frame.groups.count; row++) {
      const destination = frame.destination(row)
      if (frame.protocol(row) !== 'udp' || destination.netns !== flow.netns) continue
      if (destination.localPort !== flow.local.port) continue
      const first = frame.firstSocket(row)
      for (let socket = first; socket < first + frame.socketCount(row); socket++) {
        const remote = frame.remoteOf(socket)
        if (remote === null || remote.port !== flow.remote.port) continue
        if (!remote.address.every((byte, at) => byte === flow.remoteAddress[at])) continue
        return { ...of('connected', reason), member: frame.member(socket), group: frame.key(row) }
      }
    }
    return of('connected', reason)
  }

  #whyUnserved(frame: FrameView, flow: ResolvedFlow): string {
    const what = flow.protocol === 'tcp' ? 'listens' : 'is bound'
    const at = endpointText(flow.local.address, flow.local.port)
    const others: string[] = []
    for (let row = 0; row < frame.groups.count; row++) {
      const destination = frame.destination(row)
      if (frame.protocol(row) !== flow.protocol || destination.localPort !== flow.local.port) continue
      if (destination.netns !== flow.netns || frame.receiving(row) === 0) continue
      const key = frame.key(row)
      const on = key.interface === null ? '' : ` on ${key.interface}`
      others.push(`${endpointText(key.address, key.port)}${on}${key.v6only ? ' (IPv6 only)' : ''}`)
    }
    const there = others.length === 0 ? '' : ` Others on this port: ${[...new Set(others)].slice(0, 5).join(', ')}.`
    return `No ${flow.protocol.toUpperCase()} socket ${what} at ${at} for this client.${there}`
  }
}

/** One client, `times` times, in the form of `clientsOf`. */
function repeated({ remoteAddress, remote }: ResolvedFlow, times: number): Uint8Array {
  const remotes = new Uint8Array(18 * times)
  const view = new DataView(remotes.buffer)
  for (let at = 0; at < remotes.length; at += 18) {
    remotes.set(remoteAddress, at)
    view.setUint16(at + 16, remote.port)
  }
  return remotes
}

/** Socket rows of the members that receive. */
export function receivingSockets(frame: FrameView, row: number): number[] {
  const first = frame.firstSocket(row)
  const sockets: number[] = []
  for (let socket = first; socket < first + frame.socketCount(row); socket++) {
    if (frame.socketReceives(socket)) sockets.push(socket)
  }
  return sockets
}

function steeredBy(sharing: Group['sharing'], receiving: number): SteeredBy {
  if (receiving === 1) return 'single'
  if (sharing === 'reuseport') return 'hash'
  return sharing === 'reuseaddr' ? 'newest' : 'unknown'
}

function reasonOf(by: SteeredBy, receiving: number, named: number): string {
  switch (by) {
    case 'hash':
      return `Hash steering picks it among ${receiving} members.`
    case 'cpu':
      return named > 1
        ? `Members set SO_INCOMING_CPU: looked up from ${CPUS} CPUs, the kernel names ${named} members. This is the one for the first CPU.`
        : `Members set SO_INCOMING_CPU, and from each of ${CPUS} CPUs the kernel names this one of ${receiving}.`
    case 'single':
      return 'It is the only socket that takes this traffic.'
    case 'newest':
      return `${receiving} sockets share the port through SO_REUSEADDR: the newest takes everything.`
    default:
      return `The kernel lookup names it; how the ${receiving} sockets share the port is unknown.`
  }
}

/** Sockets that receive at the same endpoint but are in another group: the lookup ends before it reaches them. */
export function socketsBeside(frame: FrameView, row: number): Probe['otherSockets'] {
  const beside: Probe['otherSockets'] = []
  const add = (other: number) => {
    const group = frame.id(other)
    for (const socket of receivingSockets(frame, other)) beside.push({ cookie: String(frame.cookie(socket)), group })
  }
  // Groups with the same endpoint are in adjacent rows.
  for (let other = row - 1; other >= 0 && frame.samePlace(other, row); other--) add(other)
  for (let other = row + 1; other < frame.groups.count && frame.samePlace(other, row); other++) add(other)
  return beside
}

function besideText(count: number): string {
  return count === 1
    ? 'One more socket has this endpoint but is not in the group: it gets none of this traffic.'
    : `${count} more sockets have this endpoint but are not in the group: they get none of this traffic.`
}

/** Why no socket is looked up at all; null if one is. */
export function blockedBefore({
  arrival,
  beforeLookup,
}: Pick<WithArrival<ResolvedDestination>, 'arrival' | 'beforeLookup'>) {
  if (arrival.reach === 'unreachable') return { steeredBy: 'unreachable' as const, reason: arrival.reason }
  const rewrites = beforeLookup.find(({ state }) => state === 'redirects')
  if (rewrites === undefined) return null
  return { steeredBy: 'redirected' as const, reason: `${rewrites.detail} Look up its new destination instead.` }
}

function arrivalWarnings({
  arrival,
  beforeLookup,
}: Pick<WithArrival<ResolvedDestination>, 'arrival' | 'beforeLookup'>): string[] {
  return [...(arrival.reach === 'unknown' ? [arrival.reason] : []), ...warningsBefore(beforeLookup)]
}

export function queryOf(destination: WithArrival<ResolvedDestination>) {
  const { netns, protocol, family, local, arrival, beforeLookup } = destination
  return { netns, protocol, family, local, interface: destination.interface, arrival, beforeLookup }
}

function undeterminedText(clients: number, undetermined: number): string {
  const who =
    undetermined === clients
      ? `all ${formatCount(clients)} clients`
      : `${formatCount(undetermined)} of ${formatCount(clients)} clients`
  return `A BPF program decides for ${who}, and which member it picks is not known from their addresses and ports.`
}

function mapSummary(clients: number, reached: number, spread: SteeringMap['spread']): string {
  const sample = `${formatCount(clients)} clients`
  if (reached === 0 || spread === null) return `None of ${sample} reaches a member.`
  const members = `${spread.members} ${spread.members === 1 ? 'member' : 'members'}`
  if (spread.members === 1) return `All ${formatCount(reached)} of ${sample} that reach a socket reach the same one.`
  if (spread.p === null) {
    return `${sample} over ${members} are too few to judge: at least ${formatCount(5 * spread.members)} are needed.`
  }
  const p = probabilityText(spread.p)
  if (isSignificant(spread)) {
    const most = spread.maxOverMean?.toFixed(2) ?? '1'
    const none = spread.min === 0 ? '; at least one gets none' : ''
    return `Uneven: with ${sample} over ${members}, the busiest gets ${most} times its share${none} (${p}).`
  }
  if (isDoubtful(spread)) return `Not clearly uneven: ${sample} over ${members}, ${p}. ${THRESHOLD_SENTENCE}`
  return `As even as chance allows: ${sample} over ${members}, ${p}.`
}
