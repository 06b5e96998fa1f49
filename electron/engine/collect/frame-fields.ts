/**
 * The numbers of one refresh, by row and field, straight from the addon's frame (native/common/rows.def): reading them
 * costs nothing. Names and complete objects are in frame-view.ts.
 */
import type { Frame } from '../../../native/index.ts'
import { layout } from '../../../native/layout.generated.ts'
import type { GroupGiven, MemberGiven } from '../../contract/given.ts'
import type { Evidence, Family, Protocol, Sharing, SocketState } from '../../contract/model.ts'
import { fields as at, namesByNumber, Rows, UNKNOWN } from './frame-rows.ts'

// The compiler checks that native/common/rows.def has the contract's names, all of them and no others.
type Names<Name> = readonly (Name | undefined)[]
const STATES: Names<SocketState> = namesByNumber(layout.enums.state satisfies Record<SocketState, number>)
const SHARINGS: Names<Sharing> = namesByNumber(layout.enums.sharing satisfies Record<Sharing, number>)
const EVIDENCES: Names<Evidence> = namesByNumber(layout.enums.evidence satisfies Record<Evidence, number>)
const PROTOCOLS: Names<Protocol> = namesByNumber(layout.enums.protocol satisfies Record<Protocol, number>)
const FAMILIES: Names<Family> = namesByNumber(layout.enums.family satisfies Record<Family, number>)
const { state: STATE, v6only: V6ONLY } = layout.enums
const { kOptionsFromSocket, kOptionsFromLookup, kReusePort, kReuseAddr, kCpuUnknown, kCpuNotSet, kInodeKeyBit } =
  layout.numbers
/** The same in the upper half of a cookie. */
const INODE_KEY_BIT = kInodeKeyBit - 32

export type FrameInit = {
  frame: Frame
  /**
   * Whether drops of a listener in this namespace may not be losses, where its options are unknown
   * (deferred-accept.ts).
   */
  mayDefer: (netns: number) => boolean
  /** What members are given, as last counted. */
  given?: GivenOfFrame
}

/** The counts of members by cookie, and of groups by their row (GivenCounts). */
type GivenOfFrame = {
  ofMember(cookie: number): MemberGiven | undefined
  ofGroup(frame: FrameFields, row: number): GroupGiven | undefined
  sampleOf(cookie: number): number | undefined
  memberChanged(cookie: number): number
  groupChanged(frame: FrameFields, row: number): number
}

export class FrameFields {
  readonly refresh: number
  readonly raw: Frame
  readonly groups: Rows
  readonly sockets: Rows
  readonly holders: Rows
  readonly #mayDefer: FrameInit['mayDefer']
  readonly #given: FrameInit['given']
  /** When members of any group last changed: several ask, and to look means to read every row. */
  #membersChanged: number | null = null

  constructor({ frame, mayDefer, given }: FrameInit) {
    this.#mayDefer = mayDefer
    this.#given = given
    this.raw = frame
    this.refresh = frame.refresh
    this.groups = new Rows('group', frame.groups, frame.groupCount)
    this.sockets = new Rows('socket', frame.sockets, frame.socketCount)
    this.holders = new Rows('holder', frame.holders, frame.holderCount)
  }

  // ── One field of a group ──────────────────────────────────────────────────────────────────────────────────────────

