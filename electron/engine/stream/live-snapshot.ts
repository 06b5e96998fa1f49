/** One complete frame as a document (model.ts, `Snapshot`). */

import { SNAPSHOT_SCHEMA } from '../../contract/constants.ts'
import type { Selection } from '../../contract/contract.ts'
import type { GroupList, ListedGroup } from '../../contract/group-list.ts'
import type { Finding, Namespace, Shortfall } from '../../contract/model.ts'
import type { FindingsLog } from '../analyze/findings/findings-log.ts'
import type { Collector } from '../collect/collector.ts'
import { type FrameRequest, SINGLE_FRAME } from '../collect/frame-request.ts'
import type { FrameView } from '../collect/frame-view.ts'
import { readHost, readSysctls } from '../collect/host.ts'
import { problemOfError, ReadError } from '../collect/problems.ts'
import type { Sampler } from '../collect/sampler.ts'
import { addressMatcher, findNamespace, matchesSelection, type ResolvedSelection } from '../collect/selection.ts'
import type { Users } from '../collect/users.ts'
import { TimeSlice } from '../common/time-slice.ts'
import type { SnapshotHead, SnapshotPart } from '../snapshots/index.ts'

export type FrameSource = {
  readonly collector: Collector
  readonly sampler: Sampler
  readonly findings: FindingsLog
}

/** Counting takes time: a reading of its own has none. */
const NOT_COUNTED = 'nothing was being counted when this was read'

/**
 * Reads the machine and yields the groups that `selection` matches, in parts: each group becomes an object when it is
 * requested, so that never more than one need exist. Nothing else is read until the last part was taken or the reader
 * leaves, so take them without waiting for a person. Throws ReadError.
 */
export function snapshotParts(
  source: FrameSource,
  selection: Selection,
  request: FrameRequest,
): AsyncGenerator<SnapshotPart> {
  return selectedParts(source, selection, request, (frame, row) => frame.group(row, request.processes !== 'never'))
}

/** The same groups as table rows, without looking at their members: a fraction of the work where groups are large. */
export async function groupList(source: FrameSource, selection: Selection, request: FrameRequest): Promise<GroupList> {
  const { collector } = source
  const rows: ListedGroup[] = []
  let head: SnapshotHead | undefined
  let findings: readonly Finding[] = []
  const parts = selectedParts(source, selection, request, (frame, row) =>
    frame.listedGroup(row, collector.ownerSummary(frame, row, frame.id(row))),
  )
  for await (const part of parts) {
    if ('head' in part) head = part.head
    else if ('group' in part) rows.push(part.group)
    else findings = part.findings
  }
  if (head === undefined) throw new Error('a list without a head')
  return { ...head, groups: rows, findings }
}

type SelectedPart<Item> =
  | { readonly head: SnapshotHead }
  | { readonly group: Item }
  | { readonly findings: readonly Finding[] }

async function* selectedParts<Item>(
  { collector, sampler, findings }: FrameSource,
  selection: Selection,
  request: FrameRequest,
  itemOf: (frame: FrameView, row: number) => Item,
): AsyncGenerator<SelectedPart<Item>> {
  using held = await holdFrame(collector, sampler, selection, request).catch((error: unknown) => {
    throw new ReadError('SERVICE_UNAVAILABLE', problemOfError('reading all TCP and UDP sockets', error), error)
  })
  const { frame, durationMs, shortfalls } = held.reading
  const namespaces = collector.namespaces.list()
  const resolved = resolve(selection, namespaces, collector.users)
  const { filter } = selection
  const passes =
    filter === undefined
      ? null
      : (await import('./filtered-rows.ts')).rowTest(filter, frame, { collector, findings }, namespaces)
  yield { head: snapshotHead(collector, frame, durationMs, shortfalls) }
  const ids = new Set<string>()
  const slice = new TimeSlice()
  for (let row = 0; row < frame.groups.count; row++) {
    if (slice.expired) await slice.next()
    if (!matchesSelection(resolved, frame, row) || passes?.(row) === false) continue
    ids.add(frame.id(row))
    yield { group: itemOf(frame, row) }
  }
  yield { findings: findings.of(ids) }
}

/** Everything in the snapshot of a frame but its groups and findings. */
export function snapshotHead(
  { kernelGroups, givenCounts, namespaces }: Collector,
  frame: FrameView,
  durationMs: number,
  shortfalls: readonly Shortfall[],
): SnapshotHead {
  return {
    schema: SNAPSHOT_SCHEMA,
    takenAt: frame.takenAt.toISOString(),
    durationMs: Math.round(10 * durationMs) / 10,
    host: readHost(),
    sysctls: readSysctls(),
    namespaces: namespaces.list(),
    ...(kernelGroups.unavailable !== null && { kernelGroupsUnknownBecause: kernelGroups.unavailable }),
    ...(givenCounts.since === null
      ? { countsUnknownBecause: givenCounts.unavailable ?? NOT_COUNTED }
      : { countedSince: givenCounts.since.toISOString() }),
    ...(shortfalls.length > 0 ? { shortfalls: [...shortfalls] } : {}),
  }
}

/** A frame that stays valid while held. Scans processes where the selected namespace is not among the named ones. */
async function holdFrame(collector: Collector, sampler: Sampler, { netns }: Selection, request: FrameRequest) {
  const held = await sampler.hold(request)
  const found = netns === undefined || findNamespace(collector.namespaces.list(), netns) !== null
  if (request.processes !== 'never' || found) return held
  held[Symbol.dispose]()
  return sampler.hold(SINGLE_FRAME)
}

function resolve(selection: Selection, namespaces: readonly Namespace[], users: Users): ResolvedSelection {
  const netns = selection.netns === undefined ? null : findNamespace(namespaces, selection.netns)
  if (selection.netns !== undefined && netns === null) {
    throw new ReadError('NOT_FOUND', {
      operation: `reading network namespace "${selection.netns}"`,
      cause: 'no accessible namespace has that name',
      hint: `Accessible: ${namespaces.map(({ name }) => name).join(', ')}.`,
    })
  }
  if (selection.user !== undefined && !users.has(selection.user)) {
    throw new ReadError('NOT_FOUND', {
      operation: `reading sockets of user "${selection.user}"`,
      cause: '/etc/passwd has no user of that name',
      hint: 'Give the uid: users of LDAP, sssd or a container have no name here.',
    })
  }
  const { ports, family, pid, command, service, receiving } = selection
  const address = selection.address === undefined ? undefined : addressMatcher(selection.address)
  if (address === null) {
    throw new ReadError('UNPROCESSABLE_CONTENT', {
      operation: `sockets at "${selection.address}"`,
      cause: 'it is neither an address nor a prefix',
      hint: 'Use one such as 10.0.0.5, 10.0.0.0/8 or 2001:db8::/32.',
    })
  }
  return {
    ...{ ports, family, address, pid, command, service, receiving },
    protocol: selection.protocol,
    port: selection.port,
    netns: netns?.inode ?? null,
    user: selection.user ?? null,
    sharing: selection.sharing,
    all: selection.all,
  }
}
