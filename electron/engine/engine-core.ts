/**
 * What the engine sees of the machine: its frames, and the findings in them. It does not know the contract's procedures
 * (engine.ts answers those), so a command that needs one snapshot loads nothing else.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { loadAddon } from '../../native/index.ts'
import type { Selection, SnapshotRequest } from '../contract/contract.ts'
import type { Problem } from '../contract/errors.ts'
import type { GroupList } from '../contract/group-list.ts'
import type { Process } from '../contract/live.ts'
import type { Namespace, Shortfall, Snapshot } from '../contract/model.ts'
import type { PortRequest, PortUse } from '../contract/port.ts'
import { BalanceSampler } from './analyze/findings/balance-sampler.ts'
import { ReceiverLookup } from './analyze/findings/receiver-lookup.ts'
import { allRules } from './analyze/findings/rules.ts'
import { FindingsWatch } from './analyze/findings/watch.ts'
import { KernelLookup } from './analyze/kernel-lookup.ts'
import { bpfProgramBeside } from './collect/bpf-reader.ts'
import { Collector } from './collect/collector.ts'
import { type FrameRequest, SINGLE_FRAME, SINGLE_FRAME_WITHOUT_OWNERS } from './collect/frame-request.ts'
import type { FrameView } from './collect/frame-view.ts'
import { readHost } from './collect/host.ts'
import type { KernelGroups } from './collect/kernel-groups.ts'
import { problemOfError, problemOfShortfall, ReadError } from './collect/problems.ts'
import { Sampler } from './collect/sampler.ts'
import { EngineError } from './common/errors.ts'
import { collectParts, type SnapshotParts } from './snapshots/index.ts'
import { type FrameSource, groupList, snapshotParts } from './stream/live-snapshot.ts'
import { RemovalLog } from './stream/removal-log.ts'

export type EngineCoreOptions = {
  /** The built addon, `reuseport.node`; the programs of the lab and of the BPF reader are beside it. */
  addonPath: string
  /** The kernel's own groups, where they are being read already. */
  kernelGroups?: KernelGroups
  /** The current time; by default the system's clock. */
  now?: () => Date
}

/** Which groups, and of which frame. */
export type PartsRequest = { readonly selection: Selection; readonly frame: FrameRequest }

/** `uid`: of this process. */
export type PortAnswer = {
  readonly use: PortUse
  readonly namespaces: readonly Namespace[]
  readonly uid: number
}

/** Until the settings are read (contract/settings.ts). */
const INTERVAL_MS = 1000
/** How long we may keep an otherwise abandoned namespace, and its interfaces, alive while nothing is read. */
const RELEASE_MS = 2000

export class EngineCore {
  readonly collector: Collector
  readonly sampler: Sampler
  readonly removals: RemovalLog
  readonly lookup: KernelLookup
  /** The findings, updated with every frame. */
  readonly findings: FindingsWatch
  readonly #releaseTimer: NodeJS.Timeout
  readonly #followers: ((frame: FrameView) => Promise<void>)[] = []

  /** Reads nothing until it is asked to. Throws where the addon cannot be loaded. */
  constructor({ addonPath, now, kernelGroups }: EngineCoreOptions) {
    const addon = loadAddon(addonPath)
    const bpfProgram = bpfProgramBeside(addonPath, addon)
    const collector = new Collector(addon, { now, bpfProgram, kernelGroups })
    this.collector = collector
    this.sampler = new Sampler(collector, INTERVAL_MS)
    this.removals = new RemovalLog(collector, newEpoch())
    this.lookup = new KernelLookup(collector, this.sampler)
    const balanceSampler = new BalanceSampler(collector, this.lookup)
    const receivers = new ReceiverLookup(collector, this.lookup)
    const rules = allRules({
      weighed: (id) => balanceSampler.of(id),
      receiver: (group) => receivers.of(group),
    })
    this.findings = new FindingsWatch({ collector, rules, balanceSampler, receivers })
    collector.onFrame = async (frame) => {
      this.removals.record(frame)
      await this.findings.observe(frame)
      for (const take of this.#followers) await take(frame)
    }
    this.#releaseTimer = setInterval(
      () => collector.namespaces.releaseUnused(collector.processTable.processes.values()),
      RELEASE_MS,
    )
    this.#releaseTimer.unref()
  }

  /**
   * From now on `take` is called with every frame, in order. Nothing else is read until it is done, so it must not
   * wait.
   */
  follow(take: (frame: FrameView) => Promise<void>): void {
    this.#followers.push(take)
  }

