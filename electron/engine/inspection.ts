/**
 * Reads the machine, one picture at a time, and keeps what is worth keeping between two: open namespaces, owners,
 * names. The order is what makes a picture whole: who holds what, then the options of sockets that are known, then all
 * sockets, then the options and the oracle for those groups that are not understood yet.
 */
import type { Addon, Frame, Reader, Refresh } from '../../native/index.ts'
import type { Protocol, Shortfall } from '../contract/model.ts'
import { several } from '../contract/words.ts'
import { DeferredAccepts } from './deferred-accept.ts'
import { Interfaces } from './interfaces.ts'
import { Namespaces } from './namespaces.ts'
import { Owners } from './owners.ts'
import { type Names, type OwnerSummary, Picture } from './picture.ts'
import { groupIdText } from './picture-fields.ts'
import { ProcessDetails } from './process-details.ts'
import { type FieldOffsets, fieldOffsets } from './rows.ts'
import { type MissingTable, missingSockDiag, protocolsOf, ReadFailure } from './sock-diag.ts'
import { SharingOracle } from './steering.ts'
import { Users } from './users.ts'

/** A scan of /proc or of epoll sets may take this share of the time; a slow one is made less often. */
const SCAN_SHARE = 0.02
/** The same while members come and go: who holds a new one is asked at once. */
const MOVED_SCAN_SHARE = 0.1
/** While no socket comes or goes its holders seldom change either: /proc is looked at this often then, and no more. */
const QUIET_SCAN_MS = 3000
/** Options read at one time: some 60 ms of a worker thread at 6 µs each. */
const OPTIONS_AT_ONCE = 10_000
/** A member may set SO_INCOMING_CPU at any time: while somebody watches this part of all sockets is asked again in turn. */
const ASKED_AGAIN = 32
const MOST_ASKED_AGAIN = 1000
/**
 * While somebody watches, TCP sockets that are bound but do not listen are read this often, and whenever a TCP socket
 * came or went: nothing reaches them, and they are a third of what a refresh costs.
 */
const BOUND_AGE_MS = 5000
/**
 * Sockets that are asked for their network namespace after one scan of owners, at some 10 µs each on a worker thread; while
 * nobody waits, fewer. A socket is asked once.
 */
const HELD_AT_ONCE = { now: 20_000, due: 1000 } as const
/** Refreshes whose times are kept. */
const MOST_TIMES = 20_000
/** Steps towards a picture without unknowns: options, then the oracle for the rest, and one for what came meanwhile. */
const ROUNDS = 3

/** When to look at /proc: when its share of the time allows, before anything else, or not at all. */
export type OwnersRequest = 'due' | 'now' | 'never'
export type Reading = {
  picture: Picture
  /** All of it: scans of /proc included. */
  durationMs: number
  /** What the kernel's own part took, which every refresh costs. */
  refreshMs: number
  /** What was not read, or not in full; empty where everything was. Faults come first. */
  shortfalls: readonly Shortfall[]
}

export class Inspection {
  readonly reader: Reader
  readonly owners: Owners
  readonly namespaces: Namespaces
  readonly interfaces: Interfaces
  readonly details = new ProcessDetails()
  /** The newest picture; null before the first. */
  picture: Picture | null = null
  /** Sockets whose holder is known and whose options may not be asked for, at the last reading of them. */
  refusedOptions = 0
  /** The refresh at which every reader must start over: a name that stands in many rows changed. */
  resetAt = 0
  /** Called with every picture that is made, in order. The reading goes on when it is done. */
  onPicture: (picture: Picture) => void | Promise<void> = () => {}
  /** The refresh at which a protocol was read from another source than before: sock_diag, or /proc/net. */
  sourcesChangedAt = 0
  /** The tables that the kernel's sock_diag did not have at the last refresh. */
  missing: readonly MissingTable[] = []
  #sources: string | null = null
  readonly #addon: Addon
  readonly #now: () => Date
  readonly #offsets: FieldOffsets
  readonly #users = new Users()
  readonly #oracle: SharingOracle
  readonly #deferredAccepts: DeferredAccepts
  readonly #ownerSummaries = new Map<string, { membersChanged: number; generation: number; summary: OwnerSummary }>()
  /** When refreshes were made, one after the other from the first that is kept, in milliseconds since 1970. */
  readonly #times: number[] = []
  #timesFrom = 0
  /** A member came or went, or its holders changed, since the last scan of /proc. */
  #membersMoved = false
  #pollersEndedAt = 0
  #pollersMs = 0
  #boundReadAt = Number.NEGATIVE_INFINITY
  #listsBoundTcp: boolean | null = null
  #opened = false

