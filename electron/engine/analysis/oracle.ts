/** Which member a client reaches: the kernel lookup, with the member that it names and warnings about the answer. */
import { availableParallelism } from 'node:os'
import type { Destination, Flow, Probe, SteeredBy, SteeringMap } from '../../contract/analysis.ts'
import type { Problem } from '../../contract/errors.ts'
import type { Group, GroupKey, Member, Protocol } from '../../contract/model.ts'
import { addressText, endpointText } from '../addresses.ts'
import type { Inspection } from '../inspection.ts'
import type { Picture } from '../picture.ts'
import { incomingCpuOf } from '../picture-fields.ts'
import { askRoute } from '../routes.ts'
import type { Sampler } from '../sampler.ts'
import { remedyFor, whatIsMissing } from '../sock-diag.ts'
import { arrivalOf, LOOPBACK } from './arrival.ts'
import { stepsBefore, warningsBefore } from './before-lookup.ts'
import { clientsIn, clientsOf, hostOf, parsePrefix, strangersOf } from './clients.ts'
import { parseAddress } from './lookup.ts'
import {
  type Arrived,
  type ResolvedDestination,
  type ResolvedFlow,
  refuseBroadcast,
  resolveDestination,
  resolveFlow,
  Unanswerable,
} from './question.ts'
import { recentPicture } from './recent-picture.ts'
import { flowSpreadOf, isSignificant, probabilityText } from './statistics.ts'

// States in ProbeAnswer.
const CONNECTED = 4
const CONNECTION = 255

/** CPUs from which a client is looked up: as many as the addon uses. */
const CPUS = Math.min(16, availableParallelism())

/** Maximum members whose SO_INCOMING_CPU is read. */
const CPUS_AT_ONCE = 4096

export const PROGRAM_WARNING =
  'This is hash steering: a BPF program attached to the group would decide instead, and no kernel interface reveals one.'
export const CPU_WARNING =
  'Members of this group set SO_INCOMING_CPU: the CPU that receives the packet decides first. The kernel lookup ran on every CPU in turn.'

export class Oracle {
  readonly #inspection: Inspection
  readonly #sampler: Sampler
  /** The last refresh in which every group was classified. */
  #understood = 0

  constructor(inspection: Inspection, sampler: Sampler) {
    this.#inspection = inspection
    this.#sampler = sampler
  }

  /** The member that one client reaches. Throws Unanswerable; rejects with the kernel's error. */
  async probe(flow: Flow): Promise<Probe> {
    return this.probeArrived(await this.arrivedFlow(flow))
  }

