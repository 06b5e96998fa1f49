/** `play FILE`: a recording on a timeline, as text, or as JSON. */
import type { Problem } from '../../../contract/errors.ts'
import type { Snapshot } from '../../../contract/model.ts'
import { compare, fileBytes, playRecording, type RecordingEnd, SteadySharing } from '../../../engine/snapshots/index.ts'
import type { Context } from '../context.ts'
import { ExitStatus } from '../exit-status.ts'
import { formatProblem } from '../failure.ts'
import { printJsonLine } from '../json.ts'
import { changeLines, comparisonPage } from '../pages/comparison-page.ts'
import { notLive } from '../pages/not-live.ts'
import { print, printError } from '../terminal.ts'
import { line, span } from '../text.ts'

export type PlayOptions = { readonly json?: boolean; readonly text?: boolean }

/** Failed where the recording is truncated or damaged; everything before that is played. */
export async function play(file: string, options: PlayOptions, context: Context): Promise<ExitStatus> {
  const { terminal } = context
  const [name, bytes] = file === '-' ? ['standard input', context.input()] : [file, fileBytes(file)]
  const problem = await playRecordingFile(name, bytes, file === '-', options, context)
  if (problem === null) return ExitStatus.Success
  printError(terminal, formatProblem(problem))
  return ExitStatus.Failed
}

/** Plays it. Returns the problem that cut it short; null where it is complete. */
async function playRecordingFile(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  piped: boolean,
  options: PlayOptions,
  context: Context,
): Promise<Problem | null> {
  const { terminal } = context
  if (options.json === true) {
    const end = await forEachSnapshot(playRecording(name, bytes), (snapshot) => printJsonLine(terminal, snapshot))
    return end.problem
  }
  if (options.text === true || !terminal.interactive || piped) {
    return (await printChanges(playRecording(name, bytes), context)).problem
  }
  const { playOnScreen } = await import('../watch/player.ts')
  return playOnScreen(name, bytes, context)
}

async function printChanges(
  snapshots: AsyncGenerator<Snapshot, RecordingEnd>,
  { terminal }: Context,
): Promise<RecordingEnd> {
  let first: Snapshot | null = null
  let last: Snapshot | null = null
  let before: Snapshot | null = null
  const stabilizer = new SteadySharing()
  const columns = Math.min(terminal.width, 100)
  const end = await forEachSnapshot(snapshots, async (read) => {
    const snapshot = stabilizer.settle(read)
    if (before === null) {
      first = read
      await print(terminal, notLive(snapshot, new Date()))
    } else {
      const { groups } = compare(...withoutUnchanged(before, snapshot))
      if (groups.length > 0) {
        await print(terminal, [line(''), line(span(snapshot.takenAt, 'head')), ...changeLines(groups, columns)])
      }
    }
    before = snapshot
    last = read
  })
  if (first !== null && last !== null && first !== last) {
    const heading = line(span('From the first snapshot to the last', 'head'))
    await print(terminal, [line(''), heading, ...comparisonPage(compare(first, last), terminal)])
  }
  return end
}

/** Both without the groups that are the same object in both: these did not change. */
function withoutUnchanged(before: Snapshot, after: Snapshot): [Snapshot, Snapshot] {
  if (before.groups === after.groups)
    return [
      { ...before, groups: [] },
      { ...after, groups: [] },
    ]
  const [were, are] = [new Set(before.groups), new Set(after.groups)]
  return [
    { ...before, groups: before.groups.filter((group) => !are.has(group)) },
    { ...after, groups: after.groups.filter((group) => !were.has(group)) },
  ]
}

async function forEachSnapshot(
  snapshots: AsyncGenerator<Snapshot, RecordingEnd>,
  use: (snapshot: Snapshot) => Promise<void>,
): Promise<RecordingEnd> {
  for (;;) {
    const next = await snapshots.next()
    if (next.done) return next.value
    await use(next.value)
  }
}
