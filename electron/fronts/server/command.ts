/** `reuseport-inspector serve`: the interface in a browser. */
import { type Command, InvalidArgumentError } from 'commander'
import { startEngine } from '../../engine/engine.ts'
import { installation } from '../../engine/installation.ts'
import { fileSettings, settingsPath } from '../../engine/settings-file.ts'
import { readPage } from '../../host/page.ts'
import { serve } from './server.ts'

type ServeFlags = { port: number; address: string; json: boolean }

/** Adds `serve` to the program. It runs until SIGINT or SIGTERM and then leaves with status 0. */
export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('show the groups in a browser of this machine')
    .option('--port <port>', 'port to listen on, 0 for any free one', parsePort, 0)
    .option('--address <address>', 'loopback address to listen on', '127.0.0.1')
    .option('--json', 'print one line, {"url": …}, when it is ready', false)
    .addHelpText('after', EXAMPLES)
    .action(serveUntilEnded)
}

const EXAMPLES = `
Examples:
  reuseport-inspector serve                     print the address to open
  reuseport-inspector serve --port 0 --json     for a program that opens it
  ssh -L 8080:127.0.0.1:8080 HOST reuseport-inspector serve --port 8080
                                                look at another machine: open the printed address here

The address holds a token; who has it sees what this user sees here. Only loopback addresses are served.`

async function serveUntilEnded(flags: ServeFlags): Promise<void> {
  const ended = endSignal()
  const { addon, page } = installation()
  const files = readPage(page)
  const engine = await startEngine({ addonPath: addon, settings: fileSettings(settingsPath(), warn) })
  try {
    const server = await serve({ router: engine.router, page: files, address: flags.address, port: flags.port })
    try {
      process.stdout.write(
        flags.json
          ? `${JSON.stringify({ url: server.url })}\n`
          : `Reuseport Inspector is at\n  ${server.url}\nCtrl+C ends it.\n`,
      )
      await ended
    } finally {
      await server.close()
    }
  } finally {
    await engine.close()
  }
}

/** Resolves at the first request to end. A second one ends at once, as the system does by default. */
function endSignal(): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      process.removeListener('SIGINT', end)
      process.removeListener('SIGTERM', end)
      resolve()
    }
    process.once('SIGINT', end)
    process.once('SIGTERM', end)
  })
}

function warn(message: string): void {
  process.stderr.write(`${message}\n`)
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65535) throw new InvalidArgumentError('A port is a number from 0 to 65535.')
  return port
}
