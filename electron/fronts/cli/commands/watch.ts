/** `watch`: the groups, live: on the screen, or as one line of JSON per refresh. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { ExitStatus } from '../exit-status.ts'
import { usageError } from '../failure.ts'
import { printJsonLine } from '../json.ts'
import { selectionOf } from '../option-values.ts'
import type { LiveOptions } from '../watch/live.ts'

export type WatchOptions = LiveOptions & {
  readonly json?: boolean
  readonly owners: boolean
}

/** Runs until the user quits, or for `count` refreshes. */
export async function watch(options: WatchOptions, context: Context): Promise<ExitStatus> {
  if (options.json === true) return watchAsJson(options, context)
  if (!context.terminal.interactive) {
    throw usageError(
      'watch needs a terminal, and standard output is not one. Use --json to print one line per refresh.',
    )
  }
  if (!options.owners)
    throw usageError('--no-owners works only with `watch --json`; the live table reads owners in the background.')
  const { watchOnScreen } = await import('../watch/live.ts')
  await watchOnScreen(options, context)
  return ExitStatus.Success
}

async function watchAsJson(options: WatchOptions, context: Context): Promise<ExitStatus> {
  const core = await context.core()
  const request = { selection: selectionOf(options), owners: options.owners, countMs: 0 }
  for (let left = options.count ?? Number.POSITIVE_INFINITY; left > 0; left--) {
    const began = performance.now()
    await printJsonLine(context.terminal, await core.snapshot(request))
    if (left > 1) await pause(Math.max(0, options.interval - (performance.now() - began)))
  }
  return ExitStatus.Success
}
