/** The terminal front as a program: `reuseport-inspector COMMAND`. */

import { startTerminalEngine } from './engine.ts'
import { asFailure, badUsage } from './failure.ts'
import { run } from './program.ts'
import { complain, processTerminal } from './terminal.ts'
import { TerminalScreen } from './watch/screen.ts'

const terminal = processTerminal(process, process.env)
let engine: ReturnType<typeof startTerminalEngine> | undefined

let interruption: AbortController | undefined

let status: number
try {
  status = await run(process.argv.slice(2), {
    terminal,
    async connect() {
      engine ??= startTerminalEngine()
      return (await engine).client
    },
    async parts(request) {
      engine ??= startTerminalEngine()
      return (await engine).parts(request)
    },
    input: () => process.stdin,
    interruption() {
      if (interruption !== undefined) return interruption.signal
      const controller = new AbortController()
      interruption = controller
      // Once: who asks a second time does not want to wait.
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort())
      return controller.signal
    },
    openScreen(events) {
      if (process.env.TERM === 'dumb') throw badUsage('This terminal cannot be drawn on (TERM=dumb). Use --json.')
      return new TerminalScreen(process.stdin, process.stdout, terminal, events)
    },
  })
  await (await engine)?.close()
} catch (error) {
  complain(terminal, asFailure(error).message)
  status = 1
}
process.exit(status)
