/**
 * Collects one frame at a time and keeps what outlives a frame: open namespaces, owners, names. The order makes a frame
 * complete: which processes hold what, then the options of known sockets, then all sockets, then the options and the
 * kernel lookup for groups that are not classified yet.
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

/** The share of time for scans of /proc and of epoll sets; slow scans run less often. */
const SCAN_SHARE = 0.02
/** The same while members are added and removed: the holders of a new one are looked up at once. */
const MOVED_SCAN_SHARE = 0.1
/** While no socket is added or removed its holders seldom change either: /proc is scanned this often then. */
const QUIET_SCAN_MS = 3000
/** Options read in one batch: some 60 ms of a worker thread at 6 µs each. */
const OPTIONS_AT_ONCE = 10_000
/**
 * A member may set SO_INCOMING_CPU at any time: while the engine is watched, one in this many sockets is read again at
 * each refresh, in turn.
 */
const ASKED_AGAIN = 32
const MOST_ASKED_AGAIN = 1000
/**
 * While the engine is watched, TCP sockets that are bound but not listening are read this often, and whenever a TCP
 * socket is added or removed: nothing reaches them, and they are a third of a refresh's cost.
 */
const BOUND_AGE_MS = 5000
/**
 * Sockets whose network namespace is looked up after one owner scan, at some 10 µs each on a worker thread; fewer while
 * no one waits. Each socket is looked up once.
 */
const HELD_AT_ONCE = { now: 20_000, due: 1000 } as const
/** Refreshes whose times are kept. */
const MOST_TIMES = 20_000
/**
 * Rounds towards a frame without unknown groups: options, then the kernel lookup, and one for what changed meanwhile.
 */
const ROUNDS = 3

