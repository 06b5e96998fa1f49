/**
 * Collects one frame at a time and keeps what outlives a frame: open namespaces, owners, names. The order makes a frame
 * complete: which processes hold what, then the options of known sockets, then all sockets, then the options and the
 * kernel lookup for groups that are not classified yet.
 */
import type { Addon, Frame, Reader, Refresh } from '../../../native/index.ts'
import { pluralize } from '../../contract/format.ts'
import type { Protocol, Shortfall } from '../../contract/model.ts'
import type { StartBpfProgram } from './bpf-reader.ts'
import { DeferredAccepts } from './deferred-accept.ts'
import { FlowSamples } from './flow-samples.ts'
import { groupIdText } from './frame-fields.ts'
import type { FrameRequest } from './frame-request.ts'
import { FrameView, type Names, type OwnerSummary } from './frame-view.ts'
import { GivenCounts } from './given-counts.ts'
import { Interfaces } from './interfaces.ts'
import { KernelGroups } from './kernel-groups.ts'
import { Namespaces } from './namespaces.ts'
import { ProcessDetails } from './process-details.ts'
import { ProcessTable } from './process-table.ts'
import { SharingLookup } from './sharing-lookup.ts'
import { type MissingTable, missingSockDiag, protocolsOf, ReadFailure } from './sock-diag.ts'
import { Users } from './users.ts'

/** The share of time for scans of /proc and of epoll sets; slow scans run less often. */
const SCAN_SHARE = 0.02
/** The same while members are added and removed: the holders of a new one are looked up at once. */
const CHANGED_SCAN_SHARE = 0.1
/** While no socket is added or removed its holders seldom change either: /proc is scanned this often then. */
const QUIET_SCAN_MS = 3000
/** Options read in one batch: some 60 ms of a worker thread at 6 µs each. */
const OPTIONS_PER_BATCH = 10_000
/**
 * A member may set SO_INCOMING_CPU at any time: while the engine is watched, one in this many sockets is read again at
 * each refresh, in turn.
 */
const REREAD_SHARE = 32
const MAX_REREAD = 1000
/**
 * While the engine is watched, TCP sockets that are bound but not listening are read this often, and whenever a TCP
 * socket is added or removed: nothing reaches them, and they are a third of a refresh's cost.
 */
const BOUND_AGE_MS = 5000
/**
 * Sockets whose network namespace is looked up after one owner scan, at some 10 µs each on a worker thread; fewer while
 * no one waits. Each socket is looked up once.
 */
const HELD_PER_SCAN = { now: 20_000, due: 1000 } as const
/** Refreshes whose times are kept. */
const MAX_TIMES = 20_000
/**
 * Rounds towards a frame without unknown groups: options, then the kernel lookup, and one for what changed meanwhile.
 */
const ROUNDS = 3

export type CollectResult = {
  frame: FrameView
  /** Total time, scans of /proc included. */
  durationMs: number
  /** The time of the kernel's own part, which every refresh takes. */
  refreshMs: number
  /** What was not read, or not in full; empty where everything was. Faults come first. */
  shortfalls: readonly Shortfall[]
}

export type CollectorOptions = {
  readonly now?: (() => Date) | undefined
  /** Starts the BPF reader; without it the kernel's groups, what members are given and which clients went
   * to them are unknown. */
  readonly bpfProgram?: StartBpfProgram | null
  /** The kernel's groups, where they are being read already. */
  readonly kernelGroups?: KernelGroups | undefined
}

