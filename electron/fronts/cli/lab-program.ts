/** The commands of the lab: listeners, traffic, recipes, with their options and examples. */
import { Argument, type Command, Option } from 'commander'
import type { Context } from './context.ts'
import type { ExitStatus } from './failure.ts'
import {
  acceptings,
  answers,
  exchanges,
  parseDelay,
  parseLabId,
  parseMinutes,
  parseRate,
  parseWhole,
  recipeNames,
  sizes,
  steerings,
  takings,
  waitings,
} from './lab/lab-values.ts'
import { parseInterfaceName, parseName, protocols } from './option-values.ts'
import { examples } from './options.ts'

/** Adds `lab` and what stands under it. */
export function registerLab(program: Command, context: Context, end: (status: ExitStatus) => void): void {
  const lab = program
    .command('lab')
    .description('try it out: test listeners, bounded traffic to them, and recipes that show what the kernel does')
    .addHelpText(
      'after',
      `${examples(
        ['reuseport-inspector lab run three-ways', 'a story, told by doing it'],
        ['reuseport-inspector lab listen --protocol tcp', 'four listeners on a free port, until Ctrl+C'],
        ['reuseport-inspector lab traffic 3fa9c1d2', 'ten thousand connections to them'],
      )}
Everything acts on this machine alone, is bounded in count and time, and ends with the program that started it.
`,
    )
  registerListen(lab, context, end)
  registerTraffic(lab, context, end)
  registerRun(lab, context, end)

  lab
    .command('stop')
    .description('close test listeners of this user')
    .addArgument(new Argument('[ID]', 'the id of a lab').argParser(parseLabId))
    .option('--all', 'all of them')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector lab stop 3fa9c1d2', 'one'],
        ['reuseport-inspector lab stop --all', 'all that this user started, in whatever window or terminal'],
      ),
    )
    .action(async (id: string | undefined, options) => {
      const { labStop } = await import('./commands/lab-stop.ts')
      await labStop(id, options, context)
    })

  lab
    .command('list')
    .description('list the test listeners of this user')
    .option('--json', 'print the labs as JSON')
    .addHelpText('after', examples(['reuseport-inspector lab list', 'what is open, and who gets what']))
    .action(async (options) => {
      const { labList } = await import('./commands/lab-list.ts')
      end(await labList(options, context))
    })
}

function registerListen(lab: Command, context: Context, end: (status: ExitStatus) => void): void {
  lab
    .command('listen')
    .description('open test listeners, and hold them until Ctrl+C, SIGTERM or --minutes')
    .addOption(new Option('--protocol <PROTOCOL>', 'tcp or udp').choices(protocols).makeOptionMandatory())
    .option('--address <ADDRESS>', 'an address of this machine', '127.0.0.1')
    .addOption(whole('--port <PORT>', 'a port; 0 for a free one', 0, 65_535).default(0))
    .option('--join', 'share the port with sockets that are there already: they lose clients to these')
    .addOption(whole('--listeners <N>', 'how many', 1, 4096).default(4))
    .addOption(whole('--processes <N>', 'worker processes to spread them over', 1, 64).default(1))
    .addOption(
      new Option('--user <USER>', 'the user that workers run as, by name or uid (needs root)').argParser(parseName),
    )
    .option('--no-reuseport', 'without SO_REUSEPORT')
    .option('--reuseaddr', 'with SO_REUSEADDR')
    .option('--v6only', 'IPV6_V6ONLY: no IPv4 clients')
    .option('--no-v6only', 'IPv4 clients too; by default as the machine is set')
    .addOption(new Option('--interface <NAME>', 'SO_BINDTODEVICE').argParser(parseInterfaceName))
    .option('--incoming-cpu', 'SO_INCOMING_CPU: one CPU after the other, and around again')
    .addOption(whole('--backlog <N>', 'TCP: the backlog given to listen(2)', 0, 65_535).default(128))
    .addOption(whole('--receive-buffer <BYTES>', 'SO_RCVBUF, which the kernel doubles', 256, 1_000_000_000))
    .addOption(new Option('--accepting <HOW>', 'what workers do').choices(acceptings).default('normal'))
    .addOption(
      new Option('--delay <TIME>', 'with --accepting slow: the pause after each, such as 5ms')
        .argParser(parseDelay)
        .default(100, '100ms'),
    )
    .addOption(
      new Option('--taking <HOW>', 'a listener each, one shared by all, or one thread that accepts and hands over')
        .choices(takings)
        .default('reuseport'),
    )
    .addOption(
      new Option('--waiting <HOW>', 'with --taking shared: how workers wait').choices(waitings).default('epoll'),
    )
    .addOption(new Option('--steering <HOW>', 'what picks the member').choices(steerings).default('hash'))
    .addOption(whole('--steered-to <N>', 'with --steering member: which one', 1, 4096).default(1))
    .addOption(new Option('--answer <WHAT>', 'what UDP clients get').choices(answers).default('echo'))
    .addOption(new Option('--minutes <N>', 'close them after this long').argParser(parseMinutes).default(10))
    .option('--json', 'print one line of JSON when all of them are open')
    .addHelpText(
      'after',
      `${examples(
        ['reuseport-inspector lab listen --protocol tcp --listeners 8 --processes 4', 'eight, in four processes'],
        ['reuseport-inspector lab listen --protocol udp --no-reuseport --reuseaddr', 'the newest takes all'],
        [
          'reuseport-inspector lab listen --protocol tcp --address 127.0.0.1 --port 0 --listeners 4 --processes 2 --json',
          'for a script: id, address, port, pids and cookies on one line',
        ],
      )}
While it holds them it takes orders on standard input, one a line:
  stall N    member N stops taking       resume N   it goes on
  close N    member N closes             add        one more member
Members are numbered from 1; an index in the JSON counts from 0.
With --json each order is answered by another line of JSON. They stay open after the end of standard input.
`,
    )
    .action(async (options) => {
      const { labListen } = await import('./commands/lab-listen.ts')
      end(await labListen(options, context))
    })
}

