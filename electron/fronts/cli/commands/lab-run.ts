/** `lab run NAME`: runs a recipe and prints its result. */
import type { RecipeName, RecipeRun, RecipeSize } from '../../../contract/lab.ts'
import type { Context } from '../context.ts'
import { ExitStatus } from '../exit-status.ts'
import { documentOf, printJson } from '../json.ts'
import { followLab } from '../lab/follow.ts'
import { LiveLine } from '../lab/live-line.ts'
import { print } from '../terminal.ts'
import { line, span } from '../text.ts'

export type LabRunOptions = { readonly size: RecipeSize; readonly json?: boolean }

const STATUS_OF_OUTCOME: Readonly<Record<NonNullable<RecipeRun['verdict']>['outcome'], ExitStatus>> = {
  holds: ExitStatus.Success,
  partial: ExitStatus.Success,
  fails: ExitStatus.Found,
  stopped: ExitStatus.Failed,
}

/** Runs it until it ends or is interrupted. Found where a check fails; Failed where it could not finish. */
export async function labRun(name: RecipeName, options: LabRunOptions, context: Context): Promise<ExitStatus> {
  const { terminal } = context
  const interrupted = context.interruption()
  const client = await context.connect()
  const started = await client.lab.run({ recipe: name, size: options.size })
  interrupted.addEventListener('abort', () => void client.lab.stopRun(), { once: true })
  const run = await follow()
  if (options.json === true) await printJson(terminal, documentOf('recipe-run', run))
  else {
    const recipe = (await client.lab.recipes()).find((candidate) => candidate.name === name)
    const { recipePage } = await import('../pages/recipe-page.ts')
    await print(terminal, recipePage(run, recipe, terminal.width))
  }
  return run.verdict === null ? ExitStatus.Failed : STATUS_OF_OUTCOME[run.verdict.outcome]

  async function follow(): Promise<RecipeRun> {
    await using live = new LiveLine(terminal)
    let latest = started
    // After a request to stop, the stream is followed until it reports the end.
    await followLab(client, new AbortController().signal, async ({ run }) => {
      if (run === null) return false
      latest = run
      await live.show(line(span(`${Math.round(100 * run.progress)} %`.padStart(5), 'strong'), `  ${run.step}`))
      return run.endedAt !== null
    })
    return latest
  }
}
