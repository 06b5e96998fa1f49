/** The command line: every command, option and example. A command's own code is loaded when it is called. */
import { Argument, Command, CommanderError, Option } from 'commander'
import { version } from '../../../package.json'
import { registerServe } from '../server/command.ts'
import {
  registerBalance,
  registerFindings,
  registerMap,
  registerPath,
  registerPort,
  registerProbe,
} from './analysis-program.ts'
import type { Shell } from './completion.ts'
import type { Context } from './context.ts'
import { asFailure, badUsage, type ExitStatus, problemInWords } from './failure.ts'
import { registerLab } from './lab-program.ts'
import { parseCount, parseInterval } from './option-values.ts'
import { examples, filters, netnsOption, protocolOption } from './options.ts'
import { sanitise } from './sanitise.ts'
import { namesSnapshot, registerSnapshots } from './snapshot-commands.ts'
import { complain } from './terminal.ts'

/** Runs one command line (without `node` and the script) and says with which status the program should end. */
export async function run(args: readonly string[], context: Context): Promise<ExitStatus> {
  const ending: { status: ExitStatus } = { status: 0 }
  const written: Promise<void>[] = []
  const program = buildProgram(context, (status) => {
    ending.status = status
  })
  forEachCommand(program, (command) => {
    command.exitOverride().configureOutput({
      writeOut: (text) => void written.push(context.terminal.write(text)),
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(context.terminal.width, 100),
      getOutHasColors: () => context.terminal.colour,
    })
  })
  try {
    await program.parseAsync(args.length === 0 ? ['--help'] : [...args], { from: 'user' })
  } catch (error) {
    ending.status = report(error, args, program, context)
  }
  await Promise.all(written)
  if (!QUIET.has(args[0] ?? '') && (await tellLacks(context))) ending.status ||= 1
  return ending.status
}

/** Commands that tell what is lacking by themselves, or speak to a shell. */
const QUIET: ReadonlySet<string> = new Set(['doctor', 'ids'])

/** Says what the reading behind the answer lacked; true where the answer is incomplete for it. */
async function tellLacks({ terminal, lacks }: Context): Promise<boolean> {
  const lacking = await lacks()
  for (const { problem } of lacking) complain(terminal, problemInWords(problem))
  return lacking.some(({ shortfall }) => shortfall.kind === 'fault')
}

function report(error: unknown, args: readonly string[], program: Command, { terminal }: Context): ExitStatus {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0
    // `lab` alone, `help nonsense`: the library would print help and leaves the sentence to us.
    if (error.code === 'commander.help') {
      complain(terminal, `${incomplete(args, program)} Try \`--help\`.`)
      return 2
    }
    const sentence = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ')
    complain(terminal, `${sentence.replace(/([^.?!)])$/, '$1.')} Try \`--help\`.`)
    return 2
  }
  const failure = asFailure(error)
  for (const [at, text] of failure.message.split('\n').entries()) {
    if (at === 0) complain(terminal, text)
    else terminal.complain(`${sanitise(text)}\n`)
  }
  return failure.status
}

/** What is wrong with a command line that names no command to run. */
function incomplete(args: readonly string[], program: Command): string {
  const words = args.filter((word) => word !== 'help')
  const command = program.commands.find((candidate) => candidate.name() === words[0])
  if (words.length < args.length || command === undefined) return `there is no command '${words.join(' ')}'.`
  return `'${command.name()}' needs one of its commands: ${command.commands.map((child) => child.name()).join(', ')}.`
}