  /**
   * A snapshot group by group, for consumers that must not hold all of it (engine/snapshots/). Reads when the first
   * part is taken, and blocks every other reading until the last one was. Throws ReadError.
   */
  parts({ selection, frame }: PartsRequest): SnapshotParts {
    if (frame.reader === 'watching') this.collector.givenCounts.need()
    return snapshotParts(this.#source, selection, frame)
  }

  /** A complete snapshot, as in the contract. Throws ReadError. */
  async snapshot({ selection, owners, countMs, flowsMs }: SnapshotRequest): Promise<Snapshot> {
    const frame = owners ? SINGLE_FRAME : SINGLE_FRAME_WITHOUT_OWNERS
    const read = () => collectParts(this.parts({ selection, frame }))
    if (flowsMs === undefined) {
      await this.#prepare(selection, frame, countMs)
      return await read()
    }
    const { sampleFlows, withFlows } = await import('./stream/snapshot-flows.ts')
    const { flowSamples } = this.collector
    const sampling = sampleFlows(flowSamples, await read(), flowsMs)
    await this.#prepare(selection, frame, countMs)
    await sampling
    return await withFlows(flowSamples, await read())
  }

  /** Starts to count what members are given, and waits, unless that is being counted already. */
  async count(forMs: number): Promise<void> {
    const { givenCounts } = this.collector
    const counting = givenCounts.since !== null
    givenCounts.need(forMs)
    if (counting || forMs === 0) return
    await this.sampler.read(SINGLE_FRAME_WITHOUT_OWNERS, async () => undefined)
    if (givenCounts.since !== null) await pause(forMs)
  }

  /** The groups as table rows: a snapshot without their members. Throws ReadError. */
  async groupList({ selection, owners, countMs }: SnapshotRequest): Promise<GroupList> {
    const frame = owners ? SINGLE_FRAME : SINGLE_FRAME_WITHOUT_OWNERS
    await this.#prepare(selection, frame, countMs)
    return await groupList(this.#source, selection, frame)
  }

  /** Counts for this long, and reads a first frame where the filter compares two. */
  async #prepare({ filter }: Selection, frame: FrameRequest, countMs: number | undefined): Promise<void> {
    if (filter !== undefined && this.collector.frame === null) await this.#readBefore(filter, frame)
    const forMs = countMs ?? (await this.#countedFor(filter))
    if (forMs !== null) await this.count(forMs)
  }

  async #countedFor(filter: string | undefined): Promise<number | null> {
    if (filter === undefined) return null
    const { readsCounts } = await import('./stream/filtered-rows.ts')
    return readsCounts(filter) ? INTERVAL_MS : null
  }

  async #readBefore(filter: string, frame: FrameRequest): Promise<void> {
    const { readsRates } = await import('./stream/filtered-rows.ts')
    if (!readsRates(filter)) return
    // As complete as the next one, which then needs only one reading: rates are of the time between two.
    await this.sampler.read(frame, async () => undefined)
    await pause(INTERVAL_MS)
  }

  get #source(): FrameSource {
    return { collector: this.collector, sampler: this.sampler, findings: this.findings.log }
  }

  /**
   * Everything about one port, as in the contract, with the names of namespaces. Throws EngineError. The rest of the
   * contract is loaded with engine.ts; this is here because commands that found nothing on a port ask for it.
   */
  async port(question: PortRequest): Promise<PortAnswer> {
    const { portUse } = await import('./analyze/port/port-use.ts')
    const { collector, sampler } = this
    try {
      const use = await portUse({ collector, sampler, findings: this.findings }, question)
      return { use, namespaces: collector.namespaces.list(), uid: readHost().uid }
    } catch (error) {
      if (error instanceof EngineError) throw error
      const problem = problemOfError(`finding who uses port ${question.port}`, error)
      throw new ReadError('SERVICE_UNAVAILABLE', problem, error)
    }
  }

  /** What the last reading lacked, as problems. */
  shortfalls(): { shortfall: Shortfall; problem: Problem }[] {
    const namespaces = this.collector.namespaces.list()
    return this.sampler.shortfalls.map((shortfall) => ({
      shortfall,
      problem: problemOfShortfall(shortfall, namespaces),
    }))
  }

  /** Details of processes that hold members. Those that are gone or not readable are left out. */
  processes(pids: readonly number[]): Process[] {
    const { processTable: owners, processDetails: details, users } = this.collector
    return pids.flatMap((pid) => {
      const process = owners.processes.get(pid)
      const known = process && details.describe(process)
      return known ? [{ ...known, user: users.name(process.uid) }] : []
    })
  }

  /** Stops sampling, ends pending requests, closes every descriptor. */
  async close(): Promise<void> {
    clearInterval(this.#releaseTimer)
    await this.sampler.close()
    this.collector.close()
  }
}

/** Hexadecimal, different for every core: microseconds since 1970. */
function newEpoch(): string {
  return Math.round(1000 * (performance.timeOrigin + performance.now())).toString(16)
}
