/** `reuseport-inspector serve`: the interface in a browser. */
import { type Command, InvalidArgumentError } from 'commander'
import type { ServeFlags } from './until-ended.ts'

/** Adds `serve` to the program. It runs until SIGINT or SIGTERM and then leaves with status 0. */
export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('show the groups in a browser of this machine')
    .option('--port <PORT>', 'port to listen on, 0 for any free one', parsePort, 0)
    .option('--address <ADDRESS>', 'loopback address to listen on', '127.0.0.1')
    .option('--metrics', 'answer scrapes of Prometheus at /metrics')
    .option('--metrics-token-file <FILE>', 'the token that a scrape must carry; else the one of the printed address')
    .option('--json', 'print one line, {"url": …}, when it is ready')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ServeFlags, command: Command) => {
      if (flags.metricsTokenFile !== undefined && flags.metrics !== true) {
        command.error('--metrics-token-file needs --metrics')
      }
      const { isLoopbackAddress, notLoopback } = await import('./admission.ts')
      if (!isLoopbackAddress(flags.address)) command.error(notLoopback(flags.address))
      const { serveUntilEnded } = await import('./until-ended.ts')
      await serveUntilEnded(flags)
    })
}

const EXAMPLES = `
Examples:
  # print the address to open
  reuseport-inspector serve
  # for a program that opens it
  reuseport-inspector serve --port 0 --json
  # look at another machine: open the printed address here
  ssh -L 8080:127.0.0.1:8080 HOST reuseport-inspector serve --port 8080
  # for Prometheus on this machine; openssl rand -hex 32 makes a token
  reuseport-inspector serve --port 9464 --metrics --metrics-token-file /etc/reuseport-inspector/token

A scrape carries its token as Authorization: Bearer TOKEN (authorization: {credentials_file: FILE} in
prometheus.yml). For many machines, run Prometheus in agent mode on each, or put a proxy with TLS in front.
At most 1,000 groups and 5,000 members have series of their own; reuseport_left_out tells of the rest.

The address holds a token: who has it sees what this user sees here. Only loopback addresses are served.
`

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65535) throw new InvalidArgumentError('A port is a number from 0 to 65535.')
  return port
}