export class Collector {
  readonly reader: Reader
  readonly processTable: ProcessTable
  readonly namespaces: Namespaces
  readonly interfaces: Interfaces
  readonly kernelGroups: KernelGroups
  readonly givenCounts: GivenCounts
  readonly flowSamples: FlowSamples
  readonly processDetails = new ProcessDetails()
  /** The newest frame; null before the first. */
  frame: FrameView | null = null
  /** Sockets with a known holder whose options cannot be read, at the last attempt. */
  unreadableOptions = 0
  /** The refresh at which every reader must start over: a name that many rows contain changed. */
  resetAt = 0
  /** Called with every frame, in order. Reading continues when it is done. */
  onFrame: (frame: FrameView) => void | Promise<void> = () => {}
  /** The refresh at which a protocol's source changed: sock_diag, or /proc/net. */
  sourcesChangedAt = 0
  /** The tables that the kernel's sock_diag lacked at the last refresh. */
  missing: readonly MissingTable[] = []
  #sources: string | null = null
  readonly #now: () => Date
  readonly #users = new Users()
  readonly #sharingLookup: SharingLookup
  readonly #deferredAccepts: DeferredAccepts
  readonly #ownerSummaries = new Map<string, { membersChanged: number; generation: number; summary: OwnerSummary }>()
  /** Times of consecutive refreshes, from the first that is kept, in milliseconds since 1970. */
  readonly #times: number[] = []
  #timesFrom = 0
  /** A member was added or removed, or its holders changed, since the last scan of /proc. */
  #membersChanged = false
  #pollersEndedAt = 0
  #pollersMs = 0
  #boundReadAt = Number.NEGATIVE_INFINITY
  #boundTcpListed: boolean | null = null
  #opened = false
  /** The reading of the counts that belongs to the next frame. */
  #counted: Promise<void> = Promise.resolve()

  constructor(addon: Addon, { now = () => new Date(), bpfProgram = null, kernelGroups }: CollectorOptions = {}) {
    this.#now = now
    this.kernelGroups = kernelGroups ?? new KernelGroups(bpfProgram)
    this.givenCounts = new GivenCounts(bpfProgram, now)
    this.flowSamples = new FlowSamples(bpfProgram)
    this.reader = new addon.Reader()
    this.processTable = new ProcessTable(this.reader)
    this.interfaces = new Interfaces(this.reader, () => {
      this.resetAt = (this.frame?.refresh ?? 0) + 1
    })
    this.namespaces = new Namespaces(this.reader, this.interfaces, (process) =>
      this.processDetails.containerName(process),
    )
    this.#sharingLookup = new SharingLookup(this.reader)
    this.#deferredAccepts = new DeferredAccepts(this.reader)
  }

