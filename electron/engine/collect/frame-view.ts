/**
 * One refresh in readable form: the addon's frame with the engine's names for its numbers. Decodes on demand; nothing
 * here outlives the refresh, since the memory below is reused.
 */

import { MAX_ROW_PIDS } from '../../contract/constants.ts'
import { endpointText } from '../../contract/format.ts'
import type { ListedGroup } from '../../contract/group-list.ts'
import { imbalanceOf } from '../../contract/imbalance.ts'
import type { KernelGroup } from '../../contract/kernel-group.ts'
import type { GroupRow, MemberRow, Owner, Totals } from '../../contract/live.ts'
import type { Evidence, Group, GroupKey, Holder, Member, Protocol, Queue, QueueUnit } from '../../contract/model.ts'
import { programDecides } from '../../contract/program-targets.ts'
import { utilizationOf } from '../../contract/utilization.ts'
import { addressText } from '../common/addresses.ts'
import { queueSlots } from '../common/queue-summary.ts'
import { FrameFields, type FrameInit } from './frame-fields.ts'

/** Names for the numbers in a frame. */
export type Names = {
  user(uid: number): string | null
  interface(netns: number, index: number): string | null
  /** The process with this pid, as it was when the frame's holders were read. */
  process(pid: number): { command: string; startedAt: string | null; service: string | null } | null
  /** Who polls the socket with epoll; null where unknown. */
  pollers(inode: number): { pids: number[]; changed: number } | null
  /** Whether the kernel's own groups could be read. */
  knowsKernelGroups(): boolean
  /** The kernel's own group that has this socket as its first member. */
  kernelGroupStartingWith(cookie: bigint): KernelGroup | undefined
}

export class FrameView extends FrameFields {
  readonly takenAt: Date
  readonly #names: Names
  /** Milliseconds since the previous refresh, null for the first. */
  readonly #elapsedMs: number | null
  readonly #seenAt: (refresh: number) => Date
  #totals: Omit<Totals, 'processesRefused'> | undefined

  constructor(
    init: FrameInit & {
      names: Names
      takenAt: Date
      elapsedMs: number | null
      seenAt: (refresh: number) => Date
    },
  ) {
    super(init)
    this.takenAt = init.takenAt
    this.#names = init.names
    this.#elapsedMs = init.elapsedMs
    this.#seenAt = init.seenAt
  }

