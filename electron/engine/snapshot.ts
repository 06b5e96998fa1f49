/** One complete picture as a document (model.ts, `Snapshot`). */
import type { Selection } from '../contract/contract.ts'
import { SNAPSHOT_SCHEMA } from '../contract/meaning.ts'
import type { Namespace } from '../contract/model.ts'
import type { FindingsWatch } from './analysis/findings/watch.ts'
import { readHost, readSysctls } from './host.ts'
import type { Inspection, OwnersRequest } from './inspection.ts'
import { problemOfError, Unreadable } from './problems.ts'
import type { Sampler } from './sampler.ts'
import { findNamespace, type ResolvedSelection, selects } from './selection.ts'
import type { SnapshotPart } from './snapshots/parts.ts'

/** Members decoded before other work of this thread gets its turn. */
const AT_ONCE = 2000

/**
 * Reads the machine and writes down the groups that `selection` means, in parts: a group becomes an object when it is
 * asked for, and no two of them need be there at once. Nothing else is read until the last part was taken or the reader
 * leaves, so take them without waiting for a person. Throws Unreadable.
 */
export async function* snapshotParts(
  inspection: Inspection,
  sampler: Sampler,
  watch: FindingsWatch,
  selection: Selection,
  owners: OwnersRequest,
): AsyncGenerator<SnapshotPart> {
  using held = await sampler.hold(owners).catch((error: unknown) => {
    throw new Unreadable('SERVICE_UNAVAILABLE', problemOfError('all TCP and UDP sockets', error), error)
  })
  const { picture, durationMs } = held.reading
  const namespaces = inspection.namespaces.list()
  const resolved = resolve(selection, namespaces)
  yield {
    head: {
      schema: SNAPSHOT_SCHEMA,
      takenAt: picture.takenAt.toISOString(),
      durationMs: Math.round(10 * durationMs) / 10,
      host: readHost(),
      sysctls: readSysctls(),
      namespaces,
    },
  }
  const ids = new Set<string>()
  let decoded = 0
  for (let row = 0; row < picture.groups.count; row++) {
    if (!selects(resolved, picture, row)) continue
    ids.add(picture.id(row))
    yield { group: picture.group(row, owners !== 'never') }
    decoded += picture.socketCount(row)
    if (decoded >= AT_ONCE) {
      decoded = 0
      await new Promise(setImmediate)
    }
  }
  yield { findings: watch.of(ids) }
}

function resolve(selection: Selection, namespaces: readonly Namespace[]): ResolvedSelection {
  const netns = selection.netns === undefined ? null : findNamespace(namespaces, selection.netns)
  if (selection.netns !== undefined && netns === null) {
    throw new Unreadable('NOT_FOUND', {
      asked: `network namespace "${selection.netns}"`,
      happened: 'there is none of that name that may be entered',
      remedy: `Open to you: ${namespaces.map(({ name }) => name).join(', ')}.`,
    })
  }
  return {
    protocol: selection.protocol,
    port: selection.port,
    netns: netns?.inode ?? null,
    user: selection.user ?? null,
    sharing: selection.sharing,
    all: selection.all,
  }
}
