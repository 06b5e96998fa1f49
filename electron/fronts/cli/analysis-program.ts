/** The commands that answer questions about a group, with their options and examples: probe, map, path, balance, findings. */
import { type Command, Option } from 'commander'
import type { Context } from './context.ts'
import type { ExitStatus } from './failure.ts'
import {
  parseClientPrefix,
  parseClients,
  parseEndpoint,
  parseInterfaceName,
  parseName,
  parsePort,
  parseSeconds,
  protocols,
} from './option-values.ts'

type End = (status: ExitStatus) => void
type Examples = (...list: (readonly [command: string, meaning: string])[]) => string

export function registerProbe(program: Command, context: Context, examples: Examples): void {
  flow(program.command('probe').description("show which member one client reaches, by the kernel's own lookup"))
    .option('--json', 'print the Probe as JSON')
    .addHelpText(
      'after',
      `${examples(
        [
          'reuseport-inspector probe --protocol tcp --local 127.0.0.1:8080 --remote 127.0.0.1:40000',
          'who gets this client',
        ],
        ['reuseport-inspector probe --protocol udp --local [::1]:53 --remote [::1]:5353 --json', 'for a script'],
      )}
This is hash steering: a BPF program attached to the group would decide instead.
`,
    )
    .action(async (options) => {
      const { probe } = await import('./commands/probe.ts')
      await probe(options, context)
    })
}

export function registerMap(program: Command, context: Context, examples: Examples): void {
  destination(program.command('map').description('say how thousands of clients spread over the members'))
    .addOption(new Option('--clients <N>', 'how many clients to ask for').argParser(parseClients).default(4096))
    .addOption(
      new Option(
        '--prefix <PREFIX>',
        'where they come from, such as 203.0.113.0/24; by default the documentation ranges',
      ).argParser(parseClientPrefix),
    )
    .option('--json', 'print the SteeringMap as JSON')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector map --protocol tcp --local 127.0.0.1:8080', 'is the hash fair to every member?'],
        [
          'reuseport-inspector map --protocol udp --local 0.0.0.0:53 --prefix 192.0.2.0/24',
          'where the clients of one network go',
        ],
      ),
    )
    .action(async (options) => {
      const { map } = await import('./commands/map.ts')
      await map(options, context)
    })
}

export function registerPath(program: Command, context: Context, examples: Examples, end: End): void {
  flow(
    program
      .command('path')
      .description('follow one packet: who could take it, what each scores, who wins, who reads it'),
  )
    .option('--json', 'print the PacketPath as JSON')
    .addHelpText(
      'after',
      `${examples(
        [
          'reuseport-inspector path --protocol tcp --local 127.0.0.1:80 --remote 127.0.0.1:40000',
          'why this group and no other',
        ],
        [
          'reuseport-inspector path --protocol udp --local 10.0.0.1:53 --remote 10.0.0.9:5353 --interface eth0',
          'as it comes in on eth0',
        ],
      )}
Exits with status 1 if the kernel's own answer differs from the rules.
`,
    )
    .action(async (options) => {
      const { path } = await import('./commands/path.ts')
      end(await path(options, context))
    })
}

export function registerPort(program: Command, context: Context, examples: Examples): void {
  program
    .command('port')
    .description('say who has a port, connections too, and whether another program could bind it')
    .argument('<PORT>', 'a port from 1 to 65535', parsePort)
    .addOption(new Option('--protocol <PROTOCOL>', 'only this protocol').choices(protocols))
    .addOption(new Option('--netns <NAME>', 'only this network namespace, by name or inode').argParser(parseName))
    .option('--json', 'print the PortUse as JSON')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector port 8080', 'why does bind(2) say that the address is in use?'],
        ['reuseport-inspector port 53 --protocol udp --json', 'for a script'],
      ),
    )
    .action(async (number: number, options) => {
      const { port } = await import('./commands/port.ts')
      await port(number, options, context)
    })
}

export function registerBalance(program: Command, context: Context, examples: Examples): void {
  program
    .command('balance')
    .description('say how evenly queues, drops, flows and connections are spread over a group')
    .argument('<GROUP>', 'an id or its first 4 or more digits, or an endpoint such as :443 or tcp:[::]:443')
    .addOption(new Option('--protocol <PROTOCOL>', 'only this protocol').choices(protocols))
    .addOption(new Option('--netns <NAME>', 'only this network namespace, by name or inode').argParser(parseName))
    .addOption(new Option('--clients <N>', 'clients to ask the oracle for').argParser(parseClients).default(4096))
    .option('--json', 'print the Balance as JSON')
    .addHelpText('after', examples(['reuseport-inspector balance :443', 'is the load even, and if not, why']))
    .action(async (text: string, options) => {
      const { balance } = await import('./commands/balance.ts')
      await balance(text, options, context)
    })
}

export function registerFindings(program: Command, context: Context, examples: Examples, end: End): void {
  program
    .command('findings')
    .description('watch for a few seconds, then list what is wrong')
    .addOption(
      new Option(
        '--for <SECONDS>',
        'how long to watch: some findings need a few seconds to show; Ctrl+C ends it sooner',
      )
        .argParser(parseSeconds)
        .default(4000, '4s'),
    )
    .option('--muted', 'list muted findings too')
    .option('--json', 'print `{ "findings": […] }` as JSON')
    .addHelpText(
      'after',
      `${examples(
        ['reuseport-inspector findings', 'what is wrong on this machine'],
        ['reuseport-inspector findings --for 30s --json', 'a longer look, for a script'],
      )}
Exits with status 1 if a finding is critical.
`,
    )
    .action(async (options) => {
      const { findings } = await import('./commands/findings.ts')
      end(await findings(options, context))
    })
}

function destination(command: Command): Command {
  return command
    .addOption(new Option('--protocol <PROTOCOL>', 'tcp or udp').choices(protocols).makeOptionMandatory())
    .addOption(
      new Option('--local <ADDRESS:PORT>', 'where the client sends to').argParser(parseEndpoint).makeOptionMandatory(),
    )
    .addOption(new Option('--netns <NAME>', 'in this network namespace, by name or inode').argParser(parseName))
    .addOption(new Option('--interface <NAME>', 'the interface that it comes in by').argParser(parseInterfaceName))
}

function flow(command: Command): Command {
  return destination(command).addOption(
    new Option('--remote <ADDRESS:PORT>', 'the client').argParser(parseEndpoint).makeOptionMandatory(),
  )
}
