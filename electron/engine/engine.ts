/** The engine: reads the machine and answers the contract. Plain Node; every front starts it in the same way. */
import type { ContractRouterClient } from '@orpc/contract'
import { createRouterClient, type Router } from '@orpc/server'
import { loadAddon } from '../../native/index.ts'
import { version } from '../../package.json'
import type { Contract } from '../contract/contract.ts'
import { Analysis } from './analysis/analysis.ts'
import { GroupFeed } from './group-feed.ts'
import { GroupsFeed } from './groups-feed.ts'
import { Laboratory } from './lab/laboratory.ts'
import { programBeside } from './lab/program.ts'
import { Observation, type ObservationOptions } from './observation.ts'
import { createRouter, type EngineContext } from './router.ts'
import type { SettingsStore } from './settings-store.ts'
import { SnapshotLibrary, snapshotFolder } from './snapshots/library.ts'
import { whole } from './snapshots/parts.ts'
import { RecordingDesk } from './snapshots/recording-desk.ts'
import { Transfers } from './snapshots/transfers.ts'

export type EngineOptions = ObservationOptions & {
  settings: SettingsStore
  /** Where pages' snapshots are stored; by default `$XDG_STATE_HOME/reuseport-inspector/snapshots`. */
  snapshotFolder?: string
}

export type Engine = {
  /** For a transport: oRPC's RPCHandler over a MessagePort or a WebSocket takes it. */
  readonly router: Router<Contract, EngineContext>
  /** The same procedures called in this process. */
  readonly client: ContractRouterClient<Contract>
  readonly parts: Observation['parts']
  readonly follow: Observation['follow']
  /** Ends all labs and closes the observation. */
  close(): Promise<void>
}

/**
 * Starts an engine, on an existing observation where one is given. It reads nothing until it is asked to. Throws where
 * the addon cannot be loaded.
 */
export function startEngine(options: EngineOptions, observation = new Observation(options)): Engine {
  const { inspection, sampler, departures } = observation
  const readParts: Engine['parts'] = (request) => observation.parts(request)
  const programPath = programBeside(options.addonPath)
  const { connectAbstract } = loadAddon(options.addonPath)
  const laboratory = new Laboratory({ programPath, connectAbstract, inspection, sampler, epoch: departures.epoch })
  const transfers = new Transfers()
  const library = new SnapshotLibrary(options.snapshotFolder ?? snapshotFolder())
  const desk = new RecordingDesk(library, (owners) => whole(readParts({ selection: { all: true }, owners })))
  const router = createRouter({
    observation,
    groups: new GroupsFeed(inspection, sampler, departures),
    group: new GroupFeed(inspection, sampler, departures),
    analysis: new Analysis(observation),
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
    follow: (take) => observation.follow(take),
    async close() {
      await laboratory.close()
      transfers.close()
      library.close()
      await desk.stop()
      await observation.close()
    },
  }
}
