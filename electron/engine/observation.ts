/**
 * What the engine sees of the machine: its frames, and the findings in them. It does not know the contract's procedures
 * (engine.ts answers those), so a command that needs one snapshot loads nothing else.
 */
import { randomBytes } from 'node:crypto'
import { loadAddon } from '../../native/index.ts'
import type { Selection } from '../contract/contract.ts'
import type { Problem } from '../contract/errors.ts'
import type { Process } from '../contract/live.ts'
import type { Shortfall, Snapshot } from '../contract/model.ts'
import { Receivers } from './analysis/findings/receivers.ts'
import { allRules } from './analysis/findings/rules.ts'
import { FindingsWatch } from './analysis/findings/watch.ts'
import { Weighing } from './analysis/findings/weighing.ts'
import { Oracle } from './analysis/oracle.ts'
import { Departures } from './departures.ts'
import { Inspection, type OwnersRequest } from './inspection.ts'
import type { Picture } from './picture.ts'
import { problemOfShortfall } from './problems.ts'
import { Sampler } from './sampler.ts'
import { snapshotParts } from './snapshot.ts'
import { type SnapshotParts, whole } from './snapshots/parts.ts'

export type ObservationOptions = {
  /** The built addon, `reuseport.node`; the lab's program is beside it. */
  addonPath: string
  /** The current time; by default the system's clock. */
  now?: () => Date
}

/** Which groups, and how much of /proc to read for them (inspection.ts). */
export type PartsRequest = { readonly selection: Selection; readonly owners: OwnersRequest }

export type SnapshotRequest = { readonly selection: Selection; readonly owners: boolean }

/** Until the settings are read (contract/settings.ts). */
const INTERVAL_MS = 1000
/** How long we may keep an otherwise abandoned namespace, and its interfaces, alive while nothing is read. */
const LET_GO_MS = 2000

export class Observation {
  readonly inspection: Inspection
  readonly sampler: Sampler
  readonly departures: Departures
  readonly oracle: Oracle
  /** The findings, updated with every frame. */
  readonly watch: FindingsWatch
  readonly #lettingGo: NodeJS.Timeout
  readonly #followers: ((picture: Picture) => Promise<void>)[] = []

  /** Reads nothing until it is asked to. Throws where the addon cannot be loaded. */
  constructor({ addonPath, now }: ObservationOptions) {
    const inspection = new Inspection(loadAddon(addonPath), now)
    this.inspection = inspection
    this.sampler = new Sampler(inspection, INTERVAL_MS)
    this.departures = new Departures(inspection, randomBytes(4).toString('hex'))
    this.oracle = new Oracle(inspection, this.sampler)
    const weighing = new Weighing(inspection, this.oracle)
    const receivers = new Receivers(inspection, this.oracle)
    const rules = allRules(
      (id) => weighing.of(id),
      (group) => receivers.of(group),
    )
    this.watch = new FindingsWatch({ inspection, rules, weighing, receivers })
    inspection.onPicture = async (picture) => {
      this.departures.remember(picture)
      await this.watch.observe(picture)
      for (const take of this.#followers) await take(picture)
    }
    this.#lettingGo = setInterval(() => inspection.namespaces.letGo(inspection.owners.processes.values()), LET_GO_MS)
    this.#lettingGo.unref()
  }

  /**
   * From now on `take` is called with every frame, in order. Nothing else is read until it is done, so it must not
   * wait.
   */
  follow(take: (picture: Picture) => Promise<void>): void {
    this.#followers.push(take)
  }

  /**
   * A snapshot group by group, for consumers that must not hold all of it (engine/snapshots/). Reads when the first
   * part is taken, and blocks every other reading until the last one was. Throws Unreadable.
   */
  parts({ selection, owners }: PartsRequest): SnapshotParts {
    return snapshotParts(this.inspection, this.sampler, this.watch, selection, owners)
  }

  /** A complete snapshot. Without `owners` /proc is not read: holders and pollers are null. Throws Unreadable. */
  snapshot({ selection, owners }: SnapshotRequest): Promise<Snapshot> {
    return whole(this.parts({ selection, owners: owners ? 'now' : 'never' }))
  }

  /** What the last reading lacked, as problems. */
  lacks(): { shortfall: Shortfall; problem: Problem }[] {
    const namespaces = this.inspection.namespaces.list()
    return this.sampler.shortfalls.map((shortfall) => ({
      shortfall,
      problem: problemOfShortfall(shortfall, namespaces),
    }))
  }

  /** Details of processes that hold members. Those that are gone or not readable are left out. */
  processes(pids: readonly number[]): Process[] {
    const { owners, details, users } = this.inspection
    return pids.flatMap((pid) => {
      const process = owners.processes.get(pid)
      const known = process && details.describe(process)
      return known ? [{ ...known, user: users.name(process.uid) }] : []
    })
  }

  /** Stops sampling, ends pending requests, closes every descriptor. */
  async close(): Promise<void> {
    clearInterval(this.#lettingGo)
    await this.sampler.close()
    this.inspection.close()
  }
}
