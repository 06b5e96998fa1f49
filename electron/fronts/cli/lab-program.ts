/** The commands of the lab: listeners, traffic, recipes, with their options and examples. */
import { Argument, type Command, Option } from 'commander'
import {
  ACCEPT_BEHAVIORS,
  ACCEPT_MODELS,
  EXCHANGES,
  PROTOCOLS,
  RECIPE_NAMES,
  RECIPE_SIZES,
  REPLIES,
  STEERINGS,
  WAIT_STRATEGIES,
} from '../../contract/values.ts'
import type { Context } from './context.ts'
import { type ExitStatus, foundHelp } from './exit-status.ts'
import { parseLabId, parseRate, parseWholeNumber } from './lab/lab-values.ts'
import { durationParser, parseInterfaceName, parseName } from './option-values.ts'
import { examples } from './options.ts'

/** Adds `lab` and its subcommands. */
export function registerLab(program: Command, context: Context, end: (status: ExitStatus) => void): void {
  const lab = program
    .command('lab')
    .description('test listeners, bounded traffic to them, and recipes that show what the kernel does')
    .addHelpText(
      'after',
      `${examples(
        ['reuseport-inspector lab run accept-models', 'run a scenario'],
        ['reuseport-inspector lab listen --protocol tcp', 'open four listeners on a free port, until Ctrl+C'],
        ['reuseport-inspector lab traffic 3fa9c1d2', 'send them ten thousand connections'],
      )}
The lab affects this machine only, is limited in count and time, and ends with the program that started it.
`,
    )
  registerListen(lab, context, end)
  registerTraffic(lab, context, end)
  registerRun(lab, context, end)

  lab
    .command('stop')
    .description("close this user's test listeners")
    .addArgument(new Argument('[ID]', 'lab id').argParser(parseLabId))
    .option('--all', 'close all of them')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector lab stop 3fa9c1d2', 'close one lab'],
        ['reuseport-inspector lab stop --all', 'close all labs of this user, from any window or terminal'],
      ),
    )
    .action(async (id: string | undefined, options) =>
      (await import('./commands/lab-stop.ts')).labStop(id, options, context),
    )

  lab
    .command('list')
    .description("list this user's test listeners")
    .option('--json', 'print `{ "labs": […], "unresponsive": […] }` as JSON')
    .addHelpText(
      'after',
      examples(['reuseport-inspector lab list', 'what is open, and how much each lab has received']),
    )
    .action(async (options) => end(await (await import('./commands/lab-list.ts')).labList(options, context)))
}

function registerListen(lab: Command, context: Context, end: (status: ExitStatus) => void): void {
  lab
    .command('listen')
    .description('open test listeners and keep them open until Ctrl+C, SIGTERM or --duration')
    .addOption(new Option('--protocol <PROTOCOL>', 'tcp or udp').choices(PROTOCOLS).makeOptionMandatory())
    .option('--address <ADDRESS>', 'local address', '127.0.0.1')
    .addOption(wholeNumberOption('--port <PORT>', 'port; 0 picks a free one', 0, 65_535).default(0))
    .option('--join', 'join a port that other sockets already use: they lose clients to these listeners')
    .addOption(wholeNumberOption('--listeners <N>', 'number of listeners', 1, 4096).default(4))
    .addOption(wholeNumberOption('--processes <N>', 'number of worker processes', 1, 64).default(1))
    .addOption(
      new Option('--user <USER>', 'run workers as this user, by name or uid (needs root)').argParser(parseName),
    )
    .option('--no-reuseport', 'do not set SO_REUSEPORT')
    .option('--reuseaddr', 'set SO_REUSEADDR')
    .option('--v6only', 'set IPV6_V6ONLY: no IPv4 clients')
    .option('--no-v6only', 'accept IPv4 clients too; default: the system setting')
    .addOption(new Option('--interface <NAME>', 'SO_BINDTODEVICE').argParser(parseInterfaceName))
    .option('--incoming-cpu', 'SO_INCOMING_CPU: assign CPUs round-robin')
    .addOption(wholeNumberOption('--backlog <N>', 'TCP: backlog passed to listen(2)', 0, 65_535).default(128))
    .addOption(wholeNumberOption('--receive-buffer <BYTES>', 'SO_RCVBUF; the kernel doubles it', 256, 1_000_000_000))
    .addOption(new Option('--accept-behavior <HOW>', 'how workers accept').choices(ACCEPT_BEHAVIORS).default('normal'))
    .addOption(
      new Option('--delay <TIME>', 'with --accept-behavior slow: pause after each connection or datagram, such as 5ms')
        .argParser(durationParser('0.1ms', '60s'))
        .default(100, '100ms'),
    )
    .addOption(
      new Option(
        '--accept-model <HOW>',
        'one listener per worker, one shared by all, or one thread that accepts for all',
      )
        .choices(ACCEPT_MODELS)
        .default('reuseport'),
    )
    .addOption(
      new Option('--wait-strategy <HOW>', 'with --accept-model shared: how workers wait')
        .choices(WAIT_STRATEGIES)
        .default('epoll'),
    )
    .addOption(new Option('--steering <HOW>', 'what selects the member').choices(STEERINGS).default('hash'))
    .addOption(wholeNumberOption('--steer-to <N>', 'with --steering member: which member', 1, 4096).default(1))
    .addOption(new Option('--reply <WHAT>', 'reply to UDP clients').choices(REPLIES).default('echo'))
    .addOption(
      new Option('--duration <TIME>', 'close them after this long, such as 90s or 1h')
        .argParser(durationParser('6s', '2h'))
        .default(600_000, '10m'),
    )
    .option('--json', 'print one line of JSON when all listeners are open')
    .addHelpText(
      'after',
      `${examples(
        [
          'reuseport-inspector lab listen --protocol tcp --listeners 8 --processes 4',
          'eight listeners in four processes',
        ],
        [
          'reuseport-inspector lab listen --protocol udp --no-reuseport --reuseaddr',
          'the newest socket receives everything',
        ],
        [
          'reuseport-inspector lab listen --protocol tcp --address 127.0.0.1 --port 0 --listeners 4 --processes 2 --json',
          'for scripts: id, address, port, pids and cookies on one line',
        ],
      )}
While they are open it reads commands on standard input, one per line:
  stall N    pause member N     resume N   resume member N
  close N    close member N     add        add a member
Members are numbered from 1; indexes in the JSON count from 0.
With --json, each command prints another line of JSON. At end of input the listeners stay open.
`,
    )
    .action(async (options) => end(await (await import('./commands/lab-listen.ts')).labListen(options, context)))
}

