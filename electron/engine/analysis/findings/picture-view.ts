/** Groups of a frame as rules see them, decoded only as far as a rule reads. Valid as long as the frame's memory is. */
import type { GroupKey } from '../../../contract/model.ts'
import { isWildcard } from '../../addresses.ts'
import type { Inspection } from '../../inspection.ts'
import type { Picture } from '../../picture.ts'
import { mappedAddress } from '../lookup.ts'
import { servingPids } from '../serving.ts'
import type { NamespaceFacts, NamespaceFactsReader } from './namespace-facts.ts'
import type { Place, Reach } from './reach.ts'
import type { GroupView, Launch, MemberView, ProcessView } from './rule.ts'

/** Shared by all views of one frame. */
export class PictureView {
  readonly picture: Picture
  readonly inspection: Inspection
  readonly #facts: NamespaceFactsReader
  readonly #ports: PortIndex
  readonly #reach: Reach

  constructor(parts: {
    picture: Picture
    inspection: Inspection
    facts: NamespaceFactsReader
    ports: PortIndex
    reach: Reach
  }) {
    this.picture = parts.picture
    this.inspection = parts.inspection
    this.#facts = parts.facts
    this.#ports = parts.ports
    this.#reach = parts.reach
  }

  /** The address of a group; null for a wildcard. */
  placeOf(row: number): Place | null {
    const { netns, family, localAddress } = this.picture.destination(row)
    if (isWildcard(localAddress)) return null
    const mapped = family === 6 ? mappedAddress(localAddress) : null
    return mapped === null
      ? { netns, family: family === 6 ? 'ipv6' : 'ipv4', address: localAddress }
      : { netns, family: 'ipv4', address: mapped }
  }

  isUnreachable(row: number): boolean {
    const place = this.placeOf(row)
    return place !== null && this.#reach.isUnreachable(place)
  }

  group(row: number): GroupView {
    return new PictureGroup(this, row)
  }

  neighbours(row: number): readonly number[] {
    return this.#ports.neighbours(this.picture, row)
  }

  facts(netns: number): NamespaceFacts {
    return this.#facts.facts(netns)
  }

  process(pid: number): ProcessView | null {
    const process = this.inspection.owners.processes.get(pid)
    if (process === undefined) return null
    const { parent, command, startedAt } = process
    return { pid, parent, command, startedAt: startedAt === null ? null : Date.parse(startedAt) }
  }

  launch(pid: number): Launch {
    const { owners, details } = this.inspection
    const process = owners.processes.get(pid)
    const known = process === undefined ? null : details.describe(process)
    return { commandLine: known?.commandLine ?? null, unit: known?.unit ?? null }
  }

  user(uid: number): string | null {
    return this.inspection.users.name(uid)
  }
}

class PictureGroup implements GroupView {
  readonly #view: PictureView
  readonly #row: number
  #members: readonly MemberView[] | undefined
  #neighbours: readonly GroupView[] | undefined
  #key: GroupKey | undefined

  constructor(view: PictureView, row: number) {
    this.#view = view
    this.#row = row
  }

  get id() {
    return this.#picture.id(this.#row)
  }
  get protocol() {
    return this.#picture.protocol(this.#row)
  }
  get family() {
    return this.#picture.groupFamily(this.#row)
  }
  get sharing() {
    return this.#picture.sharing(this.#row)
  }
  get port() {
    return this.#picture.port(this.#row)
  }
  get address() {
    return this.#picture.destination(this.#row).localAddress
  }
  get unreachable() {
    return this.#view.isUnreachable(this.#row)
  }
  get receiving() {
    return this.#picture.receiving(this.#row)
  }
  get dropped() {
    return this.#picture.droppedOf(this.#row)
  }
  get queued() {
    return this.#picture.queuedOf(this.#row)
  }
  get fullest() {
    const socket = this.#picture.fullestOf(this.#row)
    if (socket === null) return null
    const picture = this.#picture
    return {
      cookie: picture.cookieNumber(socket),
      length: picture.queueLength(socket),
      limit: picture.queueLimit(socket),
    }
  }
  get membership() {
    return this.#picture.membersChanged(this.#row)
  }
  get connected() {
    return this.#picture.socketCount(this.#row) - this.receiving
  }
  get facts() {
    return this.#view.facts(this.#picture.netns(this.#row))
  }
  get key() {
    this.#key ??= this.#picture.key(this.#row)
    return this.#key
  }
  get members() {
    this.#members ??= this.#decodeMembers()
    return this.#members
  }
  get neighbours() {
    this.#neighbours ??= this.#view.neighbours(this.#row).map((row) => this.#view.group(row))
    return this.#neighbours
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

  get #picture(): Picture {
    return this.#view.picture
  }

  #decodeMembers(): MemberView[] {
    const picture = this.#picture
    const first = picture.firstSocket(this.#row)
    const members: MemberView[] = []
    for (let socket = first; socket < first + picture.socketCount(this.#row); socket++) {
      if (picture.socketReceives(socket)) members.push(new PictureMember(this.#view, socket))
    }
    return members
  }
}

class PictureMember implements MemberView {
  readonly #view: PictureView
  readonly #socket: number

  constructor(view: PictureView, socket: number) {
    this.#view = view
    this.#socket = socket
  }

  get cookie() {
    return this.#view.picture.cookie(this.#socket)
  }
  get state() {
    return this.#view.picture.state(this.#socket)
  }
  get uid() {
    return this.#view.picture.uidOf(this.#socket)
  }
  get length() {
    return this.#view.picture.queueLength(this.#socket)
  }
  get limit() {
    return this.#view.picture.queueLimit(this.#socket)
  }
  get drops() {
    return this.#view.picture.dropsOf(this.#socket)
  }
  get dropped() {
    return this.#view.picture.dropsDelta(this.#socket)
  }
  get options() {
    return this.#view.picture.optionsOf(this.#socket)
  }
  get cpu() {
    return this.#view.picture.incomingCpu(this.#socket)
  }
  get holders() {
    return this.#view.picture.holderPids(this.#socket)
  }
  get pollers() {
    return this.#view.picture.pollersOf(this.#socket)
  }
  get serving() {
    return servingPids(this.#view.inspection, this.#view.picture, this.#socket)
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
  neighbours(picture: Picture, row: number): readonly number[] {
    this.#rows ??= this.#build(picture)
    const on = this.#rows.get(portKey(picture, row)) ?? []
    return on.length < 2 ? [] : on.filter((other) => other !== row)
  }

  #build(picture: Picture): Map<number, number[]> {
    const rows = new Map<number, number[]>()
    for (let row = 0; row < picture.groups.count; row++) {
      const key = portKey(picture, row)
      const on = rows.get(key)
      if (on === undefined) rows.set(key, [row])
      else on.push(row)
    }
    return rows
  }
}

/** Namespace (32 bits), protocol (1) and port (16) in one number. */
function portKey(picture: Picture, row: number): number {
  return picture.netns(row) * 0x2_0000 + (picture.protocol(row) === 'tcp' ? 0x1_0000 : 0) + picture.port(row)
}
