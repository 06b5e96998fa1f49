/** `during -- COMMAND`: runs a command, and reports what happened to the groups meanwhile. */
import { spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { SINGLE_FRAME, WATCHED_FRAME } from '../../../engine/index.ts'
import { collectParts } from '../../../engine/snapshots/index.ts'
import type { Context } from '../context.ts'
import { type DuringReport, lostSomething, type Observed, reportOf } from '../during/report.ts'
import { Tally } from '../during/tally.ts'
import { ExitStatus } from '../exit-status.ts'
import { Failure } from '../failure.ts'
import { printAnswer } from '../json.ts'
import { type Filters, selectionOf } from '../option-values.ts'
import { print } from '../terminal.ts'

export type DuringOptions = Filters & {
  /** Milliseconds. */
  readonly calm: number
  readonly wait: number
  readonly format: 'text' | 'json' | 'markdown' | 'html'
  readonly json?: boolean
}

/** How often the sockets are read while something may happen, in milliseconds. */
const INTERVAL_MS = 100

/** Prints the report. Found where something was lost; Failed where the command failed and nothing was lost. */
export async function during(
  command: readonly string[],
  options: DuringOptions,
  context: Context,
): Promise<ExitStatus> {
  const interrupted = context.interruption()
  const core = await context.core()
  const client = await context.connect()
  const tally = new Tally(options.all === true)
  // A group that shrinks to one socket is no longer shared: every socket is read.
  const selection = { ...selectionOf(options), all: true }
  const read = async (frame: typeof SINGLE_FRAME) =>
    tally.take(await collectParts(core.parts({ selection, frame })), performance.now())
  await read(SINGLE_FRAME)
  const before = await client.machine.counters()
  const startedAt = new Date().toISOString()
  const began = performance.now()
  const running = run(command)
  let ended: { exit: Observed['exit']; at: number } | null = null
  let failure: unknown = null
  running.then(
    (exit) => {
      ended = { exit, at: performance.now() }
    },
    (error: unknown) => {
      failure = error
    },
  )
  const isOver = () => {
    if (ended === null) return failure !== null
    const quiet = performance.now() - Math.max(ended.at, tally.lastEventAt ?? 0)
    return interrupted.aborted || quiet >= options.calm || performance.now() - ended.at >= options.wait
  }
  while (!isOver()) {
    const next = performance.now() + INTERVAL_MS
    await read(WATCHED_FRAME)
    await pause(Math.max(0, next - performance.now()))
  }
  if (failure !== null) throw failure
  const exit = await running
  await read(SINGLE_FRAME)
  const at = endedAt(ended, began)
  const now = performance.now()
  const quiet = now - Math.max(at, tally.lastEventAt ?? 0)
  const report = reportOf(
    {
      command,
      startedAt,
      exit,
      commandMs: Math.round(at - began),
      calmAfterMs: quiet >= options.calm ? Math.round(Math.max(0, (tally.lastEventAt ?? began) - began)) : null,
      watchedMs: Math.round(now - began),
      watched: tally.watched,
      groups: tally.result(),
    },
    before,
    await client.machine.counters(),
  )
  await printReport(report, options, context)
  if (lostSomething(report)) return ExitStatus.Found
  return exit.code === 0 ? ExitStatus.Success : ExitStatus.Failed
}

function endedAt(ended: { readonly at: number } | null, began: number): number {
  return ended?.at ?? began
}

async function printReport(report: DuringReport, options: DuringOptions, context: Context): Promise<void> {
  const { terminal } = context
  const { duringHtml, duringMarkdown, duringPage } = await import('../during/formats.ts')
  switch (options.json === true ? 'json' : options.format) {
    case 'json':
      return printAnswer(context, 'during', report)
    case 'markdown':
      return terminal.write(duringMarkdown(report))
    case 'html':
      return terminal.write(duringHtml(report))
    case 'text':
      return print(terminal, duringPage(report, terminal.width))
  }
}

/** Runs the command with our standard input; its output goes to standard error. Rejects with a Failure. */
function run([program = '', ...args]: readonly string[]): Promise<Observed['exit']> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['inherit', 2, 2] })
    child.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'there is no such program' : error.message
      reject(new Failure(`Cannot run '${program}': ${why}.`))
    })
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
}
