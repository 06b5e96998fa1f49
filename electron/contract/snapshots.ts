/** Snapshots that the engine keeps: on disk, or opened by a page for as long as the engine runs. */
import { z } from 'zod'
import { Comparison } from './comparison.ts'
import { Redaction } from './model.ts'

/** Names a kept snapshot: `saved/NAME` lies on disk, `opened/N` came from a page. */
export const KeptId = z.string().max(300)
export type KeptId = z.infer<typeof KeptId>

export const Kept = z.object({
  id: KeptId,
  /** As the person called it, or the name of the file that was opened. */
  name: z.string(),
  /** null where the file could not be read: `problem` says why. */
  takenAt: z.iso.datetime().nullable(),
  hostname: z.string().nullable(),
  /** Taken since this machine was started: it compares with now by id. */
  sameBoot: z.boolean(),
  /** Bytes on disk, or as they came. */
  bytes: z.number().int(),
  problem: z.string().nullable(),
})
export type Kept = z.infer<typeof Kept>

/** `now` is this machine, read when it is asked for. */
export const Side = z.union([z.literal('now'), KeptId])
export type Side = z.infer<typeof Side>

/** What a picture shows of one group on one side: fill of each member as in `GroupRow.slots`. */
export const Slots = z.array(z.number().int())

export const ComparisonAnswer = z.object({
  comparison: Comparison,
  /** By the group's id (as it is after, or was where it went): its members' fills before and after. */
  slots: z.record(z.string(), z.object({ before: Slots, after: Slots })),
  /** Groups that are not among `comparison.groups`, because a page shows only so many. */
  more: z.number().int(),
})
export type ComparisonAnswer = z.infer<typeof ComparisonAnswer>

/** Forms in which a snapshot is handed on (engine/snapshots/exports/). */
export const ExportFormat = z.enum(['json', 'csv', 'html', 'markdown', 'svg', 'openmetrics'])
export type ExportFormat = z.infer<typeof ExportFormat>

export const DownloadRequest = z.object({ of: Side, format: ExportFormat, redact: z.array(Redaction).default([]) })
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
