/** The command line: every command, option and example. A command's code is loaded only when it runs. */
import { Argument, Command, CommanderError, Option } from 'commander'
import { version } from '../../../package.json'
import { registerServe } from '../server/command.ts'
import { registerEngine } from '../stdio/command.ts'
import {
  registerBalance,
  registerFindings,
  registerMap,
  registerPath,
  registerPort,
  registerProbe,
} from './analysis-program.ts'
import { registerCheck } from './check-program.ts'
import { VALUE_KINDS, type ValueKind } from './completed-values.ts'
import type { Shell } from './completion.ts'
import type { Context } from './context.ts'
import { registerDuring } from './during-program.ts'
import { registerEvents } from './event-program.ts'
import { EXIT_STATUS_HELP, ExitStatus, foundHelp } from './exit-status.ts'
import { asFailure, formatProblem, usageError } from './failure.ts'
import { registerHost } from './host-program.ts'
import { documentOf } from './json.ts'
import { registerLab } from './lab-program.ts'
import { lists } from './listing/list-options.ts'
import { sorting, tables } from './listing/table-options.ts'
import { parseCount, parseHosts, parseInterval } from './option-values.ts'
import {
  carrierOf,
  countOption,
  examples,
  filterOption,
  filters,
  hosts,
  netnsOption,
  protocolOption,
} from './options.ts'
import { sanitize, sanitizeJson } from './sanitize.ts'
import { namesSnapshot, registerSnapshots } from './snapshot-commands.ts'
import { COLOR_CHOICES, DOCUMENT_FORMATS, printError } from './terminal.ts'
import { WATCH_KEYS } from './watch/keys.ts'

/** Runs one command line (without `node` and the script). Returns the exit status. */
export async function run(args: readonly string[], context: Context): Promise<ExitStatus> {
  const ending: { status: ExitStatus } = { status: ExitStatus.Success }
  const written: Promise<void>[] = []
  const end = (status: ExitStatus) => {
    ending.status = status
  }
  const program = buildProgram(context, end, args[0])
  forEachCommand(program, (command) => {
    command.exitOverride().configureOutput({
      writeOut: (text) => void written.push(context.terminal.write(text)),
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(context.terminal.width, 100),
      getOutHasColors: () => context.terminal.color,
    })
  })
  try {
    await program.parseAsync(args.length === 0 ? ['--help'] : [...args], { from: 'user' })
  } catch (error) {
    ending.status = await printFailure(error, args, program, context)
  }
  await Promise.all(written)
  if (!REPORTS_ITSELF.has(args[0] ?? '') && (await printShortfalls(context))) ending.status ||= ExitStatus.Failed
  return ending.status
}

/** Commands that report missing data themselves, or whose output a shell reads. */
const REPORTS_ITSELF: ReadonlySet<string> = new Set(['doctor', 'values'])

/** Prints what could not be read for the answer; true where that makes the answer incomplete. */
async function printShortfalls({ terminal, shortfalls }: Context): Promise<boolean> {
  const lacking = await shortfalls()
  for (const { problem } of lacking) printError(terminal, formatProblem(problem))
  return lacking.some(({ shortfall }) => shortfall.kind === 'fault')
}

async function printFailure(
  error: unknown,
  args: readonly string[],
  program: Command,
  { terminal }: Context,
): Promise<ExitStatus> {
  if (error instanceof CommanderError && error.exitCode === 0) return ExitStatus.Success
  const { message, status } = error instanceof CommanderError ? usageFailure(error, args, program) : asFailure(error)
  const given = args.includes('--') ? args.slice(0, args.indexOf('--')) : args
  if (given[0] === 'check' && given.includes('--nagios')) {
    // A monitoring system reads standard output, and takes any other status for a state of the machine.
    await terminal.write(`UNKNOWN - ${sanitize(message.replace(/\s+/g, ' '))}\n`)
    return ExitStatus.Failed
  }
  if (asksForDocuments(given)) {
    terminal.writeError(`${sanitizeJson(JSON.stringify(documentOf('error', { status, message })))}\n`)
    return status
  }
  for (const [at, text] of message.split('\n').entries()) {
    if (at === 0) printError(terminal, text)
    else terminal.writeError(`${sanitize(text)}\n`)
  }
  return status
}

/** Whether a command line, which may be wrong, asks for JSON or YAML: of that, JSON is a part. */
function asksForDocuments(args: readonly string[]): boolean {
  const format = args.flatMap((word, at) => {
    if (word === '-o' || word === '--output') return [args[at + 1]]
    return /^(?:-o|--output=)(?<value>.+)$/.exec(word)?.groups?.value ?? []
  })
  return args.includes('--json') || DOCUMENT_FORMATS.some((one) => format.includes(one))
}

