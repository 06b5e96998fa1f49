/**
 * One refresh, readable: the addon's frame together with the names that the engine knows for its numbers. Decodes on
 * demand; nothing here is kept from one refresh to the next, for the memory below is used again.
 */
import type { Frame, Layout } from '../../native/index.ts'
import type { GroupRow, MemberRow, Owner, Totals } from '../contract/live.ts'
import type {
  Evidence,
  Group,
  GroupKey,
  Holder,
  Member,
  Queue,
  QueueUnit,
  Sharing,
  SocketState,
} from '../contract/model.ts'
import { addressText, endpointText } from './addresses.ts'
import { type FieldOffsets, Rows, UNKNOWN } from './rows.ts'

// In the order of the numbers in records.h.
const STATES: readonly SocketState[] = ['bound', 'listening', 'bound', 'unconnected', 'connected']
const SHARINGS: readonly Sharing[] = ['none', 'reuseport', 'reuseaddr', 'inherited', 'unknown']
const EVIDENCES: readonly Evidence[] = ['none', 'co-listening', 'socket-option', 'steering-oracle', 'bpf']
const LISTENING = 1
const BOUND = 2
const UNCONNECTED = 3
const TCP = 6
const OPTIONS_KNOWN = 1
const OPTIONS_FROM_ORACLE = 2
const REUSEPORT = 4
const REUSEADDR = 8
/** Members drawn one by one in a table's row; beyond, each slot stands for several. */
const SLOTS = 32

/** What the numbers in a frame are called. */
export type Names = {
  user(uid: number): string | null
  interface(netns: number, index: number): string | null
  /** The process in this row of the owners' table, as it was when the frame's holders were read. */
  process(pid: number): { command: string; startedAt: string | null; service: string | null } | null
  /** Who polls the socket with epoll; null where it is not known. */
  pollers(inode: number): { pids: number[]; changed: number } | null
}

export class Picture {
  readonly refresh: number
  readonly takenAt: Date
  readonly frame: Frame
  readonly groups: Rows
  readonly sockets: Rows
  readonly holders: Rows
  readonly #at: FieldOffsets
  readonly #names: Names
  /** Milliseconds since the refresh before, null for the first. */
  readonly #elapsedMs: number | null
  readonly #seenAt: (refresh: number) => Date
  #totals: Omit<Totals, 'processesRefused'> | undefined

  constructor(init: {
    frame: Frame
    layout: Layout
    offsets: FieldOffsets
    names: Names
    takenAt: Date
    elapsedMs: number | null
    seenAt: (refresh: number) => Date
  }) {
    this.frame = init.frame
    this.refresh = init.frame.refresh
    this.takenAt = init.takenAt
    this.#at = init.offsets
    this.#names = init.names
    this.#elapsedMs = init.elapsedMs
    this.#seenAt = init.seenAt
    this.groups = new Rows(init.layout.group, init.frame.groups, init.frame.groupCount)
    this.sockets = new Rows(init.layout.socket, init.frame.sockets, init.frame.socketCount)
    this.holders = new Rows(init.layout.holder, init.frame.holders, init.frame.holderCount)
  }

  // ── One field of a group ──────────────────────────────────────────────────────────────────────────────────────────

