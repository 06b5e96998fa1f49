/** The commands that analyze groups, with their options and examples: probe, map, path, port, balance, findings. */
import { type Command, Option } from 'commander'
import { PROTOCOLS, SEVERITIES } from '../../contract/values.ts'
import type { Context } from './context.ts'
import { type ExitStatus, foundHelp } from './exit-status.ts'
import { sorting, tables } from './listing/table-options.ts'
import {
  durationParser,
  parseClientPrefix,
  parseClients,
  parseCodes,
  parseCountTime,
  parseEndpoint,
  parseInterfaceName,
  parseName,
} from './option-values.ts'
import { countOption, examples, filterOption, filters, hosts, netnsOption, protocolOption } from './options.ts'
import { type PortReference, parsePortReference } from './port-reference.ts'

type End = (status: ExitStatus) => void

export function registerProbe(program: Command, context: Context): void {
  flow(program.command('probe').description('show which member one client reaches, by kernel lookup'))
    .option('--json', 'print the Probe as JSON')
    .addHelpText(
      'after',
      `${examples(
        [
          'reuseport-inspector probe --protocol tcp --local 127.0.0.1:8080 --remote 127.0.0.1:40000',
          'which member receives this client',
        ],
        ['reuseport-inspector probe --protocol udp --local [::1]:53 --remote [::1]:5353 --json', 'for scripts'],
      )}
Where a BPF program is attached to the group, it decides instead of the hash: a classic one is run on this client, of an
extended one its targets are named. Reading programs requires root.
`,
    )
    .action(async (options) => (await import('./commands/probe.ts')).probe(options, context))
}

export function registerMap(program: Command, context: Context): void {
  destination(program.command('map').description('show how thousands of clients are distributed over the members'))
    .addOption(new Option('--clients <N>', 'number of clients to look up').argParser(parseClients).default(4096))
    .addOption(
      new Option(
        '--prefix <PREFIX>',
        'source prefix of the clients, such as 203.0.113.0/24; by default the documentation ranges',
      ).argParser(parseClientPrefix),
    )
    .option('--json', 'print the SteeringMap as JSON')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector map --protocol tcp --local 127.0.0.1:8080', 'is the hash even across members?'],
        [
          'reuseport-inspector map --protocol udp --local 0.0.0.0:53 --prefix 192.0.2.0/24',
          'which members one network reaches',
        ],
      ),
    )
    .action(async (options) => (await import('./commands/map.ts')).map(options, context))
}

export function registerPath(program: Command, context: Context, end: End): void {
  flow(
    program
      .command('path')
      .description('trace one packet: the candidates, their scores, the winner, the processes that read it'),
  )
    .option('--json', 'print the PacketPath as JSON')
    .addHelpText(
      'after',
      examples(
        [
          'reuseport-inspector path --protocol tcp --local 127.0.0.1:80 --remote 127.0.0.1:40000',
          'why this group wins',
        ],
        [
          'reuseport-inspector path --protocol udp --local 10.0.0.1:53 --remote 10.0.0.9:5353 --interface eth0',
          'arriving on eth0',
        ],
      ) + foundHelp('path'),
    )
    .action(async (options) => end(await (await import('./commands/path.ts')).path(options, context)))
}

export function registerPort(program: Command, context: Context): void {
  hosts(program.command('port'))
    .description('show everything about one port: who has it, which socket answers, whether a bind would succeed')
    .argument('<PORT>', 'a port, or a form such as 8080/udp, :http, 127.0.0.1:53', parsePortReference)
    .addOption(protocolOption())
    .addOption(netnsOption())
    .addOption(countOption())
    .option('--json', 'print the PortUse as JSON')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector port 8080', 'why does bind(2) fail with EADDRINUSE?'],
        ['reuseport-inspector port 127.0.0.1:53', 'one address: who answers there, and could another socket?'],
        ['reuseport-inspector port 443 --for 5s', 'with what its groups are given per second'],
        ['reuseport-inspector port https/udp --json', 'a service by name (services(5)), for scripts'],
      ),
    )
    .action(async (reference: PortReference, options) =>
      (await import('./commands/port.ts')).port(reference, options, context),
    )
}

export function registerBalance(program: Command, context: Context): void {
  hosts(program.command('balance'))
    .description('show how evenly queues, drops, flows and connections are distributed over a group')
    .argument('<GROUP>', 'a group id or a prefix of at least 4 digits, or an endpoint such as :443 or tcp:[::]:443')
    .addOption(protocolOption())
    .addOption(netnsOption())
    .addOption(new Option('--clients <N>', 'number of clients to look up').argParser(parseClients).default(4096))
    .addOption(
      new Option('--for <TIME>', 'first count what members are really given for this long (as root); 0s does not count')
        .argParser(parseCountTime)
        .default(2000, '2s'),
    )
    .option('--json', 'print the Balance as JSON')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector balance :443', 'is the load even, and if not, why?'],
        ['reuseport-inspector balance :443 --for 30s', 'what do members really get?'],
      ),
    )
    .action(async (text: string, options) => (await import('./commands/balance.ts')).balance(text, options, context))
}

export function registerFindings(program: Command, context: Context, end: End): void {
  const command = filters(program.command('findings').description('watch for a few seconds, then list problems'))
    .addOption(
      new Option('--for <TIME>', 'how long to watch: some findings take a few seconds to appear; Ctrl+C stops early')
        .argParser(durationParser('0s', '10m'))
        .default(4000, '4s'),
    )
    .addOption(filterOption())
    .addOption(new Option('--severity <LEVEL>', 'only findings of this severity or a higher one').choices(SEVERITIES))
    .addOption(new Option('--code <CODES>', 'only these, separated by commas').argParser(parseCodes))
    .addOption(new Option('--ignore <CODES>', 'all but these').argParser(parseCodes))
    .addOption(
      new Option('--fail-on <LEVEL>', 'exit with 1 for a listed finding of this severity or a higher one')
        .choices([...SEVERITIES, 'none'])
        .default('critical'),
    )
    .option('--muted', 'include muted findings')
  sorting(tables(command))
    .option('--json', 'print `{ "findings": […] }` as JSON')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector findings', 'problems on this machine'],
        ['reuseport-inspector findings --for 30s --json', 'watch longer, for scripts'],
        ['reuseport-inspector findings --port 443 --severity warning --fail-on warning', 'for a pipeline'],
        ["reuseport-inspector findings --filter 'unit:nginx.service'", 'of the groups of one unit'],
        ['reuseport-inspector findings -o csv > findings.csv', 'one row per finding'],
        ['reuseport-inspector findings --ignore group-shadowed,large-ipv6-group', 'all but two types'],
      ) + foundHelp('findings'),
    )
    .action(async (options) => end(await (await import('./commands/findings.ts')).findings(options, context)))
}

function destination(command: Command): Command {
  return hosts(command)
    .addOption(new Option('--protocol <PROTOCOL>', 'tcp or udp').choices(PROTOCOLS).makeOptionMandatory())
    .addOption(
      new Option('--local <ADDRESS:PORT>', 'destination address and port')
        .argParser(parseEndpoint)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--netns <NAME>', 'in this network namespace, by name or inode').argParser(parseName))
    .addOption(new Option('--interface <NAME>', 'ingress interface').argParser(parseInterfaceName))
}

function flow(command: Command): Command {
  return destination(command).addOption(
    new Option('--remote <ADDRESS:PORT>', 'client address and port').argParser(parseEndpoint).makeOptionMandatory(),
  )
}
