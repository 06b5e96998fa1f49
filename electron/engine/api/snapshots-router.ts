/** Answers the part of the contract that is in snapshots.ts. */

import { randomBytes } from 'node:crypto'
import { implement } from '@orpc/server'
import { contract } from '../../contract/contract.ts'
import type { Problem } from '../../contract/errors.ts'
import type { Snapshot } from '../../contract/model.ts'
import type { ComparisonAnswer, ComparisonInput, DownloadRequest } from '../../contract/snapshots.ts'
import { SINGLE_FRAME } from '../collect/frame-request.ts'
import type { Engine } from '../engine.ts'
import { compareInSlices } from '../snapshots/compare.ts'
import { exported, FILE_TYPES } from '../snapshots/exports/formats.ts'
import { storedFindings, storedGroup, storedGroups } from '../snapshots/feed.ts'
import { FileError } from '../snapshots/file-error.ts'
import type { SnapshotLibrary } from '../snapshots/library.ts'
import { collectParts, partsOf } from '../snapshots/parts.ts'
import type { RecordingController } from '../snapshots/recording-controller.ts'
import { redacted } from '../snapshots/redact.ts'
import { slotsOf } from '../snapshots/rows.ts'
import type { TransferManager } from '../snapshots/transfer-manager.ts'
import type { GroupsRequest } from '../stream/groups-feed.ts'

export type SnapshotParts = {
  readonly library: SnapshotLibrary
  readonly transfers: TransferManager
  readonly desk: RecordingController
  readonly parts: Engine['parts']
}

/** Groups and members of a comparison that a page gets. The terminal has all. */
const MAX_GROUPS = 1000
const MAX_MEMBERS = 20

type Fail = Record<'UNPROCESSABLE_CONTENT', (options: { message: string; data: Problem }) => Error>

/** `intervalMs` is called when a recording starts. */
export function snapshotHandlers({ library, transfers, desk, parts }: SnapshotParts, intervalMs: () => number) {
  // As in router.ts: output is built from the model's own types.
  const os = implement(contract).$config({ initialOutputValidationIndex: Number.NaN })
  const now = (all: boolean) => parts({ selection: { all }, frame: SINGLE_FRAME })
  const side = async (of: ComparisonInput, all: boolean): Promise<Snapshot> =>
    of === 'now' ? collectParts(now(all)) : library.get(of)

  const procedures = {
    list: os.snapshots.list.handler(({ errors }) => withTypedErrors(errors, () => library.list())),
    save: os.snapshots.save.handler(({ input, signal, errors }) =>
      withTypedErrors(errors, () => library.save(input.name, now(true), signal)),
    ),
    delete: os.snapshots.delete.handler(({ input, errors }) =>
      withTypedErrors(errors, async () => {
        await library.forget(input.id)
        return null
      }),
    ),
    open: os.snapshots.open.handler(({ input, errors }) =>
      withTypedErrors(errors, async () => {
        const { id, whole, size } = transfers.upload(input.upload, input.bytes, input.last)
        return { upload: id, kept: whole === null ? null : await library.open(input.name, whole, size) }
      }),
    ),
    record: os.snapshots.record.handler(({ input, errors }) =>
      withTypedErrors(errors, () => desk.start(input.name, intervalMs())),
    ),
    recording: os.snapshots.recording.handler(() => desk.state),
    stopRecording: os.snapshots.stopRecording.handler(({ errors }) =>
      withTypedErrors(errors, async () => {
        const id = await desk.stop()
        return id === null ? null : library.describe(id)
      }),
    ),
    timeline: os.snapshots.timeline.handler(({ input, errors }) =>
      withTypedErrors(errors, async () => (await library.recording(input.id)).timeline),
    ),
    compare: os.snapshots.compare.handler(({ input, errors }) =>
      withTypedErrors(errors, async () => {
        const kept = await side(input.before === 'now' ? input.after : input.before, true)
        const all = kept.groups.some((group) => group.sharing === 'none')
        const before = input.before === 'now' ? await side('now', all) : await side(input.before, all)
        return forPage(before, await side(input.after, all))
      }),
    ),
    download: os.snapshots.download.handler(({ input, errors }) =>
      withTypedErrors(errors, async () => {
        const snapshot = await side(input.of, true)
        const { ending, type } = FILE_TYPES[input.format]
        const download = transfers.download(contentOf(snapshot, input))
        // Everyone who gets a file sees its name.
        const name = input.redact.includes('hosts') ? 'snapshot' : snapshot.host.hostname.replace(/[^\w.-]/g, '_')
        return { download, name: `${name}.${ending}`, type }
      }),
    ),
    chunk: os.snapshots.chunk.handler(async ({ input, errors }) => {
      const bytes = await withTypedErrors(errors, () => transfers.piece(input.download))
      if (bytes !== undefined) return { bytes }
      const data = { operation: 'reading the rest of a file', cause: 'transfer timed out', hint: 'Export it again.' }
      throw errors.NOT_FOUND({ message: data.cause, data })
    }),
  }
  return {
    procedures,
    /** The streams of the live screens, for a stored frame. */
    streams: {
      groups: (id: string, request: GroupsRequest, errors: Fail, signal?: AbortSignal) =>
        withTypedErrors(errors, async () => storedGroups(await library.frame(id), request, signal)),
      group: (id: string, request: { id: string; after?: string | undefined }, errors: Fail, signal?: AbortSignal) =>
        withTypedErrors(errors, async () => storedGroup(await library.frame(id), request, signal)),
      findings: (id: string, request: { after?: string | undefined }, errors: Fail, signal?: AbortSignal) =>
        withTypedErrors(errors, async () => storedFindings(await library.frame(id), request, signal)),
    },
  }
}

function contentOf(snapshot: Snapshot, { format, redact }: DownloadRequest): AsyncIterable<string | Uint8Array> {
  const shown = redact.length > 0 ? redacted(partsOf(snapshot), redact, randomBytes(32)) : partsOf(snapshot)
  return exported(shown, format)
}

/** Without what a page does not show: thousands of groups, and the members of each. */
async function forPage(before: Snapshot, after: Snapshot): Promise<ComparisonAnswer> {
  const comparison = await compareInSlices(before, after)
  const groups = comparison.groups.slice(0, MAX_GROUPS).map((group) => ({
    ...group,
    came: group.added.slice(0, MAX_MEMBERS),
    went: group.removed.slice(0, MAX_MEMBERS),
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

/** Runs `work`; a problem with a file becomes a typed error. */
async function withTypedErrors<T>(errors: Fail, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof FileError) {
      throw errors.UNPROCESSABLE_CONTENT({ message: error.message, data: error.data })
    }
    throw error
  }
}
