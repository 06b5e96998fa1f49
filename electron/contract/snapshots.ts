/** Stored snapshots and recordings: on disk, or opened by a page and held until the engine ends. */
import { z } from 'zod'
import { Comparison } from './comparison.ts'
import { MAX_CHUNK_CHARACTERS } from './constants.ts'
import { Problem } from './errors.ts'
import { MAX_STORED_ID } from './ids.ts'
import { list } from './list.ts'
import { GroupId, Redaction } from './model.ts'
import { EXPORT_FORMATS } from './values.ts'

/**
 * Id of a stored item: `saved/NAME` is on disk, `opened/N` came from a page. `saved/NAME#12` is snapshot 12 of a
 * recording, counted from 0, and valid wherever a snapshot is; a recording without a number means its first snapshot.
 */
export const StoredId = z.string().max(MAX_STORED_ID)
export type StoredId = z.infer<typeof StoredId>

export const StoredItem = z.object({
  id: StoredId,
  kind: z.enum(['snapshot', 'recording']),
  /** The name given by the user, or the name of the opened file. */
  name: z.string(),
  /** Of a recording, its start. null where the file could not be read: see `problem`. */
  takenAt: z.iso.datetime().nullable(),
  hostname: z.string().nullable(),
  /** From this machine's current boot: comparisons with now match by id. */
  sameBoot: z.boolean(),
  /** Size on disk, or of the upload. */
  bytes: z.number().int(),
  problem: z.string().nullable(),
})
export type StoredItem = z.infer<typeof StoredItem>

/**
 * `filled`: a queue reached its limit. `dropped`: drops began. `left`, `joined`: members left or joined. `added`,
 * `removed`: the group was added or removed.
 */
export const TimelineEventKind = z.enum(['full', 'drops', 'left', 'joined', 'added', 'removed'])
export type TimelineEventKind = z.infer<typeof TimelineEventKind>

/** An event of a timeline. */
export const TimelineEvent = z.object({
  /** The first snapshot that shows it. */
  snapshot: z.number().int().nonnegative(),
  kind: TimelineEventKind,
  group: GroupId,
  summary: z.string(),
})
export type TimelineEvent = z.infer<typeof TimelineEvent>

export const Timeline = z.object({
  /** When each snapshot was taken, oldest first. */
  takenAt: list(z.iso.datetime()).min(1),
  /** In the order of snapshots; of each kind the first few hundred. */
  events: list(TimelineEvent),
  /** Number of events left out. */
  omitted: z.number().int().nonnegative(),
  /** Why it ends early, if it does: the file is truncated, damaged, or too long. */
  problem: Problem.nullable(),
})
export type Timeline = z.infer<typeof Timeline>

/** The recording that this engine makes. */
export const RecordingState = z.object({
  /** False after it ended. */
  running: z.boolean(),
  name: z.string(),
  /** Path of the file. */
  file: z.string(),
  startedAt: z.iso.datetime(),
  snapshots: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
  /** Maximum size of the file; the recording ends there. */
  maxBytes: z.number().int().positive(),
  /** Why it ended, where it was not stopped. */
  problem: Problem.nullable(),
})
export type RecordingState = z.infer<typeof RecordingState>

/** `now`: this machine, read at the time of the request. */
export const ComparisonInput = z.union([z.literal('now'), StoredId])
export type ComparisonInput = z.infer<typeof ComparisonInput>

/** Utilization of each member's queue on one side, as in `GroupRow.slots`. */
export const QueueUtilization = list(z.number().int())

export const ComparisonAnswer = z.object({
  comparison: Comparison,
  /** By group id (of the later snapshot; of the earlier one for a removed group). */
  queueUtilization: z.record(z.string(), z.object({ before: QueueUtilization, after: QueueUtilization })),
  /** Number of groups left out of `comparison.groups`, which is limited for pages. */
  omitted: z.number().int(),
})
export type ComparisonAnswer = z.infer<typeof ComparisonAnswer>

/** Export formats of a snapshot (engine/snapshots/exports/). */
export const ExportFormat = z.enum(EXPORT_FORMATS)
export type ExportFormat = z.infer<typeof ExportFormat>

export const DownloadRequest = z.object({
  of: ComparisonInput,
  format: ExportFormat,
  redact: list(Redaction).default([]),
})
export type DownloadRequest = z.infer<typeof DownloadRequest>

export const UploadChunk = z.object({
  /** The id in the answer to the first chunk; null for the first chunk. */
  upload: z.string().max(40).nullable(),
  name: z.string().max(255),
  /** Bytes, in base64. */
  bytes: z.base64().max(MAX_CHUNK_CHARACTERS),
  last: z.boolean(),
})
export type UploadChunk = z.infer<typeof UploadChunk>
