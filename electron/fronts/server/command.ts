/** `reuseport-inspector serve`: the user interface in a browser. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { SEVERITIES } from '../../contract/values.ts'
import { parseSize } from '../cli/option-values.ts'
import type { ServeFlags } from './run-server.ts'

/** Adds `serve` to the program. It runs until SIGINT or SIGTERM, and exits with status 0. */
export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('serve the user interface to a browser on this machine')
    .option('--port <PORT>', 'port to listen on; 0 picks a free one', parsePort, 0)
    .option('--address <ADDRESS>', 'loopback address to listen on', '127.0.0.1')
    .option('--hosts', 'offer other hosts too: anyone with the printed address reaches them as you do')
    .option('--metrics', 'serve Prometheus metrics at /metrics')
    .option('--metrics-token-file <FILE>', 'file with the token for scrapes; default: the token in the printed address')
    .option('--history <FILE>', 'keep the history and events in this recording, also over restarts')
    .addOption(
      new Option('--history-size <SIZE>', 'the most that the history takes on disk')
        .argParser(parseSize)
        .default(64e6, '64MB'),
    )
    .option(
      '--on-finding <URL|COMMAND>',
      'post findings that are raised or cleared to this address, or run this command; may be repeated',
      (target: string, before: readonly string[]) => [...before, target],
      [],
    )
    .addOption(
      new Option('--on-severity <SEVERITY>', 'the lowest severity for --on-finding')
        .choices(SEVERITIES)
        .default('warning'),
    )
    .option('--json', 'print one line of JSON with the url, when ready')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ServeFlags, command: Command) => {
      if (flags.metricsTokenFile !== undefined && flags.metrics !== true) {
        command.error('--metrics-token-file needs --metrics')
      }
      const { isLoopbackAddress, notLoopback } = await import('./admission.ts')
      if (!isLoopbackAddress(flags.address)) command.error(notLoopback(flags.address))
      const { runServer } = await import('./run-server.ts')
      await runServer(flags)
    })
}

const EXAMPLES = `
Examples:
  # print an address to open
  reuseport-inspector serve
  # for scripts
  reuseport-inspector serve --port 0 --json
  # inspect another machine: open the printed address here
  ssh -L 8080:127.0.0.1:8080 HOST reuseport-inspector serve --port 8080
  # see other hosts from here, over ssh
  reuseport-inspector serve --hosts
  # for Prometheus on this machine; openssl rand -hex 32 creates a token
  reuseport-inspector serve --port 9464 --metrics --metrics-token-file /etc/reuseport-inspector/token
  # remember what happened over restarts; events --from FILE and play FILE read it too
  reuseport-inspector serve --history /var/lib/reuseport-inspector/history.ndjson
  # tell somebody of every finding; the command has it in its environment, the address gets it as JSON
  reuseport-inspector serve --on-finding 'logger "$REUSEPORT_SUMMARY"' --on-finding https://HOST/PATH

Scrapes send the token as Authorization: Bearer TOKEN (authorization: {credentials_file: FILE} in
prometheus.yml). For many machines, run Prometheus in agent mode on each, or put a TLS proxy in front.
At most 1,000 groups and 5,000 members have their own series; reuseport_omitted counts the rest.

The address contains a token: anyone who has it sees what this user sees. Only loopback addresses are allowed.
`

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65535) throw new InvalidArgumentError('A port is a number from 0 to 65535.')
  return port
}