function registerTraffic(lab: Command, context: Context, end: (status: ExitStatus) => void): void {
  lab
    .command('traffic')
    .description('send bounded traffic to test listeners, and show what each worker received')
    .addArgument(new Argument('<ID>', 'lab id').argParser(parseLabId))
    .addOption(wholeNumberOption('--count <N>', 'TCP connections, or UDP datagrams', 1, 10_000_000).default(10_000))
    .addOption(new Option('--rate <N>', 'per second; default: as fast as possible').argParser(parseRate))
    .addOption(
      new Option(
        '--exchange <WHAT>',
        'echo; TCP: hold, or close at once; UDP: send without waiting for a reply, or dns queries',
      )
        .choices(EXCHANGES)
        .default('echo'),
    )
    .addOption(wholeNumberOption('--sources <N>', 'source addresses in 127.0.0.0/8', 1, 65_536).default(256))
    .addOption(wholeNumberOption('--flows <N>', 'UDP: distinct clients', 1, 1_000_000).default(1024))
    .addOption(wholeNumberOption('--threads <N>', 'sending threads', 1, 16).default(2))
    .addOption(
      new Option('--duration <TIME>', 'stop after this long, even if not all is sent')
        .argParser(durationParser('100ms', '1h'))
        .default(60_000, '60s'),
    )
    .option('--json', 'print the Lab as JSON at the end, with its traffic and what each worker received')
    .addHelpText(
      'after',
      `${examples(
        ['reuseport-inspector lab traffic 3fa9c1d2 --count 100000', 'as fast as possible'],
        [
          'reuseport-inspector lab traffic 3fa9c1d2 --rate 500 --duration 30s --count 15000',
          'at a steady rate, to watch',
        ],
      )}
Traffic goes only to the listeners of that lab, on this machine. Ctrl+C stops it and prints the result so far.
`,
    )
    .action(async (id: string, options) =>
      end(await (await import('./commands/lab-traffic.ts')).labTraffic(id, options, context)),
    )
}

function registerRun(lab: Command, context: Context, end: (status: ExitStatus) => void): void {
  lab
    .command('run')
    .description('run a recipe: an SO_REUSEPORT scenario with a verdict, numbers and an explanation')
    .addArgument(new Argument('<NAME>', 'recipe name').choices(RECIPE_NAMES))
    .addOption(new Option('--size <SIZE>', 'small for a quick run, or full').choices(RECIPE_SIZES).default('full'))
    .option('--json', 'print the RecipeRun as JSON')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector lab run accept-models', 'dispatcher, shared listener, one listener per worker'],
        ['reuseport-inspector lab run listeners-change', 'what a reload loses'],
        ['sudo reuseport-inspector lab run no-hijacking', 'who can join a port; needs root, for a second user'],
        ['reuseport-inspector lab run steering --size small --json | jq .verdict', 'for scripts'],
      ) + foundHelp('lab run'),
    )
    .action(async (name, options) => end(await (await import('./commands/lab-run.ts')).labRun(name, options, context)))
}

function wholeNumberOption(flags: string, description: string, from: number, to: number): Option {
  return new Option(flags, description).argParser((text) => parseWholeNumber(text, from, to))
}