/** A command line that the library refuses, as a sentence. */
function usageFailure(error: CommanderError, args: readonly string[], program: Command) {
  // `lab` alone, `help nonsense`: the library would print help without an error message.
  if (error.code === 'commander.help') return usageError(`${missingCommandMessage(args, program)} Try \`--help\`.`)
  const meant = error.code === 'commander.excessArguments' ? commandFor(args) : null
  if (meant !== null) return usageError(meant)
  const sentence = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ')
  return usageError(`${sentence.replace(/([^.?!)])$/, '$1.')} Try \`--help\`.`)
}

/** Which command was meant where a list is given a group or ports: `groups :8443`, `groups 8080-8090`. null: unknown. */
function commandFor([command = '', ...rest]: readonly string[]): string | null {
  if (!['groups', 'sockets', 'watch'].includes(command)) return null
  const given = rest.find((word) => !word.startsWith('-')) ?? ''
  const { ports } = /^(?<ports>\d{1,5}(?:[-,]\d{1,5})*)$/.exec(given)?.groups ?? {}
  if (ports !== undefined) {
    const all = /[-,]/.test(ports) ? '' : `, and \`port ${ports}\` shows everything on it`
    return `'${command}' takes ports as an option: \`${command} --port ${ports}\`${all}.`
  }
  const { port } = /^\[?[\w.:*%]*\]?:(?<port>\d{1,5})$/.exec(given)?.groups ?? {}
  if (port === undefined) return null
  return `'${command}' takes no group: \`show ${given}\` shows one, \`port ${port}\` everything on the port, and \`${command} --port ${port}\` lists only that port.`
}

/** The error message for a command line that names no command to run. */
function missingCommandMessage(args: readonly string[], program: Command): string {
  const words = args.filter((word) => word !== 'help')
  const command = program.commands.find((candidate) => candidate.name() === words[0])
  if (words.length < args.length || command === undefined) return `unknown command '${words.join(' ')}'.`
  return `'${command.name()}' needs a subcommand: ${command.commands.map((child) => child.name()).join(', ')}.`
}

type Register = (program: Command, context: Context, end: (status: ExitStatus) => void) => void

/** The commands in the order of --help, with what makes them. */
const COMMANDS: readonly (readonly [names: readonly string[], register: Register])[] = [
  [['groups'], registerGroups],
  [['sockets'], registerSockets],
  [['show'], registerShow],
  [['watch'], registerWatch],
  [['findings'], registerFindings],
  [['check'], registerCheck],
  [['during'], registerDuring],
  [['events'], registerEvents],
  [['probe'], registerProbe],
  [['map'], registerMap],
  [['path'], registerPath],
  [['port'], registerPort],
  [['balance'], registerBalance],
  [['doctor'], registerDoctor],
  [['snapshot', 'diff', 'export', 'record', 'play'], registerSnapshots],
  [['lab'], registerLab],
  [['host'], registerHost],
  [['serve'], registerServe],
  [['engine'], registerEngine],
  [['completion', 'values'], registerCompletion],
]
/** Commands that need no other one: the completion scripts are made of all of them. */
const SINGLE: ReadonlySet<string> = new Set(COMMANDS.flatMap(([names]) => (names.includes('completion') ? [] : names)))

/**
 * The program with all its commands. `end` receives the exit status of a command that did not throw. Where `wanted` is
 * the name of a command, only that one is made: making all of them takes 15 ms.
 */