  id(row: number): string {
    return groupIdText(this.groups.u64(row, at.group.id))
  }
  changed(row: number): number {
    return this.groups.u32(row, at.group.changed)
  }
  since(row: number): number {
    return this.groups.u32(row, at.group.since)
  }
  membersChanged(row: number): number {
    return this.groups.u32(row, at.group.members_changed)
  }
  sharing(row: number): Sharing {
    return SHARINGS[this.groups.u8(row, at.group.sharing)] ?? 'unknown'
  }
  /**
   * A single socket whose options were not read yet: its sharing is unknown, but nothing suggests that there is any.
   */
  isPending(row: number): boolean {
    return this.groups.u8(row, at.group.pending) !== 0
  }
  /** Not shared, as far as is known: left out unless unshared sockets are requested too. */
  isUnshared(row: number): boolean {
    return this.sharing(row) === 'none' || this.isPending(row)
  }
  netns(row: number): number {
    return this.groups.u32(row, at.group.netns)
  }
  firstSocket(row: number): number {
    return this.groups.u32(row, at.group.first)
  }
  socketCount(row: number): number {
    return this.groups.u32(row, at.group.sockets)
  }
  receiving(row: number): number {
    return this.groups.u32(row, at.group.receiving)
  }
  evidence(row: number): Evidence {
    return EVIDENCES[this.groups.u8(row, at.group.evidence)] ?? 'none'
  }
  protocol(row: number): Protocol {
    return PROTOCOLS[this.groups.u8(row, at.group.protocol)] ?? 'udp'
  }
  groupFamily(row: number): Family {
    return FAMILIES[this.groups.u8(row, at.group.family)] ?? 'ipv4'
  }
  /** IPV6_V6ONLY; null for IPv4, and where the kernel does not report it. */
  v6only(row: number): boolean | null {
    const v6only = this.groups.u8(row, at.group.v6only)
    return this.groupFamily(row) === 'ipv4' || v6only === V6ONLY.unknown ? null : v6only === V6ONLY.yes
  }
  /** The user of all members; null where they have several. */
  groupUid(row: number): number | null {
    return this.groups.u32OrNull(row, at.group.uid)
  }
  port(row: number): number {
    return this.groups.u16(row, at.group.port)
  }
  /** Growth of all members' drop counters since the previous refresh; includes deferred accepts (dropsOf()). */
  droppedOf(row: number): number {
    return this.groups.u64Number(row, at.group.drops_delta)
  }
  /** What all members lost; null where it is unknown for any. */
  dropsOfGroup(row: number): number | null {
    const receiving = this.receiving(row)
    if (receiving === 0 || this.groups.u32(row, at.group.drops_known) < receiving) return null
    const drops = this.groups.u64Number(row, at.group.drops)
    return drops > 0 && this.#hasDoubtfulDrops(row) ? null : drops
  }
  #hasDoubtfulDrops(row: number): boolean {
    if (this.protocol(row) !== 'tcp' || !this.#mayDefer(this.netns(row))) return false
    const first = this.firstSocket(row)
    for (let socket = first; socket < first + this.socketCount(row); socket++) {
      if (this.socketReceives(socket) && this.dropsOf(socket) === null) return true
    }
    return false
  }
  /** The queue length of all members that receive. */
  queuedOf(row: number): number {
    return this.groups.u64Number(row, at.group.queue_length)
  }
  /** The queue limit of all these members; meaningful only where their limits are known. */
  queueLimitOf(row: number): number {
    return this.groups.u64Number(row, at.group.queue_limit)
  }
  /** The socket with the highest utilization of its queue. */
  fullestOf(row: number): number | null {
    return this.groups.u32OrNull(row, at.group.fullest)
  }
  /** What its receiving members are given together; undefined where nothing is counted. */
  givenOf(row: number): GroupGiven | undefined {
    return this.#given?.ofGroup(this, row)
  }
  /** The refresh at which that last changed; 0 where nothing is counted. */
  givenChangedOf(row: number): number {
    return this.#given?.groupChanged(this, row) ?? 0
  }
  /** The cookie of the first member that receives; 0 without one, which is never a cookie. */
  firstReceiver(row: number): number {
    const first = this.firstSocket(row)
    for (let socket = first; socket < first + this.socketCount(row); socket++) {
      if (this.socketReceives(socket)) return this.cookieNumber(socket)
    }
    return 0
  }
  /** Whether the group's key is known except for what /proc/net lacks: the interface, which then counts as none. */
  interfaceUnknown(row: number): boolean {
    return this.groups.u32(row, at.group.interface) === UNKNOWN
  }
  /** A kernel lookup's input for this group: where a client's packet would arrive. */
  destination(row: number) {
    return {
      netns: this.netns(row),
      protocol: this.protocol(row),
      family: layout.enums.family[this.groupFamily(row)],
      localAddress: this.groups.bytes(row, at.group.address),
      localPort: this.groups.u16(row, at.group.port),
      interface: this.groups.u32OrNull(row, at.group.interface) ?? 0,
    }
  }
  /** Whether two groups differ only in their user. */
  samePlace(one: number, other: number): boolean {
    const [a, b] = [this.destination(one), this.destination(other)]
    return (
      a.netns === b.netns &&
      a.protocol === b.protocol &&
      a.family === b.family &&
      a.localPort === b.localPort &&
      a.interface === b.interface &&
      this.v6only(one) === this.v6only(other) &&
      a.localAddress.every((byte, index) => byte === b.localAddress[index])
    )
  }
  hasUnclassifiedGroup(): boolean {
    for (let row = 0; row < this.groups.count; row++) if (this.sharing(row) === 'unknown') return true
    return false
  }
  /** Whether a member was added or removed, or its holders changed, with this refresh. */
  anyMembersChanged(): boolean {
    return this.raw.removedSockets.length > 0 || this.anyMembersChangedSince(this.refresh - 1)
  }
  /** The same after the refresh `since`, for groups that are still there. */
  anyMembersChangedSince(since: number): boolean {
    this.#membersChanged ??= this.#lastMembersChange()
    return this.#membersChanged > since
  }
  #lastMembersChange(): number {
    let last = 0
    for (let row = 0; row < this.groups.count; row++) last = Math.max(last, this.membersChanged(row))
    return last
  }
  /** Namespaces in which a socket is bound to an interface, so that its name is needed. */
  namespacesWithInterfaces(): Set<number> {
    const found = new Set<number>()
    for (let row = 0; row < this.groups.count; row++) {
      const bound = this.groups.u32OrNull(row, at.group.interface)
      if (bound !== null && bound !== 0) found.add(this.netns(row))
    }
    return found
  }
  /** The row with this id, -1 where there is none. */
  rowOf(id: string): number {
    const high = Number.parseInt(id.slice(0, 8), 16)
    const low = Number.parseInt(id.slice(8), 16)
    for (let row = 0; row < this.groups.count; row++) {
      if (this.groups.lowHalf(row, at.group.id) === low && this.groups.highHalf(row, at.group.id) === high) return row
    }
    return -1
  }

  // ── One field of a socket ─────────────────────────────────────────────────────────────────────────────────────────

  /** The socket's cookie, or its replacement for one known only from /proc/net (inode_key() in native/common/records.h). */
  cookie(socket: number): bigint {
    return this.sockets.u64(socket, at.socket.cookie)
  }
  /** Whether the socket is known only from /proc/net, so that its cookie is unknown. */
  fromProcNet(socket: number): boolean {
    return this.sockets.highHalf(socket, at.socket.cookie) >>> INODE_KEY_BIT === 1
  }
  /** The same for a group: with one such member, all are such. */
  hasProcNetMember(row: number): boolean {
    return this.fromProcNet(this.firstSocket(row))
  }
  memberId(socket: number): string {
    return memberIdText(this.cookie(socket))
  }
  /** The same as a number, for maps and comparisons: no machine runs long enough for cookies past 2^53. */
  cookieNumber(socket: number): number {
    return this.sockets.u64Number(socket, at.socket.cookie)
  }
  inode(socket: number): number {
    return this.sockets.u32(socket, at.socket.inode)
  }
  state(socket: number): SocketState {
    return STATES[this.sockets.u8(socket, at.socket.state)] ?? 'bound'
  }
  socketReceives(socket: number): boolean {
    const state = this.sockets.u8(socket, at.socket.state)
    return state === STATE.listening || state === STATE.unconnected
  }
  socketFamily(socket: number): Family {
    return FAMILIES[this.sockets.u8(socket, at.socket.family)] ?? 'ipv4'
  }
  socketProtocol(socket: number): Protocol {
    return PROTOCOLS[this.sockets.u8(socket, at.socket.protocol)] ?? 'udp'
  }
  socketChanged(socket: number): number {
    return this.sockets.u32(socket, at.socket.changed)
  }
  socketSince(socket: number): number {
    return this.sockets.u32(socket, at.socket.since)
  }
  /** Whether a process that holds the socket is visible. */
  isHeld(socket: number): boolean {
    const count = this.sockets.u32(socket, at.socket.holders)
    return count !== UNKNOWN && count > 0
  }
  /** Pids that hold the socket, in order, once each. */
  holderPids(socket: number): number[] {
    const pids = new Set<number>()
    this.addHolderPids(socket, pids)
    return [...pids]
  }
  /** Adds them to `pids`; false where no holder is visible. */
  addHolderPids(socket: number, pids: Set<number>): boolean {
    const count = this.sockets.u32(socket, at.socket.holders)
    if (count === UNKNOWN) return false
    const first = this.sockets.u32(socket, at.socket.first_holder)
    for (let row = first; row < first + count; row++) pids.add(this.holders.u32(row, at.holder.pid))
    return count > 0
  }

  /** The row of the socket with this cookie, -1 where there is none. */
  socketOf(cookie: bigint): number {
    const low = Number(cookie & 0xffffffffn)
    const high = Number(cookie >> 32n)
    for (let socket = 0; socket < this.sockets.count; socket++) {
      const { cookie } = at.socket
      if (this.sockets.lowHalf(socket, cookie) === low && this.sockets.highHalf(socket, cookie) === high) return socket
    }
    return -1
  }
  /** The row of the group that the socket is in. */
  groupOf(socket: number): number {
    return this.sockets.u32(socket, at.socket.group)
  }
  queueLength(socket: number): number {
    return this.sockets.u32(socket, at.socket.queue_length)
  }
  queueLimit(socket: number): number | null {
    return this.sockets.u32OrNull(socket, at.socket.queue_limit)
  }
  /** The socket's drop counter, whatever it counts; null where the kernel does not report it. */
  dropCounterOf(socket: number): number | null {
    return this.sockets.u32OrNull(socket, at.socket.drops)
  }
  /**
   * What the socket lost; null where that is unknown, including a listener that has deferred accept, or may have it
   * while its options were not read: its counter then also counts what was no loss.
   */
  dropsOf(socket: number): number | null {
    const drops = this.dropCounterOf(socket)
    if (drops === null || drops === 0 || this.sockets.u8(socket, at.socket.state) !== STATE.listening) return drops
    if ((this.sockets.u8(socket, at.socket.options) & kOptionsFromSocket) !== 0) return drops
    return this.#mayDefer(this.sockets.u32(socket, at.socket.netns)) ? null : drops
  }
  /** Growth of its counter since the previous refresh; null where unknown. It may be no loss (dropsOf()). */
  dropsDelta(socket: number): number | null {
    return this.sockets.u32OrNull(socket, at.socket.drops_delta)
  }
  /** 0; of several kernel groups with its key, each further one has another number (KernelGroups.separate). */
  kernelGroupNumber(socket: number): number {
    return this.sockets.u8(socket, at.socket.kernel_group)
  }
  /** What it is given; undefined where nothing is counted. */
  given(socket: number): MemberGiven | undefined {
    return this.#given?.ofMember(this.cookieNumber(socket))
  }
  /** Of that, what its share is computed from; 0 where nothing is counted. */
  givenSample(socket: number): number {
    return this.#given?.sampleOf(this.cookieNumber(socket)) ?? 0
  }
  /** The refresh at which that last changed; 0 where nothing is counted. */
  givenChanged(socket: number): number {
    return this.#given?.memberChanged(this.cookieNumber(socket)) ?? 0
  }
  uidOf(socket: number): number {
    return this.sockets.u32(socket, at.socket.uid)
  }
  /** SO_REUSEPORT and SO_REUSEADDR; null where they were not read from the socket. */
  optionsOf(socket: number): { reuseport: boolean; reuseaddr: boolean } | null {
    const options = this.sockets.u8(socket, at.socket.options)
    if ((options & kOptionsFromSocket) === 0) return null
    return { reuseport: (options & kReusePort) !== 0, reuseaddr: (options & kReuseAddr) !== 0 }
  }
  /**
   * SO_REUSEPORT according to the kernel lookup; null where it does not say. If one of several sockets receives every
   * client, that shows how they share, not that each lacks the option: one may be alone with it.
   */
  reuseportByLookup(socket: number): true | null {
    const fromLookup = kOptionsFromLookup | kReusePort
    return (this.sockets.u8(socket, at.socket.options) & fromLookup) === fromLookup ? true : null
  }
  /** SO_INCOMING_CPU, the CPU whose packets the socket asks for, as last read; null where it cannot be read. */
  incomingCpu(socket: number): number | 'not set' | null {
    return incomingCpuOf(this.sockets.u16(socket, at.socket.incoming_cpu))
  }
  /** The peer of a connected socket; null for any other. */
  remoteOf(socket: number): { address: Uint8Array; port: number } | null {
    const port = this.sockets.u16(socket, at.socket.remote_port)
    return port === 0 ? null : { address: this.sockets.bytes(socket, at.socket.remote_address).slice(), port }
  }
  /** One process that holds the socket, with its descriptor; null where none is visible. */
  firstHolder(socket: number): { pid: number; fd: number } | null {
    return this.#holding(socket, 0)
  }
  /** Every descriptor of the socket with its process, grouped by process; none where none is visible. */
  *holdings(socket: number): Generator<{ pid: number; fd: number }> {
    for (let index = 0; ; index++) {
      const holding = this.#holding(socket, index)
      if (holding === null) return
      yield holding
    }
  }

  #holding(socket: number, index: number): { pid: number; fd: number } | null {
    const count = this.sockets.u32(socket, at.socket.holders)
    if (count === UNKNOWN || index >= count) return null
    const row = this.sockets.u32(socket, at.socket.first_holder) + index
    return { pid: this.holders.u32(row, at.holder.pid), fd: this.holders.u32(row, at.holder.fd) }
  }
}

/** The meaning of the addon's number for SO_INCOMING_CPU. */
export function incomingCpuOf(number: number): number | 'not set' | null {
  if (number === kCpuUnknown) return null
  return number === kCpuNotSet ? 'not set' : number
}

/** Whether this replaces an unknown cookie (inode_key() in native/common/records.h). */
export function isInodeKey(cookie: bigint): boolean {
  return cookie >> BigInt(kInodeKeyBit) === 1n
}

/** The id of the member with this cookie, or its replacement (contract/model.ts, `MemberId`). */
export function memberIdText(cookie: bigint): string {
  return isInodeKey(cookie) ? `inode:${cookie & 0xffffffffn}` : String(cookie)
}

/** A group's id as text: 16 hexadecimal digits. */
export function groupIdText(id: bigint): string {
  return id.toString(16).padStart(16, '0')
}
