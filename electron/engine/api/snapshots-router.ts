/** Answers the part of the contract that is in snapshots.ts. */

import { randomBytes } from 'node:crypto'
import { implement } from '@orpc/server'
import { contract } from '../../contract/contract.ts'
import type { GroupChange } from '../../contract/live.ts'
import type { Group, Snapshot } from '../../contract/model.ts'
import type { ComparisonAnswer, ComparisonInput, DownloadRequest } from '../../contract/snapshots.ts'
import { SINGLE_FRAME } from '../collect/frame-request.ts'
import { EngineError } from '../common/errors.ts'
import type { EngineCore } from '../engine-core.ts'
import {
  collectParts,
  compareInSlices,
  exported,
  FILE_TYPES,
  partsOf,
  type RecordingController,
  redacted,
  type SnapshotLibrary,
  slotsOf,
  storedFindings,
  storedGroup,
  storedGroups,
  type TransferManager,
} from '../snapshots/index.ts'
import type { GroupsRequest } from '../stream/groups-feed.ts'
import { type TypedErrors, withTypedErrors } from './typed-errors.ts'

export type SnapshotStorage = {
  readonly library: SnapshotLibrary
  readonly transfers: TransferManager
  readonly desk: RecordingController
  readonly parts: EngineCore['parts']
}

/** Groups and members of a comparison that a page gets. The terminal has all. */
const MAX_GROUPS = 1000
const MAX_MEMBERS = 20

export type SnapshotHandlers = ReturnType<typeof snapshotHandlers>

/** `intervalMs` is called when a recording starts. */
export function snapshotHandlers(
  { library, transfers, desk, parts }: SnapshotStorage,
  intervalMs: () => number | Promise<number>,
) {
  // As in router.ts: output is built from the model's own types.
  const os = implement(contract).$config({ initialOutputValidationIndex: Number.NaN })
  const now = (all: boolean) => parts({ selection: { all }, frame: SINGLE_FRAME })
  const side = async (of: ComparisonInput, all: boolean): Promise<Snapshot> =>
    of === 'now' ? collectParts(now(all)) : library.get(of)

  const procedures = {
    list: os.snapshots.list.handler(({ errors }) =>
      withTypedErrors('listing the snapshots', errors, () => library.list()),
    ),
    save: os.snapshots.save.handler(({ input, signal, errors }) =>
      withTypedErrors(`saving snapshot ${input.name}`, errors, () => library.save(input.name, now(true), signal)),
    ),
    delete: os.snapshots.delete.handler(({ input, errors }) =>
      withTypedErrors(`removing snapshot ${input.id}`, errors, async () => {
        await library.forget(input.id)
        return null
      }),
    ),
    open: os.snapshots.open.handler(({ input, errors }) =>
      withTypedErrors(`opening ${input.name}`, errors, async () => {
        const { id, whole, size } = transfers.upload(input.upload, input.bytes, input.last)
        return { upload: id, kept: whole === null ? null : await library.open(input.name, whole, size) }
      }),
    ),
    record: os.snapshots.record.handler(({ input, errors }) =>
      withTypedErrors(`recording ${input.name}`, errors, async () => desk.start(input.name, await intervalMs())),
    ),
    recording: os.snapshots.recording.handler(() => desk.state),
    stopRecording: os.snapshots.stopRecording.handler(({ errors }) =>
      withTypedErrors('stopping the recording', errors, async () => {
        const id = await desk.stop()
        return id === null ? null : library.describe(id)
      }),
    ),
    timeline: os.snapshots.timeline.handler(({ input, errors }) =>
      withTypedErrors(
        `reading the timeline of ${input.id}`,
        errors,
        async () => (await library.recording(input.id)).timeline,
      ),
    ),
    events: os.snapshots.events.handler(({ input, errors }) =>
      withTypedErrors(`reading the events of ${input.id}`, errors, async () =>
        (await library.recording(input.id)).events(),
      ),
    ),
    compare: os.snapshots.compare.handler(({ input, errors }) =>
      withTypedErrors('comparing two snapshots', errors, async () => {
        const kept = await side(input.before === 'now' ? input.after : input.before, true)
        const all = kept.groups.some((group) => group.sharing === 'none')
        const before = input.before === 'now' ? await side('now', all) : await side(input.before, all)
        return forPage(before, await side(input.after, all))
      }),
    ),
    download: os.snapshots.download.handler(({ input, errors }) =>
      withTypedErrors('exporting a snapshot', errors, async () => {
        const snapshot = await side(input.of, true)
        const { ending, type } = FILE_TYPES[input.format]
        const download = transfers.download(contentOf(snapshot, input))
        // Everyone who gets a file sees its name.
        const name = input.redact.includes('hosts') ? 'snapshot' : snapshot.host.hostname.replace(/[^\w.-]/g, '_')
        return { download, name: `${name}.${ending}`, type }
      }),
    ),
    chunk: os.snapshots.chunk.handler(({ input, errors }) => {
      const operation = 'reading the rest of a file'
      return withTypedErrors(operation, errors, async () => {
        const bytes = await transfers.piece(input.download)
        if (bytes !== undefined) return { bytes }
        throw new EngineError('NOT_FOUND', { operation, cause: 'transfer timed out', hint: 'Export it again.' })
      })
    }),
  }
  return {
    procedures,
    /** The streams of the live screens, for a stored frame. */
    streams: {
      groups: (id: string, request: GroupsRequest, errors: TypedErrors, signal?: AbortSignal) =>
        withTypedErrors('reading the groups of a snapshot', errors, async () =>
          storedGroups(await library.frame(id), request, signal),
        ),
      group: (id: string, request: Resumed & { id: string }, errors: TypedErrors, signal?: AbortSignal) =>
        withTypedErrors(readingGroup(request.id), errors, async () =>
          foundGroup(request.id, await storedGroup(await library.frame(id), request, signal)),
        ),
      findings: (id: string, request: Resumed, errors: TypedErrors, signal?: AbortSignal) =>
        withTypedErrors('reading the findings of a snapshot', errors, async () =>
          storedFindings(await library.frame(id), request, signal),
        ),
    },
  }
}