export function buildProgram(context: Context, end: (status: ExitStatus) => void = () => {}, wanted?: string): Command {
  const program = new Command('reuseport-inspector')
    .description('See the sockets that share a port: every SO_REUSEPORT group, its members, owners, queues and drops.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [COMMAND]', 'print help for a command')
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector groups', 'list every group on this machine'],
        ['reuseport-inspector show :443', 'show the members of one group'],
        ['reuseport-inspector watch', 'watch the groups live'],
        ['reuseport-inspector groups --host web7', 'another host, over ssh'],
      ) + EXIT_STATUS_HELP,
    )

  for (const [names, register] of COMMANDS) {
    if (wanted === undefined || !SINGLE.has(wanted) || names.includes(wanted)) register(program, context, end)
  }

  forEachCommand(program, (command) => {
    if (command.commands.length > 0) return
    if (printsDocuments(command) && !has(command, '--output')) command.addOption(documentOption())
    command.addOption(new Option('--color <WHEN>', 'color the output').choices(COLOR_CHOICES).helpGroup('Output:'))
  })
  program.hook('preAction', async (_program, command) => {
    const { color, filter, owners, output } = command.opts()
    const documents = printsDocuments(command) ? DOCUMENT_FORMATS.find((format) => format === output) : undefined
    if (documents !== undefined) {
      context.terminal.chooseDocuments(documents)
      command.setOptionValue('json', true)
    }
    if (color !== undefined) context.terminal.chooseColor(color)
    if (filter !== undefined) {
      const { parseGroupFilter } = await import('./group-filter.ts')
      parseGroupFilter(filter, command.name(), { owners })
    }
    const carrier = await carrierOf(command.opts())
    if (carrier === null) return
    if (readsFilesOnly(command))
      throw usageError(
        'A snapshot file is on this machine: leave out --host and --via, or use `now` for the other host.',
      )
    await context.readFrom(carrier)
  })
  return program
}

function registerGroups(program: Command, context: Context, end: (status: ExitStatus) => void): void {
  lists(program.command('groups').description('list groups of sockets that share a port, those with a problem first'))
    .option('-a, --all', 'include unshared sockets, each as a group of one')
    .option('--no-owners', 'do not read /proc: faster, but no owners or pollers')
    .addOption(countOption())
    .addOption(
      new Option('--hosts <LIST>', 'read these hosts at once, separated by commas; ssh asks no questions')
        .argParser(parseHosts)
        .conflicts(['host', 'via', 'output', 'columns', 'sort', 'finding']),
    )
    .option('--json', 'print one Snapshot as JSON; with --hosts, one per line as each host answers')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector groups --protocol tcp --port 443', 'which sockets share TCP port 443'],
        ['reuseport-inspector groups --sharing reuseaddr', 'where the newest socket receives everything'],
        ['reuseport-inspector groups -tl --sort -queue --columns +total', 'in the order of the fullest queue'],
        ["reuseport-inspector groups --filter 'unit:nginx.service drops:>0'", 'as in the window: terms of its filter'],
        ['reuseport-inspector groups --port 80,8000-8100 -H --columns endpoint,members', 'two words a line'],
        ["reuseport-inspector groups --json | jq '.groups[].port'", 'for scripts'],
        ['reuseport-inspector groups --hosts web-11,web-12', 'several hosts in one table, worst first'],
      ),
    )
    .action(async (options) => {
      if (options.hosts !== undefined) {
        const { fleetGroups } = await import('./commands/fleet-groups.ts')
        end(await fleetGroups(options.hosts, options, context))
        return
      }
      const { groups } = await import('./commands/groups.ts')
      await groups(options, context)
    })
}

function registerSockets(program: Command, context: Context): void {
  lists(program.command('sockets').description('list individual sockets, one per row, including unshared ones'))
    .addOption(new Option('-a, --all').hideHelp())
    .option('--no-owners', 'do not read /proc: faster, but no owners')
    .option('--json', 'print one Snapshot, including unshared sockets, as JSON')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector sockets --user www-data', 'sockets of one user'],
        ['reuseport-inspector sockets -tlnp', 'as with ss'],
        ['reuseport-inspector sockets --port 53 --no-owners', 'fast: does not read /proc'],
      ),
    )
    .action(async (options) => (await import('./commands/sockets.ts')).sockets(options, context))
}

function registerShow(program: Command, context: Context): void {
  const command = hosts(program.command('show'))
    .description('show one group: its members, how they share the port, and the evidence; or a snapshot file')
    .argument(
      '<GROUP|FILE>',
      'a group id or a prefix of at least 4 digits, an endpoint such as :443, or a snapshot file',
    )
    .argument('[GROUP]', 'a group in that file')
    .addOption(protocolOption())
    .addOption(netnsOption())
    .option('--no-owners', 'do not read /proc: faster, but no owners or pollers')
    .addOption(countOption())
    .option('--flows', 'which clients go to which member, sampled for the time of --for, or two seconds (as root)')
  sorting(tables(command))
    .option('--json', 'print a Snapshot of only what is shown, as JSON')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector show :443', 'the only group on that port'],
        ['reuseport-inspector show udp:0.0.0.0:53', 'one of several'],
        ['reuseport-inspector show 3fa9c1d2', 'by id prefix'],
        ['reuseport-inspector show :443 --for 5s', 'with what each member is given, counted for five seconds'],
        ['reuseport-inspector show :53 --flows --for 10s', 'with the clients of ten seconds, and where each went'],
        ['reuseport-inspector show :443 -o csv', 'its members, one per row'],
        ['reuseport-inspector show before.json', 'the contents of a snapshot'],
        ['reuseport-inspector show before.json :443', 'one group of that snapshot'],
      ),
    )
    .action(async (text: string, group: string | undefined, options) => {
      if (namesSnapshot(text)) {
        if (options.for !== undefined) throw usageError('--for counts on a live machine; a snapshot file is not.')
        if (options.flows) throw usageError('--flows samples on a live machine; a snapshot file shows what it has.')
        const { showSnapshot } = await import('./commands/show-snapshot.ts')
        return showSnapshot(text, group, options, context)
      }
      if (group !== undefined)
        throw usageError(`'${text}' is not a snapshot file, so a second argument is not allowed.`)
      const { show } = await import('./commands/show.ts')
      await show(text, options, context)
    })
}

