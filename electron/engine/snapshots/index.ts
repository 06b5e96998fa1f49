/**
 * Snapshots and recordings: write, read, compare, redact, export. A library of its own: it uses the contract and
 * engine/common, and everything else uses it through this file.
 */
export { compare, compareInSlices } from './compare.ts'
export { ownersOf } from './compare-owners.ts'
export { describeOwners } from './describe-comparison.ts'
export { gzipped, isGzipName, snapshotJson } from './encode.ts'
export { momentAt, unwatchedEvent } from './events/event-draft.ts'
export { FindingEvents, type FindingState, type RaisedBefore, READINGS_TO_RAISE } from './events/finding-events.ts'
export { GroupEpisodes, type GroupFacts, type MembershipChange } from './events/group-episodes.ts'
export { PlaceEvents } from './events/place-events.ts'
export { SnapshotEvents } from './events/snapshot-events.ts'
export { csvLine } from './exports/csv.ts'
export { exported, FILE_TYPES, type Format, formatOfName, isBinary } from './exports/formats.ts'
export { STYLE } from './exports/html-style.ts'
export { asCode, asCodeCell, asSentence, asText } from './exports/markdown-text.ts'
export { PROMETHEUS_TYPE } from './exports/metric-family.ts'
export {
  type GroupCounts,
  type GroupLabels,
  groupLabels,
  type HookCalls,
  hookMetrics,
  METRICS_LIMITS,
  prometheus,
  type RaisedCount,
  type ScrapeHistory,
} from './exports/prometheus.ts'
export { markup } from './exports/visible.ts'
export { storedFindings, storedGroup, storedGroups } from './feed.ts'
export { prepare, writeWhole } from './file.ts'
export { fileBytes } from './file-bytes.ts'
export { FileError, toFileError } from './file-error.ts'
export { keyOf } from './group-key.ts'
export { growingFileBytes } from './growing-file.ts'
export { SnapshotLibrary, snapshotFolder } from './library.ts'
export { OpenedRecording } from './opened-recording.ts'
export { collectParts, partsOf, type SnapshotHead, type SnapshotPart, type SnapshotParts } from './parts.ts'
export { checkedParts, snapshotFrom } from './read.ts'
export { recordSnapshots } from './record-snapshots.ts'
export { difference } from './recording.ts'
export { RecordingController } from './recording-controller.ts'
export { playRecording, type RecordedSnapshot, type RecordingEnd, RecordingWriter } from './recording-file.ts'
export type { RecordingState } from './recording-state.ts'
export { MIN_KEY_BYTES, redacted } from './redact.ts'
export { checkRecording, playedTo, resumeRecording, startOfRecording, type TakeRecorded } from './resume-recording.ts'
export { earlier, groupRow, listedGroup, slotsOf, totalsOf } from './rows.ts'
export { SteadySharing } from './steady-sharing.ts'
export { TransferManager } from './transfer-manager.ts'