  /**
   * A new frame. `memory` asks the kernel for UDP queue limits and for drops, which is about 50 % more expensive.
   */
  async collect(request: FrameRequest & { memory: boolean }): Promise<CollectResult> {
    const { reader, processes } = request
    const started = performance.now()
    if (!this.#opened) {
      await this.namespaces.openOwn()
      this.#opened = true
    }
    // In its own process, while this one reads the rest.
    if (reader === 'single' || this.kernelGroups.due) this.kernelGroups.read()
    // Readers of one frame after another get the last reading at once, and a new group's in the next frame. For one that
    // waits, before the processes are looked at: a socket that is opened after that has no known owner.
    if (reader === 'single') await this.kernelGroups.settled()
    if (processes === 'now' || (processes === 'due' && this.#scanIsDue())) await this.#scanOwners()
    // Named namespaces are found without looking at processes.
    else if (processes === 'never') await this.namespaces.discover(this.processTable.processes.values())
    if (reader === 'watching' && this.frame !== null) await this.kernelGroups.separate(this.frame, this.reader)
    // Before the sockets: readers are answered as soon as those are read, and no worker thread is busy at that moment.
    if (reader === 'watching') {
      if (processes === 'due' && this.#pollersAreDue()) await this.#scanPollers()
      // Unclassified groups were tried as soon as they were seen.
      if (this.frame?.hasUnclassifiedGroup() === false) await this.#classify(request)
    }
    // At the same time as the queues, with which they are compared.
    this.#counted = this.givenCounts.read(reader)
    const bound = reader === 'single' || started - this.#boundReadAt >= BOUND_AGE_MS
    if (bound) this.#boundReadAt = started
    let refresh = await this.#refresh(request.memory, bound)
    // Without a first frame, the namespace of every socket would be looked up, those in a dump too.
    if (processes === 'now' && (await this.namespaces.searchHeld(HELD_PER_SCAN.now))) {
      await this.namespaces.discover(this.processTable.processes.values())
      refresh = await this.#refresh(request.memory, bound)
    }
    if (reader === 'watching') {
      // A new group is shown classified and with its owners, not as unknown first: a UDP group may then have another
      // key.
      const scanned = processes === 'due' && this.#membersChanged && this.#scanIsDue()
      if (scanned) await this.#scanOwners()
      const unknown = this.frame?.hasUnclassifiedGroup() ?? false
      const understood = unknown && (await this.#classify(request))
      if (scanned || understood) refresh = await this.#refresh(request.memory, false)
    } else {
      if (this.frame !== null && (await this.kernelGroups.separate(this.frame, this.reader))) {
        refresh = await this.#refresh(request.memory, false)
      }
      // Someone waits for this frame alone: what can be classified must be classified in it.
      for (let round = 0; round < ROUNDS && (await this.#classify(request)); round++) {
        refresh = await this.#refresh(request.memory, false)
        if (this.frame?.hasUnclassifiedGroup() !== true) break
      }
      if (processes === 'now') await this.#scanPollers()
    }
    const frame = this.frame
    if (frame === null) throw new Error('a refresh gave no frame')
    return {
      frame,
      durationMs: performance.now() - started,
      refreshMs: refresh.durationMs,
      shortfalls: [...shortfallsOf(refresh), ...namespacesLeftOut(this.namespaces)].sort(faultsFirst),
    }
  }

  /** Whether sock_diag does not cover the protocol, so that /proc/net is read and no lookup is possible. */
  isMissing(protocol: Protocol): boolean {
    return this.missing.some((table) => table.protocol === protocol)
  }

  /**
   * Whether TCP sockets that are bound but not listening are included; null where that could not be determined. The
   * kernel is asked once: the answer does not change.
   */
  async listsBoundTcp(): Promise<boolean | null> {
    // They are in none of the files of /proc/net.
    if (this.isMissing('tcp')) return false
    this.#boundTcpListed ??= await this.reader.listsBoundTcp().catch(() => null)
    return this.#boundTcpListed
  }

  /** Reads the options of every socket whose holder permits it, also where they do not decide how a group shares. */
  async readAllOptions(): Promise<void> {
    await this.reader.readOptions({ limit: this.frame?.sockets.count ?? 0, decidingOnly: false, reread: 0 })
  }

  /** Makes the next reading include bound sockets, where they were last read longer ago than this. */
  expireBoundRead(olderThanMs: number): boolean {
    const old = performance.now() - this.#boundReadAt > olderThanMs
    if (old) this.#boundReadAt = Number.NEGATIVE_INFINITY
    return old
  }

  /** The owners of a group, counted once while neither its members nor the processes change. */
  ownerSummary(frame: FrameView, row: number, id: string): OwnerSummary {
    const membersChanged = frame.membersChanged(row)
    const known = this.#ownerSummaries.get(id)
    if (known?.membersChanged === membersChanged && known.generation === this.processDetails.generation)
      return known.summary
    const summary = frame.owners(row)
    this.#ownerSummaries.set(id, { membersChanged, generation: this.processDetails.generation, summary })
    return summary
  }

  close(): void {
    this.kernelGroups.close()
    this.givenCounts.close()
    this.flowSamples.close()
    this.reader.close()
  }

  get users(): Users {
    return this.#users
  }

  readonly #names: Names = {
    user: (uid) => this.#users.name(uid),
    interface: (netns, index) => this.interfaces.name(netns, index),
    process: (pid) => {
      const process = this.processTable.processes.get(pid)
      if (!process) return null
      return { command: process.command, startedAt: process.startedAt, service: this.processDetails.service(process) }
    },
    pollers: (inode) => this.processTable.pollers(inode),
    knowsKernelGroups: () => this.kernelGroups.known,
    kernelGroupStartingWith: (cookie) => this.kernelGroups.startingWith(cookie),
  }

  async #refresh(memory: boolean, bound: boolean): Promise<Refresh> {
    this.#users.refresh()
    const refresh = await this.reader.refresh({ memory, bound })
    throwIfNothingRead(refresh)
    await this.#counted
    const frame = this.#frameOf(refresh.frame)
    await this.givenCounts.observe(frame)
    this.#noteSources(refresh)
    await this.interfaces.update(frame.namespacesWithInterfaces())
    this.frame = frame
    this.#membersChanged ||= frame.anyMembersChanged()
    for (const id of refresh.frame.removedGroups) this.#ownerSummaries.delete(groupIdText(id))
    await this.onFrame(frame)
    return refresh
  }

  /** Sockets have other ids when their source changes, so none of them can be reported as removed. */
  #noteSources({ missing, frame }: Refresh): void {
    const sources = protocolsOf(missing).join()
    if (this.#sources !== null && this.#sources !== sources) this.resetAt = this.sourcesChangedAt = frame.refresh
    this.#sources = sources
    this.missing = missing
  }

  #frameOf(frame: Frame): FrameView {
    const takenAt = this.#now()
    const before = this.frame?.takenAt
    if (this.#times.length >= MAX_TIMES) this.#timesFrom += this.#times.splice(0, MAX_TIMES / 2).length
    if (this.#times.length === 0) this.#timesFrom = frame.refresh
    this.#times.push(takenAt.getTime())
    return new FrameView({
      frame,
      mayDefer: (netns) => this.#deferredAccepts.in(netns, frame.refresh),
      given: this.givenCounts,
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
    this.#membersChanged = false
    const changed = await this.processTable.scan()
    if (changed) await this.processDetails.load(this.processTable.processes.values())
    if (this.frame !== null) await this.namespaces.searchHeld(HELD_PER_SCAN.due)
    await this.namespaces.discover(this.processTable.processes.values())
  }

  /** One step to classify unknown groups: options first, which are the better evidence, then the kernel lookup. */
  async #classify({ reader, processes }: FrameRequest): Promise<boolean> {
    if (this.frame === null) return false
    if (processes === 'never') return this.#classifyWithoutOptions(this.frame)
    if (this.processTable.lastScan === null) return false
    // A reader of a single frame waits for the deciding options; the others are facts about members, read in turn while
    // the engine is watched. What is read shows from the next refresh on: more turns than these would read it again.
    const sockets = this.frame.sockets.count
    const turns = reader === 'single' ? Math.ceil(sockets / OPTIONS_PER_BATCH) : 1
    const again = reader === 'single' ? 0 : Math.min(Math.ceil(sockets / REREAD_SHARE), MAX_REREAD)
    let some = false
    for (let turn = 0; turn < turns; turn++) {
      const request = { limit: OPTIONS_PER_BATCH, decidingOnly: reader === 'single', reread: again }
      const { read, refused, givenUp } = await this.reader.readOptions(request)
      this.unreadableOptions = refused
      some ||= read > 0 || givenUp > 0
      if (read < OPTIONS_PER_BATCH) return some || this.#classifyWithoutOptions(this.frame)
    }
    // Where reading takes several turns, the kernel lookup covers the sockets whose turn is still to come.
    return (await this.#classifyWithoutOptions(this.frame)) || some
  }

  /** What is certain in the kernel's own groups, before what the kernel lookup makes likely. */
  async #classifyWithoutOptions(frame: FrameView): Promise<boolean> {
    return this.kernelGroups.classify(frame, this.reader) || this.#sharingLookup.resolve(frame)
  }

  async #scanPollers(): Promise<void> {
    const frame = this.frame
    if (frame === null) return
    const started = performance.now()
    // Readers that already have this frame get the change with the next one.
    await this.processTable.scanPollers(frame.refresh + 1)
    this.#pollersEndedAt = performance.now()
    this.#pollersMs = this.#pollersEndedAt - started
  }

  #scanIsDue(): boolean {
    const last = this.processTable.lastScan
    if (last === null) return true
    const rest = this.#membersChanged
      ? last.durationMs / CHANGED_SCAN_SHARE
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
function namespacesLeftOut(namespaces: Namespaces): Shortfall[] {
  const left = namespaces.leftOut()
  const [first] = left
  if (first === undefined) return []
  return [
    {
      kind: 'fault',
      netns: null,
      operation: 'reading the sockets of every network namespace',
      cause: `${pluralize(left.length, 'namespace')} left out (${first.reason}); \`doctor\` names them`,
      hint:
        first.reason === 'EMFILE' ? 'Raise the limit of file descriptors (ulimit -n), or select one namespace.' : null,
    },
  ]
}

/** Throws where a refresh could read nothing at all, which is not the same as a machine without sockets. */
function throwIfNothingRead({ failures, tables, missing, frame }: Refresh): void {
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
      operation: operation.replace(/^(dump|read) /, 'reading ').replace(/^open /, 'opening '),
      cause: `${message} (${code}); its sockets are shown as last seen`,
      hint: null,
    }),
  )
  if (refresh.unsettled) {
    shortfalls.push({
      kind: 'fault',
      netns: null,
      operation: 'reading all sockets at one moment',
      cause: `sockets were opened and closed faster than ${refresh.passes} readings could settle; a closed one may still be shown`,
      hint: null,
    })
  }
  return shortfalls.concat(missingSockDiag(missing))
}
