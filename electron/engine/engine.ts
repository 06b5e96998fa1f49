/** The engine: reads the machine, and answers the contract. Plain Node; every front starts it in the same way. */
import { randomBytes } from 'node:crypto'
import type { ContractRouterClient } from '@orpc/contract'
import { createRouterClient, type Router } from '@orpc/server'
import { loadAddon } from '../../native/index.ts'
import { version } from '../../package.json'
import type { Contract, Selection } from '../contract/contract.ts'
import { Analysis } from './analysis/analysis.ts'
import { Departures } from './departures.ts'
import { GroupFeed } from './group-feed.ts'
import { GroupsFeed } from './groups-feed.ts'
import { Inspection, type OwnersRequest } from './inspection.ts'
import { Laboratory } from './lab/laboratory.ts'
import { programBeside } from './lab/program.ts'
import { createRouter, type EngineContext } from './router.ts'
import { Sampler } from './sampler.ts'
import type { SettingsStore } from './settings-store.ts'
import { snapshotParts } from './snapshot.ts'
import { SnapshotLibrary, snapshotFolder } from './snapshots/library.ts'
import { type SnapshotParts, whole } from './snapshots/parts.ts'
import { RecordingDesk } from './snapshots/recording-desk.ts'
import { Transfers } from './snapshots/transfers.ts'

export type EngineOptions = {
  /** The built addon, `reuseport.node`; the lab's program lies beside it. */
  addonPath: string
  settings: SettingsStore
  /** Where pages' snapshots are kept; `$XDG_STATE_HOME/reuseport-inspector/snapshots`, if nothing is said. */
  snapshotFolder?: string
  /** What time it is; the system's clock, if nothing is said. */
  now?: () => Date
}

/** Which groups, and how much of /proc to read for them (inspection.ts). */
export type PartsRequest = { readonly selection: Selection; readonly owners: OwnersRequest }

export type Engine = {
  /** For a transport: oRPC's RPCHandler over a MessagePort or a WebSocket takes it. */
  readonly router: Router<Contract, EngineContext>
  /** The same procedures called in this process. */
  readonly client: ContractRouterClient<Contract>
  /**
   * A snapshot group by group, for what must not hold it whole (engine/snapshots/). Reads when the first part is taken,
   * and holds up every other reading until the last one was. Throws as the procedure `snapshot` does.
   */
  readonly parts: (request: PartsRequest) => SnapshotParts
  /** Ends all labs, stops sampling, ends waiting questions, closes every descriptor. */
  close(): Promise<void>
}

/** Starts an engine. It reads nothing until it is asked. Throws where the addon cannot be loaded. */
export function startEngine(options: EngineOptions): Engine {
  const inspection = new Inspection(loadAddon(options.addonPath), options.now)
  const settings = options.settings
  const sampler = new Sampler(inspection, settings.read().intervalMs)
  const epoch = randomBytes(4).toString('hex')
  const departures = new Departures(inspection, epoch)
  const groups = new GroupsFeed(inspection, sampler, departures)
  const group = new GroupFeed(inspection, sampler, departures)
  const analysis = new Analysis(inspection, sampler, epoch)
  inspection.onPicture = (picture) => {
    departures.remember(picture)
    analysis.watch.observe(picture)
  }
  const readParts: Engine['parts'] = ({ selection, owners }) =>
    snapshotParts(inspection, sampler, analysis.watch, selection, owners)
  const laboratory = new Laboratory({ programPath: programBeside(options.addonPath), inspection, sampler, epoch })
  const transfers = new Transfers()
  const library = new SnapshotLibrary(options.snapshotFolder ?? snapshotFolder())
  const desk = new RecordingDesk(library, (owners) => whole(readParts({ selection: { all: true }, owners })))
  const parts = {
    inspection,
    sampler,
    groups,
    group,
    analysis,
    snapshots: { library, transfers, desk, parts: readParts },
    laboratory,
    settings,
    engine: `reuseport-inspector ${version}`,
    startedAt: new Date(),
  }
  const router = createRouter(parts)
  return {
    router,
    client: createRouterClient(router),
    parts: readParts,
    async close() {
      await laboratory.close()
      transfers.close()
      await desk.stop()
      await sampler.close()
      inspection.close()
    },
  }
}
