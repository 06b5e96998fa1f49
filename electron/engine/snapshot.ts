/** One complete frame as a document (model.ts, `Snapshot`). */
import type { Selection } from '../contract/contract.ts'
import { SNAPSHOT_SCHEMA } from '../contract/meaning.ts'
import type { Namespace } from '../contract/model.ts'
import type { FindingsWatch } from './analysis/findings/watch.ts'
import { readHost, readSysctls } from './host.ts'
import type { Inspection, OwnersRequest } from './inspection.ts'
import { problemOfError, Unreadable } from './problems.ts'
import type { Sampler } from './sampler.ts'
import { findNamespace, type ResolvedSelection, selects } from './selection.ts'
import { Slice } from './slice.ts'
import type { SnapshotPart } from './snapshots/parts.ts'
import type { Users } from './users.ts'

/**
 * Reads the machine and yields the groups that `selection` matches, in parts: each group becomes an object when it is
 * requested, so that never more than one need exist. Nothing else is read until the last part was taken or the reader
 * leaves, so take them without waiting for a person. Throws Unreadable.
 */
export async function* snapshotParts(
  inspection: Inspection,
  sampler: Sampler,
  watch: FindingsWatch,
  selection: Selection,
  owners: OwnersRequest,
): AsyncGenerator<SnapshotPart> {
  using held = await holdPicture(inspection, sampler, selection, owners).catch((error: unknown) => {
    throw new Unreadable('SERVICE_UNAVAILABLE', problemOfError('reading all TCP and UDP sockets', error), error)
  })
  const { picture, durationMs, shortfalls } = held.reading
  const namespaces = inspection.namespaces.list()
  const resolved = resolve(selection, namespaces, inspection.users)
  yield {
    head: {
      schema: SNAPSHOT_SCHEMA,
      takenAt: picture.takenAt.toISOString(),
      durationMs: Math.round(10 * durationMs) / 10,
      host: readHost(),
      sysctls: readSysctls(),
      namespaces,
      ...(shortfalls.length > 0 ? { shortfalls: [...shortfalls] } : {}),
    },
  }
  const ids = new Set<string>()
  const slice = new Slice()
  for (let row = 0; row < picture.groups.count; row++) {
    if (slice.over) await slice.next()
    if (!selects(resolved, picture, row)) continue
    ids.add(picture.id(row))
    yield { group: picture.group(row, owners !== 'never') }
  }
  yield { findings: watch.of(ids) }
}

/** A frame that stays valid while held. Scans processes where the selected namespace is not among the named ones. */
async function holdPicture(inspection: Inspection, sampler: Sampler, { netns }: Selection, owners: OwnersRequest) {
  const held = await sampler.hold(owners)
  const found = netns === undefined || findNamespace(inspection.namespaces.list(), netns) !== null
  if (owners !== 'never' || found) return held
  held[Symbol.dispose]()
  return sampler.hold('now')
}

function resolve(selection: Selection, namespaces: readonly Namespace[], users: Users): ResolvedSelection {
  const netns = selection.netns === undefined ? null : findNamespace(namespaces, selection.netns)
  if (selection.netns !== undefined && netns === null) {
    throw new Unreadable('NOT_FOUND', {
      asked: `reading network namespace "${selection.netns}"`,
      happened: 'no accessible namespace has that name',
      remedy: `Accessible: ${namespaces.map(({ name }) => name).join(', ')}.`,
    })
  }
  if (selection.user !== undefined && !users.has(selection.user)) {
    throw new Unreadable('NOT_FOUND', {
      asked: `reading sockets of user "${selection.user}"`,
      happened: '/etc/passwd has no user of that name',
      remedy: 'Give the uid: users of LDAP, sssd or a container have no name here.',
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