function registerWatch(program: Command, context: Context, end: (status: ExitStatus) => void): void {
  filters(program.command('watch').description('watch the groups live'))
    .option('--all', 'include unshared sockets, each as a group of one')
    .addOption(filterOption())
    .addOption(
      new Option('--interval <TIME>', 'time between refreshes, such as 500ms or 2s')
        .argParser(parseInterval)
        .default(1000, '1s'),
    )
    .addOption(new Option('--count <N>', 'stop after this many refreshes').argParser(parseCount))
    .option('--no-owners', 'with --json: do not read /proc')
    .option('--json', 'print one Snapshot per refresh, each as one line of JSON')
    .addHelpText(
      'after',
      `${examples(
        ['reuseport-inspector watch --port 443 --interval 500ms', 'one port, twice per second'],
        ['reuseport-inspector watch --json --count 10 > ten.ndjson', 'save ten snapshots'],
      )}
Keys:
${WATCH_KEYS.map(([keys, meaning]) => `  ${keys.padEnd(12)}  ${meaning}`).join('\n')}
`,
    )
    .action(async (options) => end(await (await import('./commands/watch.ts')).watch(options, context)))
}

function registerDoctor(program: Command, context: Context, end: (status: ExitStatus) => void): void {
  hosts(program.command('doctor'))
    .description('show what this user can and cannot see here, and how to see more')
    .option('--json', 'print the checks as JSON')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector doctor', 'what is hidden from you, and what to do about it'],
        ['sudo reuseport-inspector doctor', 'what root would see'],
      ) + foundHelp('doctor'),
    )
    .action(async (options) => end(await (await import('./commands/doctor.ts')).doctor(options, context)))
}

function registerCompletion(program: Command, context: Context): void {
  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<SHELL>', 'the shell').choices(['bash', 'zsh', 'fish'] satisfies Shell[]))
    .addHelpText(
      'after',
      examples(
        ['source <(reuseport-inspector completion bash)', 'for this bash session; add it to ~/.bashrc to keep it'],
        ['reuseport-inspector completion zsh > ~/.zfunc/_reuseport-inspector', 'for zsh, where ~/.zfunc is in $fpath'],
        ['reuseport-inspector completion fish | source', 'for this fish session'],
      ),
    )
    .action(async (shell: Shell) => (await import('./commands/completion.ts')).completion(shell, program, context))

  // Called by the completion scripts.
  program
    .command('values', { hidden: true })
    .addArgument(new Argument('<KIND>').choices(VALUE_KINDS))
    .action(async (kind: ValueKind) => (await import('./commands/values.ts')).values(kind, context))
}

/** Whether its arguments name snapshots, none of which is of the machine as it is now. */
function readsFilesOnly(command: Command): boolean {
  if (!['show', 'diff', 'export'].includes(command.name())) return false
  return !command.args.includes('now') && command.args.some((text) => namesSnapshot(text))
}

function has(command: Command, flag: string): boolean {
  return command.options.some(({ long }) => long === flag)
}

/** Whether it prints a document, where it is asked for one. */
function printsDocuments(command: Command): boolean {
  return has(command, '--json')
}

/** The format of a command that prints a page by default. */
function documentOption(): Option {
  return new Option('-o, --output <FORMAT>', 'format: a page of text by default')
    .choices(['table', ...DOCUMENT_FORMATS])
    .conflicts(['json', 'format', 'nagios', 'junit'])
}

function forEachCommand(command: Command, action: (command: Command) => void): void {
  action(command)
  for (const child of command.commands) forEachCommand(child, action)
}
