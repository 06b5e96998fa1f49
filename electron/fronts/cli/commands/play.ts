/** `play FILE`: a recording on a timeline, as text, or as JSON. */
import type { Problem } from '../../../contract/errors.ts'
import type { Snapshot } from '../../../contract/model.ts'
import { compare } from '../../../engine/snapshots/compare.ts'
import { fileBytes } from '../../../engine/snapshots/file-bytes.ts'
import { playRecording, type RecordingEnd } from '../../../engine/snapshots/recording-file.ts'
import { SteadySharing } from '../../../engine/snapshots/steady-sharing.ts'
import type { Context } from '../context.ts'
import { type ExitStatus, problemInWords } from '../failure.ts'
import { printJsonLine } from '../json.ts'
import { comparisonPage, storyLines } from '../pages/comparison-page.ts'
import { notLive } from '../pages/not-live.ts'
import { complain, print } from '../terminal.ts'
import { line, span } from '../text.ts'

export type PlayOptions = { readonly json?: boolean; readonly story?: boolean }

/** Status 1 where the recording is truncated or damaged; everything before that is played. */
export async function play(file: string, options: PlayOptions, context: Context): Promise<ExitStatus> {
  const { terminal } = context
  const [name, bytes] = file === '-' ? ['standard input', context.input()] : [file, fileBytes(file)]
  const problem = await playTo(name, bytes, file === '-', options, context)
  if (problem === null) return 0
  complain(terminal, problemInWords(problem))
  return 1
}

/** Plays it. Returns the problem that cut it short; null where it is complete. */
async function playTo(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  piped: boolean,
  options: PlayOptions,
  context: Context,
): Promise<Problem | null> {
  const { terminal } = context
  if (options.json === true) {
    const end = await eachOf(playRecording(name, bytes), (picture) => printJsonLine(terminal, picture))
    return end.problem?.data ?? null
  }
  if (options.story === true || !terminal.interactive || piped) {
    return (await tell(playRecording(name, bytes), context)).problem?.data ?? null
  }
  const [{ playOnScreen }, { OpenedRecording }] = await Promise.all([
    import('../watch/player.ts'),
    import('../../../engine/snapshots/opened-recording.ts'),
  ])
  const recording = await OpenedRecording.read(name, bytes)
  await playOnScreen(recording, context)
  return recording.timeline.problem
}

async function tell(pictures: AsyncGenerator<Snapshot, RecordingEnd>, { terminal }: Context): Promise<RecordingEnd> {
  let first: Snapshot | null = null
  let last: Snapshot | null = null
  let before: Snapshot | null = null
  const steady = new SteadySharing()
  const columns = Math.min(terminal.width, 100)
  const end = await eachOf(pictures, async (read) => {
    const picture = steady.settle(read)
    if (before === null) {
      first = read
      await print(terminal, notLive(picture, new Date()))
    } else {
      const { groups } = compare(...changed(before, picture))
      if (groups.length > 0) {
        await print(terminal, [line(''), line(span(picture.takenAt, 'head')), ...storyLines(groups, columns)])
      }
    }
    before = picture
    last = read
  })
  if (first !== null && last !== null && first !== last) {
    const heading = line(span('From the first snapshot to the last', 'head'))
    await print(terminal, [line(''), heading, ...comparisonPage(compare(first, last), terminal)])
  }
  return end
}

/** Both without the groups that are the same object in both: these did not change. */
function changed(before: Snapshot, after: Snapshot): [Snapshot, Snapshot] {
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

async function eachOf(
  pictures: AsyncGenerator<Snapshot, RecordingEnd>,
  use: (picture: Snapshot) => Promise<void>,
): Promise<RecordingEnd> {
  for (;;) {
    const next = await pictures.next()
    if (next.done) return next.value
    await use(next.value)
  }
}
