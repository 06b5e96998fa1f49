/** `play FILE`: a recording on a time line, as a story, or as JSON. */
import type { Snapshot } from '../../../contract/model.ts'
import { compare } from '../../../engine/snapshots/compare.ts'
import { fileBytes } from '../../../engine/snapshots/read.ts'
import { playRecording, type RecordingEnd } from '../../../engine/snapshots/recording-file.ts'
import type { Context } from '../context.ts'
import { type ExitStatus, problemInWords } from '../failure.ts'
import { printJsonLine } from '../json.ts'
import { comparisonPage, storyLines } from '../pages/comparison-page.ts'
import { notLive } from '../pages/not-live.ts'
import { complain, print } from '../terminal.ts'
import { line, span } from '../text.ts'

export type PlayOptions = { readonly json?: boolean; readonly story?: boolean }

/** Status 1 where the recording is cut or damaged: what came before was played all the same. */
export async function play(file: string, options: PlayOptions, context: Context): Promise<ExitStatus> {
  const { terminal } = context
  const [name, bytes] = file === '-' ? ['standard input', context.input()] : [file, fileBytes(file)]
  const pictures = playRecording(name, bytes)
  let end: RecordingEnd
  if (options.json === true) end = await eachOf(pictures, (picture) => printJsonLine(terminal, picture))
  else if (options.story === true || !terminal.interactive || file === '-') end = await tell(pictures, context)
  else {
    const { playOnScreen } = await import('../watch/player.ts')
    end = await playOnScreen(pictures, context)
  }
  if (end.problem === null) return 0
  complain(terminal, problemInWords(end.problem.data))
  return 1
}

async function tell(pictures: AsyncGenerator<Snapshot, RecordingEnd>, { terminal }: Context): Promise<RecordingEnd> {
  let first: Snapshot | null = null
  let before: Snapshot | null = null
  const columns = Math.min(terminal.width, 100)
  const end = await eachOf(pictures, async (picture) => {
    if (before === null) {
      first = picture
      await print(terminal, notLive(picture, new Date()))
    } else {
      const { groups } = compare(before, picture)
      if (groups.length > 0) {
        await print(terminal, [line(''), line(span(picture.takenAt, 'head')), ...storyLines(groups, columns)])
      }
    }
    before = picture
  })
  if (first !== null && before !== null && first !== before) {
    const heading = line(span('From the first picture to the last', 'head'))
    await print(terminal, [line(''), heading, ...comparisonPage(compare(first, before), terminal)])
  }
  return end
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
