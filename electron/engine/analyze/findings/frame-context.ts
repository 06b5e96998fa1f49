/** Groups of a frame as rules see them, decoded only as far as a rule reads. Valid as long as the frame's memory is. */
import type { GroupKey } from '../../../contract/model.ts'
import type { Collector } from '../../collect/collector.ts'
import type { FrameView } from '../../collect/frame-view.ts'
import { isWildcard } from '../../common/addresses.ts'
import { mappedAddress } from '../lookup.ts'
import { servingPids } from '../serving.ts'
import type { GroupIds } from './group-ids.ts'
import type { NamespaceFacts, NamespaceFactsReader } from './namespace-facts.ts'
import type { Place, Reachability } from './reachability.ts'
import type { Delivery, GroupView, Launch, MemberView, ProcessView } from './rule.ts'

/** Shared by all views of one frame. */
export class FrameContext {
  readonly frame: FrameView
  readonly collector: Collector
  readonly #facts: NamespaceFactsReader
  readonly #ids: GroupIds
  readonly #ports: PortIndex
  readonly #reach: Reachability

  constructor(parts: {
    frame: FrameView
    collector: Collector
    facts: NamespaceFactsReader
    ids: GroupIds
    ports: PortIndex
    reach: Reachability
  }) {
    this.frame = parts.frame
    this.collector = parts.collector
    this.#facts = parts.facts
    this.#ids = parts.ids
    this.#ports = parts.ports
    this.#reach = parts.reach
  }

  /** The address of a group; null for a wildcard. */
  placeOf(row: number): Place | null {
    const { netns, family, localAddress } = this.frame.destination(row)
    if (isWildcard(localAddress)) return null
    const mapped = family === 6 ? mappedAddress(localAddress) : null
    return mapped === null
      ? { netns, family: family === 6 ? 'ipv6' : 'ipv4', address: localAddress }
      : { netns, family: 'ipv4', address: mapped }
  }

  deliveryTo(row: number): Delivery {
    const place = this.placeOf(row)
    return place === null ? 'one' : this.#reach.deliveryTo(place)
  }

  id(row: number): string {
    return this.#ids.of(this.frame, row)
  }

  group(row: number): GroupView {
    return new FrameGroup(this, row)
  }

  neighbors(row: number): readonly number[] {
    return this.#ports.neighbors(this.frame, row)
  }

  facts(netns: number): NamespaceFacts {
    return this.#facts.facts(netns)
  }

  process(pid: number): ProcessView | null {
    const process = this.collector.processTable.processes.get(pid)
    if (process === undefined) return null
    const { parent, command, startedAt } = process
    return { pid, parent, command, startedAt: startedAt === null ? null : Date.parse(startedAt) }
  }

  launch(pid: number): Launch {
    const { processTable: owners, processDetails: details } = this.collector
    const process = owners.processes.get(pid)
    const known = process === undefined ? null : details.describe(process)
    return { commandLine: known?.commandLine ?? null, unit: known?.unit ?? null }
  }

  user(uid: number): string | null {
    return this.collector.users.name(uid)
  }
}

class FrameGroup implements GroupView {
  readonly #view: FrameContext
  readonly #row: number
  #members: readonly MemberView[] | undefined
  #neighbors: readonly GroupView[] | undefined
  #key: GroupKey | undefined
  #fullest: GroupView['fullest'] | undefined

  constructor(view: FrameContext, row: number) {
    this.#view = view
    this.#row = row
  }