type Resumed = { readonly after?: string | undefined }

/** The operation, for errors. */
export const readingGroup = (id: string): string => `reading group ${id}`

/** The answer about a group. Throws an EngineError where no group has this id. */
export function foundGroup(id: string, change: GroupChange | null): GroupChange {
  if (change !== null) return change
  throw new EngineError('NOT_FOUND', {
    operation: readingGroup(id),
    cause: 'no group has this id',
    hint: 'It may have closed, or be from another machine or another boot.',
  })
}

function contentOf(snapshot: Snapshot, { format, redact }: DownloadRequest): AsyncIterable<string | Uint8Array> {
  const shown = redact.length > 0 ? redacted(partsOf(snapshot), redact, randomBytes(32)) : partsOf(snapshot)
  return exported(shown, format)
}

/** Unshared sockets are in no group: a snapshot has them, and a page counts groups. */
function isGroup({ sharing }: Group): boolean {
  return sharing !== 'none'
}

/** Without what a page does not show: unshared sockets, thousands of groups, and the members of each. */
async function forPage(before: Snapshot, after: Snapshot): Promise<ComparisonAnswer> {
  const comparison = await compareInSlices(before, after, { before: isGroup, after: isGroup })
  const groups = comparison.groups.slice(0, MAX_GROUPS).map((group) => ({
    ...group,
    added: group.added.slice(0, MAX_MEMBERS),
    removed: group.removed.slice(0, MAX_MEMBERS),
    changed: group.changed.slice(0, MAX_MEMBERS),
  }))
  const were = new Map(before.groups.map((group) => [group.id, group]))
  const are = new Map(after.groups.map((group) => [group.id, group]))
  const slots = Object.fromEntries(
    groups.map(({ key, idBefore }) => [
      key.id,
      { before: slotsOf(were.get(idBefore ?? key.id)), after: slotsOf(are.get(key.id)) },
    ]),
  )
  return {
    comparison: { ...comparison, groups },
    queueUtilization: slots,
    omitted: comparison.groups.length - groups.length,
  }
}