function registerTraffic(lab: Command, context: Context, end: (status: ExitStatus) => void): void {
  lab
    .command('traffic')
    .description('send bounded traffic to test listeners, and say who got what')
    .addArgument(new Argument('<ID>', 'the id of a lab').argParser(parseLabId))
    .addOption(whole('--count <N>', 'TCP connections, or UDP datagrams', 1, 10_000_000).default(10_000))
    .addOption(new Option('--rate <N>', 'per second; by default as fast as it can').argParser(parseRate))
    .addOption(
      new Option(
        '--exchange <WHAT>',
        'echo; TCP: hold, or close at once; UDP: send without waiting for an answer, or ask dns',
      )
        .choices(exchanges)
        .default('echo'),
    )
    .addOption(whole('--sources <N>', 'source addresses, of 127.0.0.0/8', 1, 65_536).default(256))
    .addOption(whole('--flows <N>', 'UDP: distinct clients', 1, 1_000_000).default(1024))
    .addOption(whole('--threads <N>', 'threads that send', 1, 16).default(2))
    .addOption(whole('--seconds <N>', 'end after this long, done or not', 1, 3600).default(60))
    .option('--json', 'print the Lab as JSON at the end, with its traffic and who got what')
    .addHelpText(
      'after',
      `${examples(
        ['reuseport-inspector lab traffic 3fa9c1d2 --count 100000', 'as fast as it can'],
        [
          'reuseport-inspector lab traffic 3fa9c1d2 --rate 500 --seconds 30 --count 15000',
          'at a steady rate, to watch',
        ],
      )}
It goes to the listeners of that lab on this machine and nowhere else. Ctrl+C ends it and prints the result so far.
Exits with status 1 if the sending process was killed.
`,
    )
    .action(async (id: string, options) => {
      const { labTraffic } = await import('./commands/lab-traffic.ts')
      end(await labTraffic(id, options, context))
    })
}

function registerRun(lab: Command, context: Context, end: (status: ExitStatus) => void): void {
  lab
    .command('run')
    .description('run a recipe: a story of SO_REUSEPORT with a verdict, numbers and an explanation')
    .addArgument(new Argument('<NAME>', 'which').choices(recipeNames))
    .addOption(new Option('--size <SIZE>', 'how much of it').choices(sizes).default('full'))
    .option('--json', 'print the RecipeRun as JSON')
    .addHelpText(
      'after',
      `${examples(
        ['reuseport-inspector lab run three-ways', 'a dispatcher, one listener for all, a listener each'],
        ['reuseport-inspector lab run listeners-change', 'what a reload loses'],
        ['sudo reuseport-inspector lab run no-hijacking', 'who may join a port; needs root, for a second user'],
        ['reuseport-inspector lab run steering --size small --json | jq .verdict', 'for a script'],
      )}
Exits with status 1 if a claim does not hold, or if the recipe could not go on.
`,
    )
    .action(async (name, options) => {
      const { labRun } = await import('./commands/lab-run.ts')
      end(await labRun(name, options, context))
    })
}

function whole(flags: string, description: string, from: number, to: number): Option {
  return new Option(flags, description).argParser((text) => parseWhole(text, from, to))
}