  constructor(addon: Addon, now = () => new Date()) {
    this.#addon = addon
    this.#now = now
    this.#offsets = fieldOffsets(addon.layout)
    this.reader = new addon.Reader()
    this.owners = new Owners(this.reader, addon.layout, this.#offsets)
    this.interfaces = new Interfaces(this.reader, () => {
      this.resetAt = (this.picture?.refresh ?? 0) + 1
    })
    this.namespaces = new Namespaces(this.reader, this.interfaces, (process) => this.details.containerName(process))
    this.#oracle = new SharingOracle(this.reader)
    this.#deferredAccepts = new DeferredAccepts(this.reader)
  }

  /**
   * A picture of now. `memory` asks the kernel for UDP queue limits and for drops, which costs half as much again.
   */
  async read(request: { memory: boolean; owners: OwnersRequest }): Promise<Reading> {
    const started = performance.now()
    if (!this.#opened) {
      await this.namespaces.openOwn()
      this.#opened = true
    }
    if (request.owners === 'now' || (request.owners === 'due' && this.#scanIsDue())) await this.#scanOwners()
    // Namespaces with a name are found without looking at processes.
    else if (request.owners === 'never') await this.namespaces.discover(this.owners.processes.values())
    // Before the sockets: who watches is answered as soon as those are read, and no worker thread takes that moment.
    if (request.owners === 'due') {
      if (this.#pollersAreDue()) await this.#scanPollers()
      // Where a group was not understood, this was tried as soon as that was seen.
      if (this.picture?.hasUnknownGroup() === false) await this.#understand('due')
    }
    const bound = request.owners !== 'due' || started - this.#boundReadAt >= BOUND_AGE_MS
    if (bound) this.#boundReadAt = started
    let refresh = await this.#refresh(request.memory, bound)
    // Before the first frame every socket would be asked for its namespace, those that a dump tells of too.
    if (request.owners === 'now' && (await this.namespaces.searchHeld(HELD_AT_ONCE.now))) {
      await this.namespaces.discover(this.owners.processes.values())
      refresh = await this.#refresh(request.memory, bound)
    }
    if (request.owners === 'due') {
      // A new group is shown as what it is and with its owners, not as unknown first: one of UDP may have another key then.
      const scanned = this.#membersMoved && this.#scanIsDue()
      if (scanned) await this.#scanOwners()
      const unknown = this.picture?.hasUnknownGroup() ?? false
      const understood = unknown && (await this.#understand(request.owners))
      if (scanned || understood) refresh = await this.#refresh(request.memory, false)
    } else {
      // Somebody waits for this picture alone: what can be understood of it must be understood in it.
      for (let round = 0; round < ROUNDS && (await this.#understand(request.owners)); round++) {
        refresh = await this.#refresh(request.memory, false)
        if (this.picture?.hasUnknownGroup() !== true) break
      }
      if (request.owners === 'now') await this.#scanPollers()
    }
    const picture = this.picture
    if (picture === null) throw new Error('a refresh gave no picture')
    return {
      picture,
      durationMs: performance.now() - started,
      refreshMs: refresh.durationMs,
      shortfalls: [...shortfallsOf(refresh), ...leftOut(this.namespaces)].sort(faultsFirst),
    }
  }

  /** Whether sockets of the protocol cannot be asked for over sock_diag, so that /proc/net is read and no lookup answers. */
  lacks(protocol: Protocol): boolean {
    return this.missing.some((table) => table.protocol === protocol)
  }

  /**
   * Whether TCP sockets that are bound and do not listen are in what is read; null where that could not be found out. The
   * kernel is asked once: it does not change its mind.
   */
  async seesBoundTcp(): Promise<boolean | null> {
    // They are in none of the files of /proc/net.
    if (this.lacks('tcp')) return false
    this.#listsBoundTcp ??= await this.reader.listsBoundTcp().catch(() => null)
    return this.#listsBoundTcp
  }

  /** Reads the options of every socket whose holder lets us, also where they do not decide how a group shares. */
  async readEveryOption(): Promise<void> {
    await this.reader.readOptions({ limit: this.picture?.sockets.count ?? 0, deciding: false, again: 0 })
  }

  /** Makes the next reading look for bound sockets too, where they were last looked for longer ago than this. */
  renewBound(olderThanMs: number): boolean {
    const old = performance.now() - this.#boundReadAt > olderThanMs
    if (old) this.#boundReadAt = Number.NEGATIVE_INFINITY
    return old
  }

  /** The owners of a group, counted once for as long as neither its members nor the processes change. */
  ownersOf(picture: Picture, row: number, id: string): OwnerSummary {
    const membersChanged = picture.membersChanged(row)
    const known = this.#ownerSummaries.get(id)
    if (known?.membersChanged === membersChanged && known.generation === this.details.generation) return known.summary
    const summary = picture.owners(row)
    this.#ownerSummaries.set(id, { membersChanged, generation: this.details.generation, summary })
    return summary
  }

  close(): void {
    this.reader.close()
  }

  get users(): Users {
    return this.#users
  }

  readonly #names: Names = {
    user: (uid) => this.#users.name(uid),
    interface: (netns, index) => this.interfaces.name(netns, index),
    process: (pid) => {
      const process = this.owners.processes.get(pid)
      if (!process) return null
      return { command: process.command, startedAt: process.startedAt, service: this.details.service(process) }
    },
    pollers: (inode) => this.owners.pollers(inode),
  }

  async #refresh(memory: boolean, bound: boolean): Promise<Refresh> {
    this.#users.refresh()
    const refresh = await this.reader.refresh({ memory, bound })
    refuseNothing(refresh)
    const picture = this.#pictureOf(refresh.frame)
    this.#noteSources(refresh)
    await this.interfaces.update(picture.namespacesWithInterfaces())
    this.picture = picture
    this.#membersMoved ||= picture.membersMoved()
    for (const id of refresh.frame.goneGroups) this.#ownerSummaries.delete(groupIdText(id))
    await this.onPicture(picture)
    return refresh
  }

  /** Sockets have other ids when they are read from another source: that none of them left is all that may be said. */
  #noteSources({ missing, frame }: Refresh): void {
    const sources = protocolsOf(missing).join()
    if (this.#sources !== null && this.#sources !== sources) this.resetAt = this.sourcesChangedAt = frame.refresh
    this.#sources = sources
    this.missing = missing
  }

  #pictureOf(frame: Frame): Picture {
    const takenAt = this.#now()
    const before = this.picture?.takenAt
    if (this.#times.length >= MOST_TIMES) this.#timesFrom += this.#times.splice(0, MOST_TIMES / 2).length
    if (this.#times.length === 0) this.#timesFrom = frame.refresh
    this.#times.push(takenAt.getTime())
    return new Picture({
      frame,
      layout: this.#addon.layout,
      offsets: this.#offsets,
      mayDefer: (netns) => this.#deferredAccepts.in(netns, frame.refresh),
      names: this.#names,
      takenAt,
      elapsedMs: before ? takenAt.getTime() - before.getTime() : null,
      seenAt: (refresh) => this.#timeOf(refresh),
    })
  }

  /** When a refresh was made. Of those long past only the oldest kept time is known: "at least that long ago". */
  #timeOf(refresh: number): Date {
    const time = this.#times[refresh - this.#timesFrom] ?? this.#times[0]
    return time === undefined ? this.#now() : new Date(time)
  }

  async #scanOwners(): Promise<void> {
    this.#membersMoved = false
    const changed = await this.owners.scan()
    if (changed) await this.details.load(this.owners.processes.values())
    if (this.picture !== null) await this.namespaces.searchHeld(HELD_AT_ONCE.due)
    await this.namespaces.discover(this.owners.processes.values())
  }

  /** One step towards understanding what is still unknown: options first, for they are the better evidence, then the oracle. */
  async #understand(owners: OwnersRequest): Promise<boolean> {
    if (this.picture === null) return false
    if (owners === 'never') return this.#oracle.resolve(this.picture)
    if (this.owners.lastScan === null) return false
    // Who waits for one picture waits for what decides in it; the other options are facts of members, read in turn while
    // somebody watches. What is read is known from the next refresh on: more turns than these would read it again.
    const sockets = this.picture.sockets.count
    const turns = owners === 'now' ? Math.ceil(sockets / OPTIONS_AT_ONCE) : 1
    const again = owners === 'now' ? 0 : Math.min(Math.ceil(sockets / ASKED_AGAIN), MOST_ASKED_AGAIN)
    let some = false
    for (let turn = 0; turn < turns; turn++) {
      const request = { limit: OPTIONS_AT_ONCE, deciding: owners === 'now', again }
      const { read, refused, givenUp } = await this.reader.readOptions(request)
      this.refusedOptions = refused
      some ||= read > 0 || givenUp > 0
      if (read < OPTIONS_AT_ONCE) return some || this.#oracle.resolve(this.picture)
    }
    // With so many to read that it takes several turns, the oracle stands in for those whose turn is still to come.
    return (await this.#oracle.resolve(this.picture)) || some
  }

  async #scanPollers(): Promise<void> {
    const picture = this.picture
    if (picture === null) return
    const started = performance.now()
    // Whoever has this picture already is told with the next one.
    await this.owners.scanPollers(picture.refresh + 1)
    this.#pollersEndedAt = performance.now()
    this.#pollersMs = this.#pollersEndedAt - started
  }

  #scanIsDue(): boolean {
    const last = this.owners.lastScan
    if (last === null) return true
    const rest = this.#membersMoved
      ? last.durationMs / MOVED_SCAN_SHARE
      : Math.max(last.durationMs / SCAN_SHARE, QUIET_SCAN_MS)
    return performance.now() - last.endedAt >= rest
  }

  #pollersAreDue(): boolean {
    return performance.now() - this.#pollersEndedAt >= Math.max(this.#pollersMs / SCAN_SHARE, 1000)
  }
}

