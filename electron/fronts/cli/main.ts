/** Entry point of the terminal front: `reuseport-inspector COMMAND`. */

import { endThoughHeldUp, MAX_END_MS } from '../../engine/end-after-signal.ts'
import { installation } from '../../engine/installation.ts'
import { TerminalEngine } from './engine.ts'
import { asFailure, badUsage, type ExitStatus } from './failure.ts'
import { run } from './program.ts'
import { complain, processTerminal } from './terminal.ts'
import { TerminalScreen } from './watch/screen.ts'

const terminal = processTerminal(process, process.env)
const engine = new TerminalEngine()

let interruption: AbortController | undefined

async function main(): Promise<ExitStatus> {
  const status = await run(process.argv.slice(2), {
    terminal,
    observe: () => engine.observe(),
    connect: async () => (await engine.connect()).client,
    lacks: () => engine.lacks(),
    input: () => process.stdin,
    interruption() {
      if (interruption !== undefined) return interruption.signal
      const controller = new AbortController()
      interruption = controller
      const end = () => {
        controller.abort()
        setTimeout(() => {
          complain(terminal, 'Interrupted.')
          process.exit(1)
        }, MAX_END_MS).unref()
      }
      // Once: a second signal ends the process at once.
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end)
      endThoughHeldUp(installation().addon, 1)
      return controller.signal
    },
    openScreen(events) {
      if (process.env.TERM === 'dumb')
        throw badUsage('This terminal cannot show a full-screen table (TERM=dumb). Use --json.')
      const screen = new TerminalScreen(process.stdin, process.stdout, terminal, events)
      endThoughHeldUp(installation().addon, 1)
      return screen
    },
  })
  await engine.close()
  return status
}

main()
  .catch((error: unknown): ExitStatus => {
    complain(terminal, asFailure(error).message)
    return 1
  })
  .then((status) => process.exit(status))
