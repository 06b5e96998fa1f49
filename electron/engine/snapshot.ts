/** One complete picture as a document (model.ts, `Snapshot`). */
import type { Selection } from '../contract/contract.ts'
import { type Group, SNAPSHOT_SCHEMA, type Snapshot } from '../contract/model.ts'
import type { FindingsWatch } from './analysis/findings/watch.ts'
import { readHost, readSysctls } from './host.ts'
import type { Inspection } from './inspection.ts'
import type { Sampler } from './sampler.ts'
import { findNamespace, selects } from './selection.ts'

/** Members decoded before other work of this thread gets its turn. */
const AT_ONCE = 2000

/** Raised for a namespace that is not there. */
export class NoSuchNamespace extends Error {
  readonly wanted: string
  readonly known: string[]
  constructor(wanted: string, known: string[]) {
    super(`no network namespace "${wanted}"`)
    this.wanted = wanted
    this.known = known
  }
}

/** Reads the machine and writes down the groups that `selection` means. */
export async function takeSnapshot(
  inspection: Inspection,
  sampler: Sampler,
  watch: FindingsWatch,
  selection: Selection,
  owners: boolean,
): Promise<Snapshot> {
  return sampler.read(owners ? 'now' : 'never', async ({ picture, durationMs }) => {
    const namespaces = inspection.namespaces.list()
    const netns = selection.netns === undefined ? null : findNamespace(namespaces, selection.netns)
    if (selection.netns !== undefined && netns === null) {
      throw new NoSuchNamespace(
        selection.netns,
        namespaces.map(({ name }) => name),
      )
    }
    const resolved = {
      protocol: selection.protocol,
      port: selection.port,
      netns: netns?.inode ?? null,
      user: selection.user ?? null,
      sharing: selection.sharing,
      all: selection.all,
    }
    const groups: Group[] = []
    let decoded = 0
    for (let row = 0; row < picture.groups.count; row++) {
      if (!selects(resolved, picture, row)) continue
      groups.push(picture.group(row, owners))
      decoded += picture.socketCount(row)
      if (decoded >= AT_ONCE) {
        decoded = 0
        await new Promise(setImmediate)
      }
    }
    return {
      schema: SNAPSHOT_SCHEMA,
      takenAt: picture.takenAt.toISOString(),
      durationMs: Math.round(10 * durationMs) / 10,
      host: readHost(),
      sysctls: readSysctls(),
      namespaces,
      groups,
      findings: watch.of(new Set(groups.map(({ id }) => id))),
    }
  })
}