  // ── Names ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** True when a member belongs to this user, given by name or uid. */
  hasUser(row: number, user: string): boolean {
    const first = this.firstSocket(row)
    for (let socket = first; socket < first + this.socketCount(row); socket++) {
      const uid = this.uidOf(socket)
      if (String(uid) === user || this.#names.user(uid) === user) return true
    }
    return false
  }

  /** True when a process that holds a member is one that `matches`; its details are null where they are not known. */
  hasHolder(row: number, matches: (pid: number, process: ReturnType<Names['process']>) => boolean): boolean {
    const first = this.firstSocket(row)
    for (let socket = first; socket < first + this.socketCount(row); socket++) {
      for (const pid of this.holderPids(socket)) if (matches(pid, this.#names.process(pid))) return true
    }
    return false
  }

  /** The command of a process in the last scan; null for any other. */
  commandOf(pid: number): string | null {
    return this.#names.process(pid)?.command ?? null
  }
  /** When a process started, ISO; null where unknown. */
  startedAt(pid: number): string | null {
    return this.#names.process(pid)?.startedAt ?? null
  }
  /** Who polls the socket; null where unknown. */
  pollersOf(socket: number): readonly number[] | null {
    return this.#names.pollers(this.inode(socket))?.pids ?? null
  }

  /** When the engine first saw a group. */
  groupSeenAt(row: number): Date {
    return this.#seenAt(this.since(row))
  }
  /** The same for a socket. */
  socketSeenAt(socket: number): Date {
    return this.#seenAt(this.socketSince(socket))
  }

  // ── Whole objects ─────────────────────────────────────────────────────────────────────────────────────────────────

  key(row: number): GroupKey {
    const netns = this.netns(row)
    const uid = this.groupUid(row)
    const family = this.groupFamily(row)
    const { localAddress, interface: index } = this.destination(row)
    return {
      id: this.id(row),
      netns,
      protocol: this.protocol(row),
      family,
      v6only: this.v6only(row),
      address: addressText(localAddress, family),
      port: this.port(row),
      interface: index === 0 ? null : (this.#names.interface(netns, index) ?? `interface ${index}`),
      uid,
      user: uid === null ? null : this.#names.user(uid),
      sharing: this.sharing(row),
      evidence: this.#evidenceOf(row),
    }
  }

  /** What the kernel lookup made likely is certain where the kernel's own group was read. */
  #evidenceOf(row: number): Evidence {
    const evidence = this.evidence(row)
    if (evidence !== 'kernel-lookup' || this.sharing(row) !== 'reuseport') return evidence
    return (this.kernelGroups(row)?.length ?? 0) > 0 ? 'bpf' : evidence
  }

  /** The kernel's own groups with these sockets; undefined where unknown. */
  kernelGroups(row: number): KernelGroup[] | undefined {
    if (!this.#names.knowsKernelGroups()) return undefined
    const first = this.firstSocket(row)
    const found: KernelGroup[] = []
    let covered = 0
    for (let socket = first; socket < first + this.socketCount(row) && covered < this.receiving(row); socket++) {
      const group = this.#names.kernelGroupStartingWith(this.cookie(socket))
      if (group === undefined) continue
      found.push(group)
      covered += group.members.length
    }
    // Members of a shared port are in some group, even if no process that the reader sees holds one.
    return found.length === 0 && this.sharing(row) !== 'none' ? undefined : found
  }

  /** Whether an attached program decides, and not the hash for every client; null where that is unknown. */
  programDecides(row: number): boolean | null {
    const groups = this.kernelGroups(row)
    return groups === undefined ? null : programDecides(groups)
  }

  /** The group with all its members. Without `owners`, holders and pollers are unknown. */
  group(row: number, owners: boolean): Group {
    const first = this.firstSocket(row)
    const members: Member[] = []
    for (let socket = first; socket < first + this.socketCount(row); socket++) members.push(this.member(socket, owners))
    const kernelGroups = this.kernelGroups(row)
    return {
      ...this.key(row),
      members,
      queue: this.#queueOfGroup(row),
      drops: this.dropsOfGroup(row),
      ...given(this.givenOf(row)),
      ...(kernelGroups && { kernelGroups }),
    }
  }

  member(socket: number, owners = true): Member {
    const uid = this.uidOf(socket)
    return {
      cookie: this.#cookieText(socket),
      inode: this.inode(socket),
      uid,
      user: this.#names.user(uid),
      state: this.state(socket),
      queue: this.#queueOfSocket(socket),
      drops: this.dropsOf(socket),
      ...given(this.given(socket)),
      holders: owners ? this.#holdersOf(socket) : null,
      pollers: owners ? (this.#names.pollers(this.inode(socket))?.pids ?? null) : null,
    }
  }

  memberRow(socket: number): MemberRow {
    const remote = this.remoteOf(socket)
    return {
      ...this.member(socket),
      dropsPerSecond: this.socketDropsPerSecond(socket),
      firstSeenAt: this.socketSeenAt(socket).toISOString(),
      remote: remote && endpointText(addressText(remote.address, this.socketFamily(socket)), remote.port),
      reuseport: this.optionsOf(socket)?.reuseport ?? this.reuseportByLookup(socket),
      reuseaddr: this.optionsOf(socket)?.reuseaddr ?? null,
    }
  }

  /** The changing numbers of a member, unknown as -1. */
  values(socket: number) {
    return {
      length: this.queueLength(socket),
      limit: this.queueLimit(socket) ?? -1,
      drops: this.dropsOf(socket) ?? -1,
      dropsPerSecond: this.socketDropsPerSecond(socket) ?? -1,
      given: this.given(socket),
    }
  }

  groupRow(row: number, summary: OwnerSummary): GroupRow {
    const first = this.firstSocket(row)
    const lengths: number[] = []
    const fills: number[] = []
    const given: number[] | null = this.givenOf(row) === undefined ? null : []
    for (let socket = first; socket < first + this.socketCount(row); socket++) {
      if (!this.socketReceives(socket)) continue
      const length = this.queueLength(socket)
      lengths.push(length)
      given?.push(this.givenSample(socket))
      fills.push(utilizationOf(length, this.queueLimit(socket)))
    }
    const totals = this.listedGroup(row, summary)
    return {
      ...totals,
      holders: summary.processes,
      pids: summary.pids,
      imbalance: imbalanceOf(given, lengths, this.protocol(row) === 'tcp' && this.programDecides(row) !== true),
      queueUtilization: queueSlots(fills),
      dropsPerSecond: totals.drops === null ? null : this.#perSecond(this.droppedOf(row)),
      firstSeenAt: this.groupSeenAt(row).toISOString(),
    }
  }

  /** The part of a row that the addon's columns already know: no member is looked at where all of them receive. */
  listedGroup(row: number, summary: OwnerSummary): ListedGroup & Pick<GroupRow, 'owners'> {
    const fullest = this.fullestOf(row)
    return {
      ...this.key(row),
      receiving: this.receiving(row),
      ...this.#idle(row),
      owners: summary.owners,
      ownersHidden: summary.hidden,
      queue: this.#queueOfGroup(row),
      fullest: fullest === null ? null : this.#fullQueue(fullest),
      drops: this.dropsOfGroup(row),
      ...given(this.givenOf(row)),
    }
  }

  /** Its sockets that do not receive. */
  #idle(row: number): Pick<GroupRow, 'bound' | 'connected'> {
    const idle = this.socketCount(row) - this.receiving(row)
    let bound = 0
    const first = this.firstSocket(row)
    if (idle > 0) {
      for (let socket = first; socket < first + this.socketCount(row); socket++)
        if (this.state(socket) === 'bound') bound++
    }
    return { bound, connected: idle - bound }
  }

  /** The owners of the group's members, by command; `hidden` counts the members without a visible holder. */
  owners(row: number): OwnerSummary {
    if (this.holders.count === 0) return { owners: [], pids: [], processes: 0, hidden: this.socketCount(row) }
    const first = this.firstSocket(row)
    const seen = new Set<number>()
    let hidden = 0
    for (let socket = first; socket < first + this.socketCount(row); socket++) {
      if (!this.addHolderPids(socket, seen)) hidden++
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
    const pids = [...seen].sort((a, b) => a - b).slice(0, MAX_ROW_PIDS)
    return { owners, pids, processes: seen.size, hidden }
  }

  totals(): Omit<Totals, 'processesRefused'> {
    if (this.#totals) return this.#totals
    let groups = 0
    let plain = 0
    for (let row = 0; row < this.groups.count; row++) {
      if (this.isUnshared(row)) plain += this.socketCount(row)
      else groups++
    }
    this.#totals = { sockets: this.sockets.count, groups, unshared: plain, ownersHidden: this.raw.unheldCount }
    return this.#totals
  }

  socketDropsPerSecond(socket: number): number | null {
    const delta = this.dropsDelta(socket)
    return delta === null || this.dropsOf(socket) === null ? null : this.#perSecond(delta)
  }

  #perSecond(count: number): number | null {
    return this.#elapsedMs === null ? null : Math.round((10_000 * count) / Math.max(this.#elapsedMs, 1)) / 10
  }

  #cookieText(socket: number): string | null {
    return this.fromProcNet(socket) ? null : String(this.cookie(socket))
  }

  #fullQueue(socket: number) {
    return { cookie: this.#cookieText(socket), length: this.queueLength(socket), limit: this.queueLimit(socket) }
  }

  #queueOfGroup(row: number): Queue {
    const fullest = this.fullestOf(row)
    const limitKnown = fullest !== null && this.queueLimit(fullest) !== null
    return {
      length: this.receiving(row) > 0 ? this.queuedOf(row) : null,
      limit: limitKnown ? this.queueLimitOf(row) : null,
      unit: unitOf(this.protocol(row)),
    }
  }

  #queueOfSocket(socket: number): Queue {
    const unit = unitOf(this.socketProtocol(socket))
    if (this.state(socket) === 'bound') return { length: null, limit: null, unit }
    return { length: this.queueLength(socket), limit: this.queueLimit(socket), unit }
  }

  /** The processes that hold the socket, each with its descriptors; null where none is visible. */
  #holdersOf(socket: number): Holder[] | null {
    const holders: Holder[] = []
    for (const { pid, fd } of this.holdings(socket)) {
      const last = holders.at(-1)
      if (last?.pid === pid) last.fds.push(fd)
      else {
        const process = this.#names.process(pid)
        holders.push({ pid, fds: [fd], command: process?.command ?? '', startedAt: process?.startedAt ?? null })
      }
    }
    return holders.length === 0 ? null : holders
  }
}

/** Left out where nothing is counted. */
function given<Given>(given: Given | undefined): { given?: Given } {
  return given === undefined ? {} : { given }
}

export type OwnerSummary = { owners: Owner[]; pids: number[]; processes: number; hidden: number }

function unitOf(protocol: Protocol): QueueUnit {
  return protocol === 'tcp' ? 'connections' : 'bytes'
}
