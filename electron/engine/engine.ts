/** The engine: reads the machine and answers the contract. Plain Node; every front starts it in the same way. */

import type { ContractRouterClient } from '@orpc/contract'
import { createRouterClient, type Router } from '@orpc/server'
import { loadAddon } from '../../native/index.ts'
import { version } from '../../package.json'
import type { Contract } from '../contract/contract.ts'
import type { LoggedEvent } from '../contract/events.ts'
import { Analysis } from './analyze/analysis.ts'
import type { EngineContext } from './api/engine-context.ts'
import { createFarRouter } from './api/far-router.ts'
import { createRouter } from './api/router.ts'
import type { SnapshotStorage } from './api/snapshots-router.ts'
import { RECORDED_FRAMES } from './collect/frame-request.ts'
import { readHost } from './collect/host.ts'
import { EngineCore, type EngineCoreOptions, type PartsRequest } from './engine-core.ts'
import { LabService } from './lab/lab-service.ts'
import { programBeside } from './lab/program.ts'
import type { SettingsStore } from './settings/settings-store.ts'
import { ShownHosts } from './shown-hosts.ts'
import {
  collectParts,
  partsOf,
  RecordingController,
  SnapshotLibrary,
  snapshotFolder,
  TransferManager,
} from './snapshots/index.ts'
import { eventsFeed } from './stream/events/events-feed.ts'
import { EventsWatch } from './stream/events/events-watch.ts'
import { GroupFeed } from './stream/group-feed.ts'
import { GroupsFeed } from './stream/groups-feed.ts'
import type { HistoryFile } from './stream/history/history-file.ts'
import { Memory } from './stream/memory.ts'
import { MetricsHistory } from './stream/metrics-history.ts'

export type EngineOptions = EngineCoreOptions & {
  settings: SettingsStore
  /** Where pages' snapshots are stored; by default `$XDG_STATE_HOME/reuseport-inspector/snapshots`. */
  snapshotFolder?: string
  /** Reads even while no one is watching, so that history and events have no gaps; by default it does not. */
  readsAlways?: boolean
  /** Keeps what the engine remembers over restarts; it is closed with the engine. */
  historyFile?: HistoryFile | null
  /** It has no lab and no stored snapshots, and only reads: for an engine with more permissions than those who ask it. */
  viewOnly?: boolean
}

export type Engine = {
  /** For a transport: oRPC's RPCHandler over a MessagePort or a WebSocket takes it. */
  readonly router: Router<Contract, EngineContext>
  /** The same procedures called in this process. */
  readonly client: ContractRouterClient<Contract>
  readonly parts: EngineCore['parts']
  /**
   * The contract for a page that shows another host, whose engine is `far` and whose boot id is `bootId`. Snapshots,
   * recordings and settings are those of this machine. Rejects where the host's engine does not answer.
   */
  showing(far: ContractRouterClient<Contract>, bootId: string | null): Promise<FarView>
  /** What successive scrapes of metrics share: from now on it observes every frame. */
  recordMetrics(): MetricsHistory
  /** From now on `take` is called with every event, and again when it changes. It must not wait, and not throw. */
  onEvent(take: (event: LoggedEvent) => void): void
  /** Ends all labs and closes the core. */
  close(): Promise<void>
}

export type FarView = {
  readonly router: Router<Contract, EngineContext>
  /** Ends its recording, and stops what it reads. */
  close(): Promise<void>
}

/**
 * Starts an engine, on an existing core where one is given. It reads nothing until it is asked to. Throws where
 * the addon cannot be loaded.
 */
export function startEngine(options: EngineOptions, core = new EngineCore(options)): Engine {
  const { collector, sampler, removals } = core
  const readParts: Engine['parts'] = (request) => core.parts(request)
  const folder = options.snapshotFolder ?? snapshotFolder()
  const whole = options.viewOnly !== true
  const laboratory = whole ? openLab(options.addonPath, core) : null
  const snapshots = whole ? openSnapshots(folder, readHost().bootId, readParts) : null
  const shown = new ShownHosts()
  const file = options.historyFile ?? null
  const memory = file?.memory ?? new Memory()
  const { history } = memory
  const events = new EventsWatch({ collector, findings: core.findings.log, memory })
  if (file !== null) file.onResume = (raised) => events.resume(raised)
  let isRecalled = file === null
  const recalled = (file?.read() ?? Promise.resolve()).then(() => {
    isRecalled = true
  })
  core.follow(async (frame) => {
    // What happened before comes first.
    if (!isRecalled) return
    const { intervalMs } = sampler.state
    await file?.observe(frame, { collector, sampler, findings: core.findings.log })
    await history.observe(frame, intervalMs)
    await events.observe(frame, intervalMs)
  })
  if (options.readsAlways === true) sampler.readAlways()
  const router = createRouter({
    core,
    memory: { recalled, history, events: eventsFeed(events.log, sampler, removals.epoch), watch: events },
    groups: new GroupsFeed(collector, sampler, removals),
    group: new GroupFeed(collector, sampler, removals),
    analysis: new Analysis(core),
    snapshots,
    laboratory,
    settings: shown.passingOn(options.settings),
    engine: `reuseport-inspector ${version}`,
    startedAt: new Date(),
  })
  const client = createRouterClient(router)
  return {
    router,
    client,
    parts: readParts,
    async showing(far, bootId) {
      await shown.add(far, await client.settings.get())
      const view = showFar(far, client, folder, bootId)
      return {
        router: view.router,
        close() {
          shown.remove(far)
          return view.close()
        },
      }
    },
    recordMetrics() {
      const history = new MetricsHistory()
      core.follow((frame) => history.observe(frame))
      return history
    },
    onEvent(take) {
      events.log.onPut = take
    },
    async close() {
      await laboratory?.close()
      if (snapshots !== null) await closeSnapshots(snapshots)
      await core.close()
      await file?.close()
    },
  }
}

function openLab(addonPath: string, { collector, sampler, removals }: EngineCore): LabService {
  const programPath = programBeside(addonPath)
  const { connectAbstract } = loadAddon(addonPath)
  return new LabService({ programPath, connectAbstract, collector, sampler, epoch: removals.epoch })
}

/** Snapshots in `folder`, taken of what `parts` reads on the machine with this boot id. */
function openSnapshots(folder: string, bootId: string | null, parts: Engine['parts']): SnapshotStorage {
  const library = new SnapshotLibrary(folder, bootId)
  const desk = new RecordingController(library, (recorded) =>
    collectParts(parts({ selection: { all: true }, frame: RECORDED_FRAMES[recorded] })),
  )
  return { library, transfers: new TransferManager(), desk, parts }
}

async function closeSnapshots({ library, transfers, desk }: SnapshotStorage): Promise<void> {
  await desk.stop()
  transfers.close()
  library.close()
}

function showFar(
  far: ContractRouterClient<Contract>,
  near: ContractRouterClient<Contract>,
  folder: string,
  bootId: string | null,
): FarView {
  async function* parts({ selection, frame }: PartsRequest) {
    yield* partsOf(await far.snapshot({ selection, owners: frame.processes !== 'never' }))
  }
  const snapshots = openSnapshots(folder, bootId, parts)
  return { router: createFarRouter({ far, near, snapshots }), close: () => closeSnapshots(snapshots) }
}
