/** Entry point of the terminal front: `reuseport-inspector COMMAND`. */

import { endEvenIfBlocked, installation, MAX_END_MS } from '../../engine/index.ts'
import type { CommandEngine } from './context.ts'
import { TerminalEngine } from './engine.ts'
import { ExitStatus } from './exit-status.ts'
import { asFailure, usageError } from './failure.ts'
import { run } from './program.ts'
import { sanitize } from './sanitize.ts'
import { printError, processTerminal } from './terminal.ts'
import { TerminalScreen } from './watch/screen.ts'

const terminal = processTerminal(process, process.env)
let engine: CommandEngine = new TerminalEngine()

let interruption: AbortController | undefined

async function main(): Promise<ExitStatus> {
  const status = await run(process.argv.slice(2), {
    terminal,
    core: () => engine.core(),
    connect: () => engine.connect(),
    shortfalls: () => engine.shortfalls(),
    async readFrom(carrier) {
      const { FarCommandEngine } = await import('./far-engine.ts')
      engine = new FarCommandEngine(carrier, (sentence) => terminal.writeError(`${sanitize(sentence)}\n`))
    },
    input: () => process.stdin,
    interruption() {
      if (interruption !== undefined) return interruption.signal
      const controller = new AbortController()
      interruption = controller
      const end = () => {
        controller.abort()
        setTimeout(() => {
          printError(terminal, 'Interrupted.')
          process.exit(ExitStatus.Failed)
        }, MAX_END_MS).unref()
      }
      // Once: a second signal ends the process at once.
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end)
      endEvenIfBlocked(installation().addon, ExitStatus.Failed)
      return controller.signal
    },
    openScreen(events) {
      if (process.env.TERM === 'dumb')
        throw usageError('This terminal cannot show a full-screen table (TERM=dumb). Use --json.')
      const screen = new TerminalScreen(process.stdin, process.stdout, terminal, events)
      endEvenIfBlocked(installation().addon, ExitStatus.Failed)
      return screen
    },
  })
  await engine.close()
  return status
}

main()
  .catch((error: unknown): ExitStatus => {
    printError(terminal, asFailure(error).message)
    return ExitStatus.Failed
  })
  .then((status) => process.exit(status))