  id(row: number): string {
    return groupIdText(this.groups.u64(row, this.#at.group.id))
  }
  changed(row: number): number {
    return this.groups.u32(row, this.#at.group.changed)
  }
  since(row: number): number {
    return this.groups.u32(row, this.#at.group.since)
  }
  membersChanged(row: number): number {
    return this.groups.u32(row, this.#at.group.members_changed)
  }
  sharing(row: number): Sharing {
    return SHARINGS[this.groups.u8(row, this.#at.group.sharing)] ?? 'unknown'
  }
  netns(row: number): number {
    return this.groups.u32(row, this.#at.group.netns)
  }
  firstSocket(row: number): number {
    return this.groups.u32(row, this.#at.group.first)
  }
  socketCount(row: number): number {
    return this.groups.u32(row, this.#at.group.sockets)
  }
  receiving(row: number): number {
    return this.groups.u32(row, this.#at.group.receiving)
  }
  protocol(row: number): 'tcp' | 'udp' {
    return this.groups.u8(row, this.#at.group.protocol) === TCP ? 'tcp' : 'udp'
  }
  port(row: number): number {
    return this.groups.u16(row, this.#at.group.port)
  }
  /** Drops of all members since the refresh before, as far as they are known. */
  droppedOf(row: number): number {
    return this.groups.u64Number(row, this.#at.group.drops_delta)
  }
  /** What waits in the queues of all members that receive. */
  queuedOf(row: number): number {
    return this.groups.u64Number(row, this.#at.group.queue_length)
  }
  /** The socket whose queue is fullest against its limit. */
  fullestOf(row: number): number | null {
    return this.groups.u32OrNull(row, this.#at.group.fullest)
  }
  /** What the steering oracle needs to be asked about this group: where a client's packet would arrive. */
  destination(row: number) {
    return {
      netns: this.netns(row),
      protocol: this.protocol(row),
      family: this.groups.u8(row, this.#at.group.family) === 6 ? (6 as const) : (4 as const),
      localAddress: this.groups.bytes(row, this.#at.group.address, 16),
      localPort: this.groups.u16(row, this.#at.group.port),
      interface: this.groups.u32(row, this.#at.group.interface),
    }
  }
  hasUnknownGroup(): boolean {
    for (let row = 0; row < this.groups.count; row++) if (this.sharing(row) === 'unknown') return true
    return false
  }
  /** Namespaces in which a socket is bound to an interface, whose name is then wanted. */
  namespacesWithInterfaces(): Set<number> {
    const found = new Set<number>()
    for (let row = 0; row < this.groups.count; row++) {
      if (this.groups.u32(row, this.#at.group.interface) !== 0) found.add(this.netns(row))
    }
    return found
  }
  /** The row with this id, -1 where there is none. */
  rowOf(id: string): number {
    const high = Number.parseInt(id.slice(0, 8), 16)
    const low = Number.parseInt(id.slice(8), 16)
    const at = this.#at.group.id
    for (let row = 0; row < this.groups.count; row++) {
      if (this.groups.u32(row, at) === low && this.groups.u32(row, at + 4) === high) return row
    }
    return -1
  }

  /** True when a member belongs to this user, given by name or uid. */
  hasUser(row: number, user: string): boolean {
    const first = this.firstSocket(row)
    for (let socket = first; socket < first + this.socketCount(row); socket++) {
      const uid = this.sockets.u32(socket, this.#at.socket.uid)
      if (String(uid) === user || this.#names.user(uid) === user) return true
    }
    return false
  }

  // ── One field of a socket ─────────────────────────────────────────────────────────────────────────────────────────

  cookie(socket: number): bigint {
    return this.sockets.u64(socket, this.#at.socket.cookie)
  }
  /** The same as a number, for maps and comparisons: no machine runs long enough for cookies past 2^53. */
  cookieNumber(socket: number): number {
    return this.sockets.u64Number(socket, this.#at.socket.cookie)
  }
  inode(socket: number): number {
    return this.sockets.u32(socket, this.#at.socket.inode)
  }
  state(socket: number): SocketState {
    return STATES[this.sockets.u8(socket, this.#at.socket.state)] ?? 'bound'
  }
  socketReceives(socket: number): boolean {
    const state = this.sockets.u8(socket, this.#at.socket.state)
    return state === LISTENING || state === UNCONNECTED
  }
  socketChanged(socket: number): number {
    return this.sockets.u32(socket, this.#at.socket.changed)
  }
  socketSince(socket: number): number {
    return this.sockets.u32(socket, this.#at.socket.since)
  }
  /** Pids that hold the socket, in order, once each. */
  holderPids(socket: number): number[] {
    const count = this.sockets.u32(socket, this.#at.socket.holders)
    const pids: number[] = []
    if (count === UNKNOWN) return pids
    const first = this.sockets.u32(socket, this.#at.socket.first_holder)
    for (let row = first; row < first + count; row++) {
      const pid = this.holders.u32(row, this.#at.holder.pid)
      if (pids.at(-1) !== pid) pids.push(pid)
    }
    return pids
  }

  /** The row of the socket with this cookie, -1 where there is none. */
  socketOf(cookie: bigint): number {
    const low = Number(cookie & 0xffffffffn)
    const high = Number(cookie >> 32n)
    const at = this.#at.socket.cookie
    for (let socket = 0; socket < this.sockets.count; socket++) {
      if (this.sockets.u32(socket, at) === low && this.sockets.u32(socket, at + 4) === high) return socket
    }
    return -1
  }
  /** The row of the group that the socket is in. */
  groupOf(socket: number): number {
    return this.sockets.u32(socket, this.#at.socket.group)
  }
  queueLength(socket: number): number {
    return this.sockets.u32(socket, this.#at.socket.queue_length)
  }
  queueLimit(socket: number): number | null {
    return this.sockets.u32OrNull(socket, this.#at.socket.queue_limit)
  }
  dropsOf(socket: number): number | null {
    return this.sockets.u32OrNull(socket, this.#at.socket.drops)
  }
  /** Drops since the refresh before; null where they are not known. */
  dropsDelta(socket: number): number | null {
    return this.sockets.u32OrNull(socket, this.#at.socket.drops_delta)
  }
  uidOf(socket: number): number {
    return this.sockets.u32(socket, this.#at.socket.uid)
  }
  /** SO_REUSEPORT and SO_REUSEADDR; null where they were not read from the socket. */
  optionsOf(socket: number): { reuseport: boolean; reuseaddr: boolean } | null {
    const options = this.sockets.u8(socket, this.#at.socket.options)
    if ((options & OPTIONS_KNOWN) === 0) return null
    return { reuseport: (options & REUSEPORT) !== 0, reuseaddr: (options & REUSEADDR) !== 0 }
  }
  /** Whom a connected socket is connected to; null for any other. */
  remoteOf(socket: number): { address: Uint8Array; port: number } | null {
    const port = this.sockets.u16(socket, this.#at.socket.remote_port)
    return port === 0 ? null : { address: this.sockets.bytes(socket, this.#at.socket.remote_address, 16).slice(), port }
  }
  /** One process that holds the socket, with its descriptor; null where none may be seen. */
  firstHolder(socket: number): { pid: number; fd: number } | null {
    const count = this.sockets.u32(socket, this.#at.socket.holders)
    if (count === 0 || count === UNKNOWN) return null
    const row = this.sockets.u32(socket, this.#at.socket.first_holder)
    return { pid: this.holders.u32(row, this.#at.holder.pid), fd: this.holders.u32(row, this.#at.holder.fd) }
  }

  /** The command of a process that the last scan met; null for any other. */
  commandOf(pid: number): string | null {
    return this.#names.process(pid)?.command ?? null
  }
  /** When a process started, ISO; null where that is not known. */
  startedAt(pid: number): string | null {
    return this.#names.process(pid)?.startedAt ?? null
  }
  /** Who polls the socket; null where it is not known. */
  pollersOf(socket: number): readonly number[] | null {
    return this.#names.pollers(this.inode(socket))?.pids ?? null
  }

  // ── Whole objects ─────────────────────────────────────────────────────────────────────────────────────────────────

  key(row: number): GroupKey {
    const at = this.#at.group
    const groups = this.groups
    const family = groups.u8(row, at.family) === 6 ? 'ipv6' : 'ipv4'
    const v6only = groups.u8(row, at.v6only)
    const netns = groups.u32(row, at.netns)
    const uid = groups.u32OrNull(row, at.uid)
    const index = groups.u32(row, at.interface)
    return {
      id: this.id(row),
      netns,
      protocol: this.protocol(row),
      family,
      v6only: family === 'ipv4' || v6only === 2 ? null : v6only === 1,
      address: addressText(groups.bytes(row, at.address, 16), family),
      port: groups.u16(row, at.port),
      interface: index === 0 ? null : (this.#names.interface(netns, index) ?? `interface ${index}`),
      uid,
      user: uid === null ? null : this.#names.user(uid),
      sharing: this.sharing(row),
      evidence: EVIDENCES[groups.u8(row, at.evidence)] ?? 'none',
    }
  }

  /** The group with all its members. `owners` false leaves holders and pollers unknown. */
  group(row: number, owners: boolean): Group {
    const first = this.firstSocket(row)
    const members: Member[] = []
    for (let socket = first; socket < first + this.socketCount(row); socket++) members.push(this.member(socket, owners))
    return { ...this.key(row), members, queue: this.queueOfGroup(row), drops: this.dropsOfGroup(row) }
  }

  member(socket: number, owners = true): Member {
    const at = this.#at.socket
    const sockets = this.sockets
    const uid = sockets.u32(socket, at.uid)
    return {
      cookie: String(this.cookie(socket)),
      inode: this.inode(socket),
      uid,
      user: this.#names.user(uid),
      state: this.state(socket),
      queue: this.#queueOfSocket(socket),
      drops: sockets.u32OrNull(socket, at.drops),
      holders: owners ? this.#holdersOf(socket) : null,
      pollers: owners ? (this.#names.pollers(this.inode(socket))?.pids ?? null) : null,
    }
  }

  memberRow(socket: number): MemberRow {
    const at = this.#at.socket
    const options = this.sockets.u8(socket, at.options)
    const known = (options & OPTIONS_KNOWN) !== 0
    const remotePort = this.sockets.u16(socket, at.remote_port)
    const family = this.sockets.u8(socket, at.family) === 6 ? 'ipv6' : 'ipv4'
    return {
      ...this.member(socket),
      dropsPerSecond: this.socketDropsPerSecond(socket),
      seenAt: this.#seenAt(this.socketSince(socket)).toISOString(),
      remote:
        remotePort === 0
          ? null
          : endpointText(addressText(this.sockets.bytes(socket, at.remote_address, 16), family), remotePort),
      reuseport: known || (options & OPTIONS_FROM_ORACLE) !== 0 ? (options & REUSEPORT) !== 0 : null,
      reuseaddr: known ? (options & REUSEADDR) !== 0 : null,
    }
  }

  /** The numbers of a member that move, unknown as -1. */
  values(socket: number) {
    const at = this.#at.socket
    return {
      length: this.sockets.u32(socket, at.queue_length),
      limit: this.sockets.u32OrNull(socket, at.queue_limit) ?? -1,
      drops: this.sockets.u32OrNull(socket, at.drops) ?? -1,
      dropsPerSecond: this.socketDropsPerSecond(socket) ?? -1,
    }
  }

  groupRow(row: number, summary: OwnerSummary): GroupRow {
    const at = this.#at.group
    const first = this.firstSocket(row)
    const count = this.socketCount(row)
    let bound = 0
    let connected = 0
    for (let socket = first; socket < first + count; socket++) {
      const state = this.sockets.u8(socket, this.#at.socket.state)
      if (state === BOUND) bound++
      else if (state !== LISTENING && state !== UNCONNECTED) connected++
    }
    const fullest = this.groups.u32OrNull(row, at.fullest)
    return {
      ...this.key(row),
      receiving: this.receiving(row),
      bound,
      connected,
      holders: summary.processes,
      owners: summary.owners,
      ownersHidden: summary.hidden,
      queue: this.queueOfGroup(row),
      fullest:
        fullest === null
          ? null
          : {
              cookie: String(this.cookie(fullest)),
              length: this.sockets.u32(fullest, this.#at.socket.queue_length),
              limit: this.sockets.u32OrNull(fullest, this.#at.socket.queue_limit),
            },
      slots: this.#slots(first, count),
      drops: this.dropsOfGroup(row),
      dropsPerSecond:
        this.dropsOfGroup(row) === null || this.#elapsedMs === null
          ? null
          : perSecond(this.groups.u64Number(row, at.drops_delta), this.#elapsedMs),
      seenAt: this.#seenAt(this.groups.u32(row, at.since)).toISOString(),
    }
  }

  /** Who owns the group's members, by command; `hidden` counts the members of which nobody may be seen. */
  owners(row: number): OwnerSummary {
    const first = this.firstSocket(row)
    const seen = new Set<number>()
    let hidden = 0
    for (let socket = first; socket < first + this.socketCount(row); socket++) {
      const pids = this.holderPids(socket)
      if (pids.length === 0) hidden++
      for (const pid of pids) seen.add(pid)
    }
    const byCommand = new Map<string, Owner>()
    for (const pid of seen) {
      const process = this.#names.process(pid)
      if (process === null) continue
      const key = `${process.command}\0${process.service ?? ''}`
      const owner = byCommand.get(key)
      if (owner) owner.processes++
      else byCommand.set(key, { command: process.command, processes: 1, service: process.service })
    }
    const owners = [...byCommand.values()].sort((a, b) => b.processes - a.processes || (a.command < b.command ? -1 : 1))
    return { owners, processes: seen.size, hidden }
  }

  totals(): Omit<Totals, 'processesRefused'> {
    if (this.#totals) return this.#totals
    let groups = 0
    let plain = 0
    for (let row = 0; row < this.groups.count; row++) {
      if (this.sharing(row) === 'none') plain += this.socketCount(row)
      else groups++
    }
    let ownersHidden = 0
    for (let socket = 0; socket < this.sockets.count; socket++) {
      const holders = this.sockets.u32(socket, this.#at.socket.holders)
      if (holders === 0 || holders === UNKNOWN) ownersHidden++
    }
    this.#totals = { sockets: this.sockets.count, groups, plain, ownersHidden }
    return this.#totals
  }

  queueOfGroup(row: number): Queue {
    const at = this.#at.group
    const fullest = this.groups.u32OrNull(row, at.fullest)
    const limitKnown = fullest !== null && this.sockets.u32OrNull(fullest, this.#at.socket.queue_limit) !== null
    const receiving = this.receiving(row) > 0
    return {
      length: receiving ? this.groups.u64Number(row, at.queue_length) : null,
      limit: limitKnown ? this.groups.u64Number(row, at.queue_limit) : null,
      unit: unitOf(this.groups.u8(row, at.protocol)),
    }
  }

  dropsOfGroup(row: number): number | null {
    return this.groups.u32(row, this.#at.group.drops_known) === 0
      ? null
      : this.groups.u64Number(row, this.#at.group.drops)
  }

  socketDropsPerSecond(socket: number): number | null {
    const delta = this.sockets.u32OrNull(socket, this.#at.socket.drops_delta)
    return delta === null || this.#elapsedMs === null ? null : perSecond(delta, this.#elapsedMs)
  }

  #queueOfSocket(socket: number): Queue {
    const at = this.#at.socket
    const listening = this.sockets.u8(socket, at.state) !== BOUND
    return {
      length: listening ? this.sockets.u32(socket, at.queue_length) : null,
      limit: listening ? this.sockets.u32OrNull(socket, at.queue_limit) : null,
      unit: unitOf(this.sockets.u8(socket, at.protocol)),
    }
  }

  #holdersOf(socket: number): Holder[] | null {
    const at = this.#at.holder
    const count = this.sockets.u32(socket, this.#at.socket.holders)
    if (count === 0 || count === UNKNOWN) return null
    const first = this.sockets.u32(socket, this.#at.socket.first_holder)
    const holders: Holder[] = []
    for (let row = first; row < first + count; row++) {
      const pid = this.holders.u32(row, at.pid)
      const last = holders.at(-1)
      if (last?.pid === pid) last.fds.push(this.holders.u32(row, at.fd))
      else {
        const process = this.#names.process(pid)
        const fds = [this.holders.u32(row, at.fd)]
        holders.push({ pid, fds, command: process?.command ?? '', startedAt: process?.startedAt ?? null })
      }
    }
    return holders
  }

  #slots(first: number, count: number): number[] {
    const at = this.#at.socket
    const fills: number[] = []
    for (let socket = first; socket < first + count; socket++) {
      if (!this.socketReceives(socket)) continue
      const limit = this.sockets.u32(socket, at.queue_limit)
      const length = this.sockets.u32(socket, at.queue_length)
      fills.push(limit === UNKNOWN ? -1 : Math.round((1000 * length) / Math.max(limit, 1)))
    }
    if (fills.length <= SLOTS) return fills
    const slots = new Array<number>(SLOTS).fill(-1)
    for (const [index, fill] of fills.entries()) {
      const slot = Math.floor((index * SLOTS) / fills.length)
      slots[slot] = Math.max(slots[slot] ?? -1, fill)
    }
    return slots
  }
}

export type OwnerSummary = { owners: Owner[]; processes: number; hidden: number }

/** A group's id as text: 16 hexadecimal digits. */
export function groupIdText(id: bigint): string {
  return id.toString(16).padStart(16, '0')
}

function perSecond(count: number, elapsedMs: number): number {
  return Math.round((10_000 * count) / Math.max(elapsedMs, 1)) / 10
}

function unitOf(protocol: number): QueueUnit {
  return protocol === TCP ? 'connections' : 'bytes'
}