function faultsFirst(a: Shortfall, b: Shortfall): number {
  return Number(b.kind === 'fault') - Number(a.kind === 'fault')
}

/** Namespaces that may be entered, and were not. */
function leftOut(namespaces: Namespaces): Shortfall[] {
  const left = namespaces.leftOut()
  const [first] = left
  if (first === undefined) return []
  return [
    {
      kind: 'fault',
      netns: null,
      asked: 'the sockets of every network namespace',
      happened: `${several(left.length, 'namespace')} left out (${first.reason}); \`doctor\` names them`,
      remedy:
        first.reason === 'EMFILE' ? 'Raise the limit of descriptors (ulimit -n), or ask for one namespace.' : null,
    },
  ]
}

/** Throws where a refresh could read nothing at all: that is no machine without sockets. */
function refuseNothing({ failures, tables, missing, frame }: Refresh): void {
  const [first] = failures
  if (first !== undefined && failures.length === tables && frame.socketCount === 0)
    throw new ReadFailure(first, missing)
}

/** What this refresh lacks. */
function shortfallsOf(refresh: Refresh): Shortfall[] {
  const { failures, missing } = refresh
  const shortfalls = failures.map(
    ({ netns, operation, code, message }): Shortfall => ({
      kind: 'fault',
      netns,
      asked: `to ${operation}`,
      happened: `${message} (${code}); its sockets are shown as they were last seen`,
      remedy: null,
    }),
  )
  if (refresh.unsettled) {
    shortfalls.push({
      kind: 'fault',
      netns: null,
      asked: 'one picture of all sockets',
      happened: `sockets came and went faster than ${refresh.passes} readings could settle; one that closed may still be shown`,
      remedy: null,
    })
  }
  return shortfalls.concat(missingSockDiag(missing))
}