  get id() {
    return this.#view.id(this.#row)
  }
  get protocol() {
    return this.#frame.protocol(this.#row)
  }
  get family() {
    return this.#frame.groupFamily(this.#row)
  }
  get sharing() {
    return this.#frame.sharing(this.#row)
  }
  get port() {
    return this.#frame.port(this.#row)
  }
  get address() {
    return this.#frame.destination(this.#row).localAddress
  }
  get delivery() {
    return this.#view.deliveryTo(this.#row)
  }
  get receiving() {
    return this.#frame.receiving(this.#row)
  }
  get dropped() {
    return this.#frame.droppedOf(this.#row)
  }
  get queued() {
    return this.#frame.queuedOf(this.#row)
  }
  get fullest() {
    if (this.#fullest === undefined) {
      const frame = this.#frame
      const socket = frame.fullestOf(this.#row)
      this.#fullest =
        socket === null
          ? null
          : { cookie: frame.cookieNumber(socket), length: frame.queueLength(socket), limit: frame.queueLimit(socket) }
    }
    return this.#fullest
  }
  get membership() {
    return this.#frame.membersChanged(this.#row)
  }
  get connected() {
    return this.#frame.socketCount(this.#row) - this.receiving
  }
  get facts() {
    return this.#view.facts(this.#frame.netns(this.#row))
  }
  get kernelGroups() {
    return this.#frame.kernelGroups(this.#row)
  }
  get given() {
    const given = this.#frame.givenOf(this.#row)
    return given === undefined ? null : { total: given.sample, since: Date.parse(given.sampleSince) }
  }
  get key() {
    this.#key ??= this.#frame.key(this.#row)
    return this.#key
  }
  get members() {
    this.#members ??= this.#decodeMembers()
    return this.#members
  }
  get servers() {
    const pids = new Set<number>()
    for (const socket of this.#sockets()) {
      for (const pid of servingPids(this.#view.collector, this.#frame, socket)) pids.add(pid)
    }
    return pids
  }
  get setsCpu() {
    for (const socket of this.#sockets()) if (typeof this.#frame.incomingCpu(socket) === 'number') return true
    return false
  }
  get neighbors() {
    this.#neighbors ??= this.#view.neighbors(this.#row).map((row) => this.#view.group(row))
    return this.#neighbors
  }
  process(pid: number) {
    return this.#view.process(pid)
  }
  launch(pid: number) {
    return this.#view.launch(pid)
  }
  user(uid: number) {
    return this.#view.user(uid)
  }

  get #frame(): FrameView {
    return this.#view.frame
  }

  #decodeMembers(): MemberView[] {
    return Array.from(this.#sockets(), (socket) => new FrameMember(this.#view, socket))
  }

  /** The sockets of the members that receive. */
  *#sockets(): Generator<number> {
    const frame = this.#frame
    const first = frame.firstSocket(this.#row)
    for (let socket = first; socket < first + frame.socketCount(this.#row); socket++) {
      if (frame.socketReceives(socket)) yield socket
    }
  }
}

class FrameMember implements MemberView {
  readonly #view: FrameContext
  readonly #socket: number

  constructor(view: FrameContext, socket: number) {
    this.#view = view
    this.#socket = socket
  }

  get cookie() {
    return this.#view.frame.cookie(this.#socket)
  }
  get state() {
    return this.#view.frame.state(this.#socket)
  }
  get uid() {
    return this.#view.frame.uidOf(this.#socket)
  }
  get length() {
    return this.#view.frame.queueLength(this.#socket)
  }
  get limit() {
    return this.#view.frame.queueLimit(this.#socket)
  }
  get drops() {
    return this.#view.frame.dropsOf(this.#socket)
  }
  get dropped() {
    return this.#view.frame.dropsDelta(this.#socket)
  }
  get options() {
    return this.#view.frame.optionsOf(this.#socket)
  }
  get cpu() {
    return this.#view.frame.incomingCpu(this.#socket)
  }
  get holders() {
    return this.#view.frame.holderPids(this.#socket)
  }
  get pollers() {
    return this.#view.frame.pollersOf(this.#socket)
  }
  get serving() {
    return servingPids(this.#view.collector, this.#view.frame, this.#socket)
  }
  get given() {
    return this.#view.frame.given(this.#socket)?.sample ?? null
  }
}

/** Groups by port, rebuilt only after rows were added, removed or moved. */
export class PortIndex {
  #rows: Map<number, number[]> | null = null

  /** Call when the frame's groups have changed. */
  reset(): void {
    this.#rows = null
  }

  /** Rows of the other groups on the port of this one. */
  neighbors(frame: FrameView, row: number): readonly number[] {
    this.#rows ??= this.#build(frame)
    const on = this.#rows.get(portKey(frame, row)) ?? []
    return on.length < 2 ? [] : on.filter((other) => other !== row)
  }

  #build(frame: FrameView): Map<number, number[]> {
    const rows = new Map<number, number[]>()
    for (let row = 0; row < frame.groups.count; row++) {
      const key = portKey(frame, row)
      const on = rows.get(key)
      if (on === undefined) rows.set(key, [row])
      else on.push(row)
    }
    return rows
  }
}

/** Namespace (32 bits), protocol (1) and port (16) in one number. */
function portKey(frame: FrameView, row: number): number {
  return frame.netns(row) * 0x2_0000 + (frame.protocol(row) === 'tcp' ? 0x1_0000 : 0) + frame.port(row)
}