  /** The resolved flow with its arrival. Throws Unanswerable. */
  async arrivedFlow(flow: Flow): Promise<Arrived<ResolvedFlow>> {
    const resolved = await this.resolved(() => resolveFlow(this.#inspection, flow))
    return this.arrived(resolved, { address: resolved.remoteAddress, port: resolved.remote.port })
  }

  /** How packets of this client arrive, and what decides about them before the socket lookup. */
  async arrived<Question extends ResolvedDestination>(
    question: Question,
    client: { address: Uint8Array; port: number | null },
  ): Promise<Arrived<Question>> {
    const { netns, family, local, localAddress, anyAddress } = question
    const { reader, interfaces } = this.#inspection
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
      (asked) => askRoute(reader, { netns, family, ...asked }),
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
      arrival: { reach, named, reason },
      before,
    }
  }

  /**
   * The result of `resolve`, retried once after a refresh if it throws NOT_FOUND: the namespace or interface may be
   * new.
   */
  async resolved<T>(resolve: () => T): Promise<T> {
    await recentPicture(this.#inspection, this.#sampler)
    try {
      return resolve()
    } catch (error) {
      if (!(error instanceof Unanswerable) || error.code !== 'NOT_FOUND') throw error
      await this.#sampler.read('now', async () => undefined)
      await this.#inspection.interfaces.update(this.#inspection.namespaces.list().map(({ inode }) => inode))
      return resolve()
    }
  }

  /** Why this kernel cannot do the lookup; null if it can. */
  lacking(protocol: Protocol): Problem | null {
    const missing = this.#inspection.missing.filter((table) => table.protocol === protocol)
    if (missing.length === 0) return null
    return {
      asked: `the kernel lookup of ${protocol.toUpperCase()} sockets`,
      happened: `it needs sock_diag, but ${whatIsMissing(missing)}`,
      remedy: remedyFor(missing),
    }
  }

  async probeArrived(flow: Arrived<ResolvedFlow>): Promise<Probe> {
    const stopped = stoppedBefore(flow)
    if (stopped !== null) {
      const nobody = {
        remote: flow.remote,
        member: null,
        group: null,
        beside: [],
        warnings: warningsBefore(flow.before),
      }
      return { ...askedOf(flow), ...nobody, ...stopped }
    }
    const answer = await this.#ask(flow, repeated(flow, CPUS))
    const errno = answer.errnos[0] ?? 0
    if (errno !== 0) throw new Error(`the kernel did not answer the probe (errno ${errno})`)
    const state = answer.states[0] ?? 0
    const cookie = answer.cookies[0] ?? 0n
    /** More than one if the CPU decides. */
    const named = new Set(answer.cookies)
    const asked = askedOf(flow)
    const client = endpointText(flow.remote.address, flow.remote.port)
    const of = (by: SteeredBy, reason: string): Probe => ({
      ...asked,
      remote: flow.remote,
      member: null,
      group: null,
      beside: [],
      by,
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
      const now = await this.#sampler.read('due', async ({ picture }) => picture)
      return state === CONNECTED ? this.#connected(now, flow, of) : of('nobody', this.#whyNobody(now, flow))
    }
    const picture = await this.#pictureWith(cookie)
    const socket = picture.socketOf(cookie)
    if (socket < 0) {
      return of('unknown', 'The kernel named a socket that was just opened or closed. Try again.')
    }
    return this.#steered(picture, socket, named.size, of)
  }

  /** Which members thousands of clients reach. Throws Unanswerable. */
  async map(question: Destination & { clients: number; prefix?: string | undefined }): Promise<SteeringMap> {
    const local = parseAddress(question.local.address)
    const text = question.prefix ?? strangersOf(local?.family ?? 'ipv4', local?.bytes ?? null)
    const prefix = parsePrefix(text)
    if (prefix === null) {
      throw new Unanswerable('UNPROCESSABLE_CONTENT', {
        asked: `clients from "${text}"`,
        happened: 'it is not a prefix',
        remedy: 'Use ADDRESS/LENGTH, such as 198.51.100.0/24 or 2001:db8::/32.',
      })
    }
    const resolved = await this.resolved(() => resolveDestination(this.#inspection, question, prefix.family))
    const count = clientsIn(prefix, question.clients)
    const destination = await this.arrived(resolved, { address: hostOf(prefix), port: null })
    const stopped = stoppedBefore(destination)
    if (stopped !== null) {
      return {
        ...askedOf(destination),
        ...{
          clients: count,
          prefix: prefix.text,
          durationMs: 0,
          shares: [],
          nobody: count,
          connections: 0,
          spread: null,
        },
        sentence: stopped.reason,
        warnings: warningsBefore(destination.before),
      }
    }
    const answer = await this.#ask(destination, clientsOf(prefix, count))
    const failed = answer.errnos.findIndex((errno) => errno !== 0)
    if (failed >= 0) throw new Error(`the kernel left probes unanswered (errno ${answer.errnos[failed]})`)

    const counts = new Map<bigint, number>()
    let nobody = 0
    let connections = 0
    for (const [client, cookie] of answer.cookies.entries()) {
      if (cookie !== 0n) counts.set(cookie, (counts.get(cookie) ?? 0) + 1)
      else if ((answer.states[client] ?? 0) >= CONNECTED) connections++
      else nobody++
    }
    const picture = await this.#pictureWith(...counts.keys())
    const groupRows = new Set<number>()
    const groupIds = new Map<bigint, string>()
    for (const cookie of counts.keys()) {
      const socket = picture.socketOf(cookie)
      if (socket >= 0) groupRows.add(picture.groupOf(socket))
    }
    // Members that no client reaches are listed too: they are what a map is for.
    for (const row of groupRows) {
      const id = picture.id(row)
      for (const socket of receivingSockets(picture, row)) groupIds.set(picture.cookie(socket), id)
      for (const { cookie, group } of socketsBeside(picture, row)) groupIds.set(BigInt(cookie), group)
    }
    for (const cookie of groupIds.keys()) if (!counts.has(cookie)) counts.set(cookie, 0)
    const members = [...groupRows].reduce((sum, row) => sum + picture.receiving(row), 0)
    const beside = [...groupRows].flatMap((row) => socketsBeside(picture, row))
    const warnings = [
      ...(await this.warningsOf(picture, [...groupRows])),
      ...arrivalWarnings(destination),
      ...(beside.length === 0 ? [] : [besideSentence(beside.length)]),
    ]
    const reached = count - nobody - connections
    const shares = [...counts]
      .map(([cookie, clients]) => ({
        cookie: String(cookie),
        group: groupIds.get(cookie) ?? null,
        clients,
        share: reached === 0 ? 0 : clients / reached,
      }))
      .sort((a, b) => b.clients - a.clients || (BigInt(a.cookie) < BigInt(b.cookie) ? -1 : 1))
    // Sockets that only share the endpoint are not expected to get a share.
    const spread = reached === 0 ? null : flowSpreadOf(shares.map(({ clients }) => clients).slice(0, members))
    return {
      ...askedOf(destination),
      clients: count,
      prefix: prefix.text,
      durationMs: answer.durationMs,
      shares,
      nobody,
      connections,
      spread,
      sentence: mapSentence(count, reached, spread),
      warnings,
    }
  }

  /** The addon's answer for remotes in the form of `clientsOf`. */
  async ask(destination: ResolvedDestination, remotes: Uint8Array) {
    return this.#ask(destination, remotes)
  }

  /** Reasons why packets may not follow the hash in these groups. Decodes the frame before its first await. */
  async warningsOf(picture: Picture, rows: readonly number[]): Promise<string[]> {
    const steered = rows.filter((row) => picture.sharing(row) === 'reuseport' && picture.receiving(row) > 1)
    if (steered.length === 0) return []
    const sockets = steered.flatMap((row) => receivingSockets(picture, row)).slice(0, CPUS_AT_ONCE)
    const cookies = BigUint64Array.from(sockets, (socket) => picture.cookie(socket))
    const cpus = await this.#inspection.reader.readIncomingCpus(cookies)
    return cpus.some((cpu) => typeof incomingCpuOf(cpu) === 'number')
      ? [PROGRAM_WARNING, CPU_WARNING]
      : [PROGRAM_WARNING]
  }

  async #ask(destination: ResolvedDestination, remotes: Uint8Array) {
    const lacking = this.lacking(destination.protocol)
    if (lacking !== null) throw new Unanswerable('NOT_IMPLEMENTED', lacking)
    return this.#inspection.reader.probe({
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
  async #pictureWith(...cookies: bigint[]): Promise<Picture> {
    const picture = await recentPicture(this.#inspection, this.#sampler)
    const known = cookies.every((cookie) => {
      const socket = picture.socketOf(cookie)
      if (socket < 0) return false
      const row = picture.groupOf(socket)
      return picture.sharing(row) !== 'unknown' || picture.membersChanged(row) <= this.#understood
    })
    return known ? picture : this.lookNow()
  }

  /** A new frame, with owners, in which every group is classified if possible. */
  lookNow(): Promise<Picture> {
    return this.#sampler.read('now', async ({ picture }) => {
      this.#understood = picture.refresh
      return picture
    })
  }

  async #steered(
    picture: Picture,
    socket: number,
    named: number,
    of: (by: SteeredBy, reason: string) => Probe,
  ): Promise<Probe> {
    // Decoded before the first await: the frame's memory is reused.
    const row = picture.groupOf(socket)
    const member: Member = picture.member(socket)
    const group: GroupKey = picture.key(row)
    const receiving = picture.receiving(row)
    const beside = socketsBeside(picture, row)
    const steering = await this.warningsOf(picture, [row])
    const first = receiving === 1 && beside.length > 0
    const by = steering.includes(CPU_WARNING) ? 'cpu' : first ? 'newest' : steeredBy(group.sharing, receiving)
    const among = first ? 1 + beside.length : receiving
    const also = beside.length > 0 && !first ? ` ${besideSentence(beside.length)}` : ''
    const answer = of(by, `${reasonOf(by, among, named)}${also}`)
    return { ...answer, member, group, beside, warnings: [...steering, ...answer.warnings] }
  }

  #connected(picture: Picture, flow: ResolvedFlow, of: (by: SteeredBy, reason: string) => Probe): Probe {
    const reason = 'A UDP socket connected to this client takes its datagrams; the group never sees them.'
    for (let row = 0; row < picture.groups.count; row++) {
      const destination = picture.destination(row)
      if (picture.protocol(row) !== 'udp' || destination.netns !== flow.netns) continue
      if (destination.localPort !== flow.local.port) continue
      const first = picture.firstSocket(row)
      for (let socket = first; socket < first + picture.socketCount(row); socket++) {
        const remote = picture.remoteOf(socket)
        if (remote === null || remote.port !== flow.remote.port) continue
        if (!remote.address.every((byte, at) => byte === flow.remoteAddress[at])) continue
        return { ...of('connected', reason), member: picture.member(socket), group: picture.key(row) }
      }
    }
    return of('connected', reason)
  }

  #whyNobody(picture: Picture, flow: ResolvedFlow): string {
    const what = flow.protocol === 'tcp' ? 'listens' : 'is bound'
    const at = endpointText(flow.local.address, flow.local.port)
    const others: string[] = []
    for (let row = 0; row < picture.groups.count; row++) {
      const destination = picture.destination(row)
      if (picture.protocol(row) !== flow.protocol || destination.localPort !== flow.local.port) continue
      if (destination.netns !== flow.netns || picture.receiving(row) === 0) continue
      const key = picture.key(row)
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
export function receivingSockets(picture: Picture, row: number): number[] {
  const first = picture.firstSocket(row)
  const sockets: number[] = []
  for (let socket = first; socket < first + picture.socketCount(row); socket++) {
    if (picture.socketReceives(socket)) sockets.push(socket)
  }
  return sockets
}

function steeredBy(sharing: Group['sharing'], receiving: number): SteeredBy {
  if (receiving === 1) return 'lone'
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
    case 'lone':
      return 'It is the only socket that takes this traffic.'
    case 'newest':
      return `${receiving} sockets share the port through SO_REUSEADDR: the newest takes everything.`
    default:
      return `The kernel lookup names it; how the ${receiving} sockets share the port is unknown.`
  }
}

/** Sockets that receive at the same endpoint but are in another group: the lookup ends before it reaches them. */
export function socketsBeside(picture: Picture, row: number): Probe['beside'] {
  const beside: Probe['beside'] = []
  const add = (other: number) => {
    const group = picture.id(other)
    for (const socket of receivingSockets(picture, other))
      beside.push({ cookie: String(picture.cookie(socket)), group })
  }
  // Groups with the same endpoint are in adjacent rows.
  for (let other = row - 1; other >= 0 && picture.samePlace(other, row); other--) add(other)
  for (let other = row + 1; other < picture.groups.count && picture.samePlace(other, row); other++) add(other)
  return beside
}

function besideSentence(count: number): string {
  return count === 1
    ? 'One more socket has this endpoint but is not in the group: it gets none of this traffic.'
    : `${count} more sockets have this endpoint but are not in the group: they get none of this traffic.`
}

/** Why no socket is looked up at all; null if one is. */
export function stoppedBefore({ arrival, before }: Pick<Arrived<ResolvedDestination>, 'arrival' | 'before'>) {
  if (arrival.reach === 'unreachable') return { by: 'unreachable' as const, reason: arrival.reason }
  const rewrites = before.find(({ state }) => state === 'rewrites')
  if (rewrites === undefined) return null
  return { by: 'rewritten' as const, reason: `${rewrites.detail} Look up its new destination instead.` }
}

function arrivalWarnings({ arrival, before }: Pick<Arrived<ResolvedDestination>, 'arrival' | 'before'>): string[] {
  return [...(arrival.reach === 'unknown' ? [arrival.reason] : []), ...warningsBefore(before)]
}

export function askedOf(destination: Arrived<ResolvedDestination>) {
  const { netns, protocol, family, local, arrival, before } = destination
  return { netns, protocol, family, local, interface: destination.interface, arrival, before }
}

function mapSentence(clients: number, reached: number, spread: SteeringMap['spread']): string {
  const sample = `${clients.toLocaleString('en')} clients`
  if (reached === 0 || spread === null) return `None of ${sample} reaches a member.`
  const members = `${spread.members} ${spread.members === 1 ? 'member' : 'members'}`
  if (spread.members === 1)
    return `All ${reached.toLocaleString('en')} of ${sample} that reach a socket reach the same one.`
  if (spread.p === null) {
    return `${sample} over ${members} are too few to judge: at least ${(5 * spread.members).toLocaleString('en')} are needed.`
  }
  const p = probabilityText(spread.p)
  if (isSignificant(spread)) {
    const most = spread.maxOverMean?.toFixed(2) ?? '1'
    const none = spread.min === 0 ? '; at least one gets none' : ''
    return `Uneven: with ${sample} over ${members}, the busiest gets ${most} times its share${none} (${p}).`
  }
  return `As even as chance allows: ${sample} over ${members}, ${p}.`
}
