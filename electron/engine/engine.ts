/** The engine: reads the machine and answers the contract. Plain Node; every front starts it in the same way. */

import type { ContractRouterClient } from '@orpc/contract'
import { createRouterClient, type Router } from '@orpc/server'
import { loadAddon } from '../../native/index.ts'
import { version } from '../../package.json'
import type { Contract } from '../contract/contract.ts'
import { Analysis } from './analyze/analysis.ts'
import { createRouter, type EngineContext } from './api/router.ts'
import { RECORDED_FRAMES } from './collect/frame-request.ts'
import { readHost } from './collect/host.ts'
import { EngineCore, type EngineCoreOptions } from './engine-core.ts'
import { LabService } from './lab/lab-service.ts'
import { programBeside } from './lab/program.ts'
import type { SettingsStore } from './settings/settings-store.ts'
import {
  collectParts,
  RecordingController,
  SnapshotLibrary,
  snapshotFolder,
  TransferManager,
} from './snapshots/index.ts'
import { GroupFeed } from './stream/group-feed.ts'
import { GroupsFeed } from './stream/groups-feed.ts'
import { MetricsHistory } from './stream/metrics-history.ts'

export type EngineOptions = EngineCoreOptions & {
  settings: SettingsStore
  /** Where pages' snapshots are stored; by default `$XDG_STATE_HOME/reuseport-inspector/snapshots`. */
  snapshotFolder?: string
}

export type Engine = {
  /** For a transport: oRPC's RPCHandler over a MessagePort or a WebSocket takes it. */
  readonly router: Router<Contract, EngineContext>
  /** The same procedures called in this process. */
  readonly client: ContractRouterClient<Contract>
  readonly parts: EngineCore['parts']
  /** What successive scrapes of metrics share: from now on it observes every frame. */
  recordMetrics(): MetricsHistory
  /** Ends all labs and closes the core. */
  close(): Promise<void>
}

/**
 * Starts an engine, on an existing core where one is given. It reads nothing until it is asked to. Throws where
 * the addon cannot be loaded.
 */
export function startEngine(options: EngineOptions, core = new EngineCore(options)): Engine {
  const { collector, sampler, removals } = core
  const readParts: Engine['parts'] = (request) => core.parts(request)
  const programPath = programBeside(options.addonPath)
  const { connectAbstract } = loadAddon(options.addonPath)
  const laboratory = new LabService({ programPath, connectAbstract, collector, sampler, epoch: removals.epoch })
  const transfers = new TransferManager()
  const library = new SnapshotLibrary(options.snapshotFolder ?? snapshotFolder(), readHost().bootId)
  const desk = new RecordingController(library, (recorded) =>
    collectParts(readParts({ selection: { all: true }, frame: RECORDED_FRAMES[recorded] })),
  )
  const router = createRouter({
    core,
    groups: new GroupsFeed(collector, sampler, removals),
    group: new GroupFeed(collector, sampler, removals),
    analysis: new Analysis(core),
    snapshots: { library, transfers, desk, parts: readParts },
    laboratory,
    settings: options.settings,
    engine: `reuseport-inspector ${version}`,
    startedAt: new Date(),
  })
  return {
    router,
    client: createRouterClient(router),
    parts: readParts,
    recordMetrics() {
      const history = new MetricsHistory()
      core.follow((frame) => history.observe(frame))
      return history
    },
    async close() {
      await laboratory.close()
      transfers.close()
      library.close()
      await desk.stop()
      await core.close()
    },
  }
}
