/** Snapshots and recordings that the engine keeps: on disk, or opened by a page for as long as the engine runs. */
import { z } from 'zod'
import { Comparison } from './comparison.ts'
import { Problem } from './errors.ts'
import { list } from './list.ts'
import { GroupId, Redaction } from './model.ts'

/**
 * Names what is kept: `saved/NAME` lies on disk, `opened/N` came from a page. `saved/NAME#12` is picture 12 of a
 * recording, counted from 0, and as good as a snapshot everywhere; a recording without a number is its first picture.
 */
export const KeptId = z.string().max(300)
export type KeptId = z.infer<typeof KeptId>

export const Kept = z.object({
  id: KeptId,
  kind: z.enum(['snapshot', 'recording']),
  /** As the person called it, or the name of the file that was opened. */
  name: z.string(),
  /** Of a recording when it began. null where the file could not be read: `problem` says why. */
  takenAt: z.iso.datetime().nullable(),
  hostname: z.string().nullable(),
  /** Taken since this machine was started: it compares with now by id. */
  sameBoot: z.boolean(),
  /** Bytes on disk, or as they came. */
  bytes: z.number().int(),
  problem: z.string().nullable(),
})
export type Kept = z.infer<typeof Kept>

/** What a person looks for in a recording. `filled`: a queue reached its limit. `dropped`: drops began. `left`, `joined`: members did. `came`, `went`: the group did. */
export const MarkKind = z.enum(['filled', 'dropped', 'left', 'joined', 'came', 'went'])
export type MarkKind = z.infer<typeof MarkKind>

/** A place of a time line at which something happened to a group. */
export const Mark = z.object({
  /** The first picture that shows it. */
  picture: z.number().int().nonnegative(),
  kind: MarkKind,
  group: GroupId,
  words: z.string(),
})
export type Mark = z.infer<typeof Mark>

export const Timeline = z.object({
  /** When each picture was taken, the first one first. */
  takenAt: list(z.iso.datetime()).min(1),
  /** In the order of pictures; of each kind the first few hundred. */
  marks: list(Mark),
  /** Marks that are not among them. */
  more: z.number().int().nonnegative(),
  /** Why it ends where it does, where that is too early: the file is cut, damaged, or longer than may be opened. */
  problem: Problem.nullable(),
})
export type Timeline = z.infer<typeof Timeline>

/** A recording that is being made for the pages of this engine. */
export const RecordingState = z.object({
  /** False once it ended, until the next one begins. */
  running: z.boolean(),
  name: z.string(),
  /** Path of the file. */
  file: z.string(),
  startedAt: z.iso.datetime(),
  pictures: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
  /** It ends by itself when the file is as large as this. */
  mostBytes: z.number().int().positive(),
  /** Why it ended, where nobody ended it. */
  problem: Problem.nullable(),
})
export type RecordingState = z.infer<typeof RecordingState>

/** `now` is this machine, read when it is asked for. */
export const Side = z.union([z.literal('now'), KeptId])
export type Side = z.infer<typeof Side>

/** What a picture shows of one group on one side: fill of each member as in `GroupRow.slots`. */
export const Slots = list(z.number().int())

export const ComparisonAnswer = z.object({
  comparison: Comparison,
  /** By the group's id (as it is after, or was where it went): its members' fills before and after. */
  slots: z.record(z.string(), z.object({ before: Slots, after: Slots })),
  /** Groups that are not among `comparison.groups`, because a page shows only so many. */
  more: z.number().int(),
})
export type ComparisonAnswer = z.infer<typeof ComparisonAnswer>

/** Forms in which a snapshot is handed on (engine/snapshots/exports/). */
export const ExportFormat = z.enum(['json', 'csv', 'html', 'markdown', 'svg', 'png', 'prometheus'])
export type ExportFormat = z.infer<typeof ExportFormat>

export const DownloadRequest = z.object({ of: Side, format: ExportFormat, redact: list(Redaction).default([]) })
export type DownloadRequest = z.infer<typeof DownloadRequest>

/** Characters of base64 in one piece: far below what a frame may have. */
export const MOST_PIECE_CHARACTERS = 700_000

export const UploadPiece = z.object({
  /** What the answer to the first piece said; null for the first one. */
  upload: z.string().max(40).nullable(),
  name: z.string().max(255),
  /** Bytes, in base64. */
  bytes: z.base64().max(MOST_PIECE_CHARACTERS),
  last: z.boolean(),
})
export type UploadPiece = z.infer<typeof UploadPiece>