/** When to scan /proc: when its share of the time allows, before anything else, or not at all. */
export type OwnersRequest = 'due' | 'now' | 'never'
export type Reading = {
  picture: Picture
  /** Total time, scans of /proc included. */
  durationMs: number
  /** The time of the kernel's own part, which every refresh takes. */
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
  /** The newest frame; null before the first. */
  picture: Picture | null = null
  /** Sockets with a known holder whose options cannot be read, at the last attempt. */
  refusedOptions = 0
  /** The refresh at which every reader must start over: a name that many rows contain changed. */
  resetAt = 0
  /** Called with every frame, in order. Reading continues when it is done. */
  onPicture: (picture: Picture) => void | Promise<void> = () => {}
  /** The refresh at which a protocol's source changed: sock_diag, or /proc/net. */
  sourcesChangedAt = 0
  /** The tables that the kernel's sock_diag lacked at the last refresh. */
  missing: readonly MissingTable[] = []
  #sources: string | null = null
  readonly #addon: Addon
  readonly #now: () => Date
  readonly #offsets: FieldOffsets
  readonly #users = new Users()
  readonly #oracle: SharingOracle
  readonly #deferredAccepts: DeferredAccepts
  readonly #ownerSummaries = new Map<string, { membersChanged: number; generation: number; summary: OwnerSummary }>()
  /** Times of consecutive refreshes, from the first that is kept, in milliseconds since 1970. */
  readonly #times: number[] = []
  #timesFrom = 0
  /** A member was added or removed, or its holders changed, since the last scan of /proc. */
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
   * A new frame. `memory` asks the kernel for UDP queue limits and for drops, which is about 50 % more expensive.
   */
  async read(request: { memory: boolean; owners: OwnersRequest }): Promise<Reading> {
    const started = performance.now()
    if (!this.#opened) {
      await this.namespaces.openOwn()
      this.#opened = true
    }
    if (request.owners === 'now' || (request.owners === 'due' && this.#scanIsDue())) await this.#scanOwners()
    // Named namespaces are found without looking at processes.
    else if (request.owners === 'never') await this.namespaces.discover(this.owners.processes.values())
    // Before the sockets: readers are answered as soon as those are read, and no worker thread is busy at that moment.
    if (request.owners === 'due') {
      if (this.#pollersAreDue()) await this.#scanPollers()
      // Unclassified groups were tried as soon as they were seen.
      if (this.picture?.hasUnknownGroup() === false) await this.#understand('due')
    }
    const bound = request.owners !== 'due' || started - this.#boundReadAt >= BOUND_AGE_MS
    if (bound) this.#boundReadAt = started
    let refresh = await this.#refresh(request.memory, bound)
    // Without a first frame, the namespace of every socket would be looked up, those in a dump too.
    if (request.owners === 'now' && (await this.namespaces.searchHeld(HELD_AT_ONCE.now))) {
      await this.namespaces.discover(this.owners.processes.values())
      refresh = await this.#refresh(request.memory, bound)
    }
    if (request.owners === 'due') {
      // A new group is shown classified and with its owners, not as unknown first: a UDP group may then have another
      // key.
      const scanned = this.#membersMoved && this.#scanIsDue()
      if (scanned) await this.#scanOwners()
      const unknown = this.picture?.hasUnknownGroup() ?? false
      const understood = unknown && (await this.#understand(request.owners))
      if (scanned || understood) refresh = await this.#refresh(request.memory, false)
    } else {
      // Someone waits for this frame alone: what can be classified must be classified in it.
      for (let round = 0; round < ROUNDS && (await this.#understand(request.owners)); round++) {
        refresh = await this.#refresh(request.memory, false)
        if (this.picture?.hasUnknownGroup() !== true) break
      }
      if (request.owners === 'now') await this.#scanPollers()
    }
    const picture = this.picture
    if (picture === null) throw new Error('a refresh gave no frame')
    return {
      picture,
      durationMs: performance.now() - started,
      refreshMs: refresh.durationMs,
      shortfalls: [...shortfallsOf(refresh), ...leftOut(this.namespaces)].sort(faultsFirst),
    }
  }

  /** Whether sock_diag does not cover the protocol, so that /proc/net is read and no lookup is possible. */
  lacks(protocol: Protocol): boolean {
    return this.missing.some((table) => table.protocol === protocol)
  }

  /**
   * Whether TCP sockets that are bound but not listening are included; null where that could not be determined. The
   * kernel is asked once: the answer does not change.
   */
  async seesBoundTcp(): Promise<boolean | null> {
    // They are in none of the files of /proc/net.
    if (this.lacks('tcp')) return false
    this.#listsBoundTcp ??= await this.reader.listsBoundTcp().catch(() => null)
    return this.#listsBoundTcp
  }

  /** Reads the options of every socket whose holder permits it, also where they do not decide how a group shares. */
  async readEveryOption(): Promise<void> {
    await this.reader.readOptions({ limit: this.picture?.sockets.count ?? 0, decidingOnly: false, reread: 0 })
  }

  /** Makes the next reading include bound sockets, where they were last read longer ago than this. */
  renewBound(olderThanMs: number): boolean {
    const old = performance.now() - this.#boundReadAt > olderThanMs
    if (old) this.#boundReadAt = Number.NEGATIVE_INFINITY
    return old
  }

  /** The owners of a group, counted once while neither its members nor the processes change. */
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
    for (const id of refresh.frame.removedGroups) this.#ownerSummaries.delete(groupIdText(id))
    await this.onPicture(picture)
    return refresh
  }

  /** Sockets have other ids when their source changes, so none of them can be reported as removed. */
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

  /** When a refresh was made. For older ones only the oldest kept time is known: "at least that long ago". */
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

  /** One step to classify unknown groups: options first, which are the better evidence, then the kernel lookup. */
  async #understand(owners: OwnersRequest): Promise<boolean> {
    if (this.picture === null) return false
    if (owners === 'never') return this.#oracle.resolve(this.picture)
    if (this.owners.lastScan === null) return false
    // A reader of a single frame waits for the deciding options; the others are facts about members, read in turn while
    // the engine is watched. What is read shows from the next refresh on: more turns than these would read it again.
    const sockets = this.picture.sockets.count
    const turns = owners === 'now' ? Math.ceil(sockets / OPTIONS_AT_ONCE) : 1
    const again = owners === 'now' ? 0 : Math.min(Math.ceil(sockets / ASKED_AGAIN), MOST_ASKED_AGAIN)
    let some = false
    for (let turn = 0; turn < turns; turn++) {
      const request = { limit: OPTIONS_AT_ONCE, decidingOnly: owners === 'now', reread: again }
      const { read, refused, givenUp } = await this.reader.readOptions(request)
      this.refusedOptions = refused
      some ||= read > 0 || givenUp > 0
      if (read < OPTIONS_AT_ONCE) return some || this.#oracle.resolve(this.picture)
    }
    // Where reading takes several turns, the kernel lookup covers the sockets whose turn is still to come.
    return (await this.#oracle.resolve(this.picture)) || some
  }

  async #scanPollers(): Promise<void> {
    const picture = this.picture
    if (picture === null) return
    const started = performance.now()
    // Readers that already have this frame get the change with the next one.
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

/** Namespaces that are accessible, but were not opened. */
function leftOut(namespaces: Namespaces): Shortfall[] {
  const left = namespaces.leftOut()
  const [first] = left
  if (first === undefined) return []
  return [
    {
      kind: 'fault',
      netns: null,
      asked: 'reading the sockets of every network namespace',
      happened: `${several(left.length, 'namespace')} left out (${first.reason}); \`doctor\` names them`,
      remedy:
        first.reason === 'EMFILE' ? 'Raise the limit of file descriptors (ulimit -n), or select one namespace.' : null,
    },
  ]
}

/** Throws where a refresh could read nothing at all, which is not the same as a machine without sockets. */
function refuseNothing({ failures, tables, missing, frame }: Refresh): void {
  const [first] = failures
  if (first !== undefined && failures.length === tables && frame.socketCount === 0)
    throw new ReadFailure(first, missing)
}

/** What is missing from this refresh. */
function shortfallsOf(refresh: Refresh): Shortfall[] {
  const { failures, missing } = refresh
  const shortfalls = failures.map(
    ({ netns, operation, code, message }): Shortfall => ({
      kind: 'fault',
      netns,
      asked: operation.replace(/^(dump|read) /, 'reading ').replace(/^open /, 'opening '),
      happened: `${message} (${code}); its sockets are shown as last seen`,
      remedy: null,
    }),
  )
  if (refresh.unsettled) {
    shortfalls.push({
      kind: 'fault',
      netns: null,
      asked: 'reading all sockets at one moment',
      happened: `sockets were opened and closed faster than ${refresh.passes} readings could settle; a closed one may still be shown`,
      remedy: null,
    })
  }
  return shortfalls.concat(missingSockDiag(missing))
}
