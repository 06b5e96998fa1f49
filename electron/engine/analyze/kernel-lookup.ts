import type { Destination, Flow, Probe } from '../../contract/analysis.ts'
import type { Problem } from '../../contract/errors.ts'
import type { Family, Protocol } from '../../contract/model.ts'
import type { Collector } from '../collect/collector.ts'
import { incomingCpuOf } from '../collect/frame-fields.ts'
import { SINGLE_FRAME } from '../collect/frame-request.ts'
import type { FrameView } from '../collect/frame-view.ts'
import type { Sampler } from '../collect/sampler.ts'
import { describeMissing, hintFor } from '../collect/sock-diag.ts'
import { addressText } from '../common/addresses.ts'
import { arrivalOf, LOOPBACK } from './arrival.ts'
import { stepsBefore, warningsBefore } from './before-lookup.ts'
import { programTexts } from './program-lookup.ts'
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

/** Maximum members whose SO_INCOMING_CPU is read. */
const MAX_CPU_READS = 4096

/** The state of a connected UDP socket in ProbeAnswer: it answers in the group's place. */
export const CONNECTED = 4

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

  /** The resolved flow with its arrival. Throws InvalidQuery. */
  async arrivedFlow(flow: Flow): Promise<WithArrival<ResolvedFlow>> {
    const resolved = await this.resolved(() => resolveFlow(this.#collector, flow))
    return this.arrived(resolved, { address: resolved.remoteAddress, port: resolved.remote.port })
  }

  /** The resolved destination of clients of this family. Throws InvalidQuery. */
  resolvedDestination(destination: Destination, family: Family): Promise<ResolvedDestination> {
    return this.resolved(() => resolveDestination(this.#collector, destination, family))
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

  /** Reasons why packets may not follow the hash in these groups. Decodes the frame before its first await. */
  async warningsOf(frame: FrameView, rows: readonly number[]): Promise<string[]> {
    const steered = rows.filter((row) => frame.sharing(row) === 'reuseport' && frame.receiving(row) > 1)
    if (steered.length === 0) return []
    const sockets = steered.flatMap((row) => receivingSockets(frame, row)).slice(0, MAX_CPU_READS)
    const cookies = BigUint64Array.from(sockets, (socket) => frame.cookie(socket))
    const warnings = steered.flatMap((row) =>
      frame.programDecides(row) === null ? [PROGRAM_WARNING] : programTexts(frame, row),
    )
    const cpus = await this.#collector.reader.readIncomingCpus(cookies)
    return cpus.some((cpu) => typeof incomingCpuOf(cpu) === 'number')
      ? [...new Set([...warnings, CPU_WARNING])]
      : [...new Set(warnings)]
  }

  /** The addon's answer for remotes in the form of `clientsOf`. */
  async lookUp(destination: ResolvedDestination, remotes: Uint8Array) {
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
  async frameWith(...cookies: bigint[]): Promise<FrameView> {
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

/** What `socketsBeside` found, as a warning. */
export function besideText(count: number): string {
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

/** What makes the answer doubtful that was found on the packet's way to the lookup. */
export function arrivalWarnings({
  arrival,
  beforeLookup,
}: Pick<WithArrival<ResolvedDestination>, 'arrival' | 'beforeLookup'>): string[] {
  return [...(arrival.reach === 'unknown' ? [arrival.reason] : []), ...warningsBefore(beforeLookup)]
}

export function queryOf(destination: WithArrival<ResolvedDestination>) {
  const { netns, protocol, family, local, arrival, beforeLookup } = destination
  return { netns, protocol, family, local, interface: destination.interface, arrival, beforeLookup }
}