/** All commands. `end` takes the status of one that found something wrong without failing. */
export function buildProgram(context: Context, end: (status: ExitStatus) => void = () => {}): Command {
  const program = new Command('reuseport-inspector')
    .description('See the sockets that share a port: every SO_REUSEPORT group, its members, owners, queues and drops.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [COMMAND]', 'print help for a command')
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector groups', 'every group on this machine'],
        ['reuseport-inspector show :443', 'the members of one group'],
        ['reuseport-inspector watch', 'the groups, live'],
      ) + statuses,
    )

  filters(program.command('groups').description('list the groups of sockets that share a port'))
    .option('--all', 'list plain sockets too, each as a group of one')
    .option('--no-owners', 'leave /proc alone: faster, and no owners or pollers')
    .option('--json', 'print one Snapshot as JSON')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector groups --protocol tcp --port 443', 'who shares tcp port 443'],
        ['reuseport-inspector groups --sharing reuseaddr', 'where the newest socket takes everything'],
        ["reuseport-inspector groups --json | jq '.groups[].port'", 'for a script'],
      ),
    )
    .action(async (options) => {
      const { groups } = await import('./commands/groups.ts')
      await groups(options, context)
    })

  filters(program.command('sockets').description('list the sockets themselves, one per row, plain ones too'))
    .addOption(new Option('--all').hideHelp())
    .option('--no-owners', 'leave /proc alone: faster, and no owners')
    .option('--json', 'print one Snapshot, plain sockets too, as JSON')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector sockets --user www-data', 'what one user has open'],
        ['reuseport-inspector sockets --port 53 --no-owners', 'fast: without reading /proc'],
      ),
    )
    .action(async (options) => {
      const { sockets } = await import('./commands/sockets.ts')
      await sockets(options, context)
    })

  program
    .command('show')
    .description('show one group: its members, how they share the port, and how we know; or a snapshot file')
    .argument('<GROUP|FILE>', 'an id or its first 4 or more digits, an endpoint such as :443, or a snapshot file')
    .argument('[GROUP]', 'one group of that file')
    .addOption(protocolOption())
    .addOption(netnsOption())
    .option('--no-owners', 'leave /proc alone: faster, and no owners or pollers')
    .option('--json', 'print a Snapshot as JSON, with what is shown alone')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector show :443', 'the only group on that port'],
        ['reuseport-inspector show udp:0.0.0.0:53', 'one of several'],
        ['reuseport-inspector show 3fa9c1d2', 'by the beginning of its id'],
        ['reuseport-inspector show before.json', 'what a snapshot holds'],
        ['reuseport-inspector show before.json :443', 'one group of it'],
      ),
    )
    .action(async (text: string, group: string | undefined, options) => {
      if (namesSnapshot(text)) {
        const { showSnapshot } = await import('./commands/show-snapshot.ts')
        return showSnapshot(text, group, options, context)
      }
      if (group !== undefined) throw badUsage(`'${text}' is not a snapshot file, so nothing may follow it.`)
      const { show } = await import('./commands/show.ts')
      await show(text, options, context)
    })

  filters(program.command('watch').description('watch the groups live'))
    .option('--all', 'list plain sockets too, each as a group of one')
    .addOption(
      new Option('--interval <TIME>', 'time between two refreshes, such as 500ms or 2s')
        .argParser(parseInterval)
        .default(1000, '1s'),
    )
    .addOption(new Option('--count <N>', 'end after this many refreshes').argParser(parseCount))
    .option('--no-owners', 'with --json: leave /proc alone')
    .option('--json', 'print one Snapshot per refresh, each as one line of JSON')
    .addHelpText(
      'after',
      `${examples(
        ['reuseport-inspector watch --port 443 --interval 500ms', 'one port, twice a second'],
        ['reuseport-inspector watch --json --count 10 > ten.ndjson', 'ten snapshots for later'],
      )}
Keys:
  up, down, page up, page down, home, end   scroll
  s, r     sort by the next column, reverse the order
  a        show or hide plain sockets
  space    pause and continue
  q        quit
`,
    )
    .action(async (options) => {
      const { watch } = await import('./commands/watch.ts')
      end(await watch(options, context))
    })

  registerFindings(program, context, examples, end)
  registerProbe(program, context, examples)
  registerMap(program, context, examples)
  registerPath(program, context, examples, end)
  registerPort(program, context, examples)
  registerBalance(program, context, examples)

  program
    .command('doctor')
    .description('say what this user can and cannot see here, and how to see more')
    .option('--json', 'print the checks as JSON')
    .addHelpText(
      'after',
      `${examples(
        ['reuseport-inspector doctor', 'what you cannot see, and what to do about it'],
        ['sudo reuseport-inspector doctor', 'what root would see'],
      )}
Exits with status 1 if something cannot be seen at all although there is a way to see it, otherwise with 0.
`,
    )
    .action(async (options) => {
      const { doctor } = await import('./commands/doctor.ts')
      end(await doctor(options, context))
    })

  registerSnapshots(program, context, end)
  registerLab(program, context, end)
  registerServe(program)

  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<SHELL>', 'the shell').choices(['bash', 'zsh', 'fish'] satisfies Shell[]))
    .addHelpText(
      'after',
      examples(
        ['source <(reuseport-inspector completion bash)', 'for this bash session; put it into ~/.bashrc to keep it'],
        ['reuseport-inspector completion zsh > ~/.zfunc/_reuseport-inspector', 'for zsh, where ~/.zfunc is in $fpath'],
        ['reuseport-inspector completion fish | source', 'for this fish session'],
      ),
    )
    .action(async (shell: Shell) => {
      const { completion } = await import('./commands/completion.ts')
      await completion(shell, program, context)
    })

  // What the completion scripts ask.
  program.command('ids', { hidden: true }).action(async () => {
    const { ids } = await import('./commands/ids.ts')
    await ids(context)
  })

  return program
}

const statuses = `
Exit status: 0 done, 1 something was found to be wrong or failed, 2 bad usage.
`

function forEachCommand(command: Command, action: (command: Command) => void): void {
  action(command)
  for (const child of command.commands) forEachCommand(child, action)
}
