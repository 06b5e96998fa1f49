/** Continues a recording after a restart. What a kill left of a line at its end is cut off; nothing before it is lost. */
import { access } from 'node:fs/promises'
import type { Problem } from '../../contract/errors.ts'
import { PlacedFile } from './file.ts'
import { fileBytes } from './file-bytes.ts'
import { FileError, toFileError } from './file-error.ts'
import { checkedParts } from './read.ts'
import { PLAY_LIMITS, type RecordedSnapshot, RecordingWriter, recordedSnapshots } from './recording-file.ts'
import type { RecordingState } from './recording-state.ts'

const LINE_END = 0x0a
const GZIP = 0x1f
const HEAD_BYTES = 4096

export type ResumedRecording = {
  /** Its last snapshot. */
  readonly state: RecordingState
  /** null where it cannot be continued, because it is damaged before its end: `problem` says where. */
  readonly writer: RecordingWriter | null
  readonly problem: Problem | null
}

/** Gets the snapshots of a recording, one after the other. What it throws ends the reading. */
export type TakeRecorded = (recorded: RecordedSnapshot) => Promise<void> | void

/** Reads the first snapshot. Throws a FileError where the file is no recording, or is compressed. */
export async function checkRecording(path: string): Promise<void> {
  const parts = checkedParts(path, withLineEnds(path, []), { wanted: 'recording', limits: PLAY_LIMITS })
  const snapshots = recordedSnapshots(path, parts)
  await snapshots.next()
  await snapshots.return?.({ frames: 0, problem: null })
}

/**
 * Reads all of a recording, passes each of its snapshots to `take`, and opens it to be continued. Throws a FileError
 * where it is no recording, or is compressed.
 */
export async function resumeRecording(path: string, take: TakeRecorded): Promise<ResumedRecording> {
  const ends: number[] = []
  const snapshots = recordedSnapshots(
    path,
    checkedParts(path, withLineEnds(path, ends), { wanted: 'recording', limits: PLAY_LIMITS }),
  )
  let state: RecordingState | null = null
  for (;;) {
    const next = await snapshots.next()
    if (!next.done) {
      state = next.value.state
      await take(next.value)
      continue
    }
    if (state === null) throw new Error('a recording without its first snapshot')
    const { frames, problem } = next.value
    // The head is a line too.
    const end = ends[frames]
    if (problem !== null && (end === undefined || (await hasLineAfter(path, end))))
      return { state, writer: null, problem }
    const file = await PlacedFile.reopen(path, end ?? (await sizeOf(path)))
    if (end === undefined) await file.write('\n')
    return { state, writer: RecordingWriter.resume(file, path, state.snapshot(), frames), problem: null }
  }
}

/** Passes each snapshot of a recording to `take`, also of a damaged one up to there; nothing where there is none. */
export async function playedTo(path: string, take: TakeRecorded): Promise<void> {
  if ((await startOfRecording(path)) === null) return
  const parts = checkedParts(path, fileBytes(path, PLAY_LIMITS), { wanted: 'recording', limits: PLAY_LIMITS })
  for await (const recorded of recordedSnapshots(path, parts)) await take(recorded)
}

/**
 * When a recording began, in milliseconds since 1970; 0 where its head does not say. null: there is no such file.
 * Throws a FileError where it cannot be read.
 */
export async function startOfRecording(path: string): Promise<number | null> {
  try {
    await access(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw toFileError(`opening ${path}`, error)
  }
  for await (const bytes of fileBytes(path, PLAY_LIMITS, HEAD_BYTES)) {
    const [, startedAt = ''] = /"startedAt":"([^"]*)"/.exec(new TextDecoder().decode(bytes)) ?? []
    return Date.parse(startedAt) || 0
  }
  return 0
}

/** The bytes of the file; `ends` gets the place after each line. */
async function* withLineEnds(path: string, ends: number[]): AsyncGenerator<Uint8Array> {
  let before = 0
  for await (const bytes of fileBytes(path, PLAY_LIMITS)) {
    if (before === 0 && bytes[0] === GZIP) {
      throw new FileError(`continuing ${path}`, 'it is compressed', 'Name another file, without .gz.')
    }
    for (let at = bytes.indexOf(LINE_END); at >= 0; at = bytes.indexOf(LINE_END, at + 1)) ends.push(before + at + 1)
    before += bytes.byteLength
    yield bytes
  }
}

async function hasLineAfter(path: string, from: number): Promise<boolean> {
  let before = 0
  for await (const bytes of fileBytes(path, PLAY_LIMITS)) {
    const at = bytes.lastIndexOf(LINE_END)
    if (at >= 0 && before + at >= from) return true
    before += bytes.byteLength
  }
  return false
}

async function sizeOf(path: string): Promise<number> {
  let size = 0
  for await (const bytes of fileBytes(path, PLAY_LIMITS)) size += bytes.byteLength
  return size
}
