/** Completion scripts, generated from the command definitions, so they cannot become outdated. */
import type { Command, Option } from 'commander'
import { VALUES_OF_OPTIONS, type ValueKind } from './completed-values.ts'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** What can be completed, as plain data. */
export type Description = {
  readonly name: string
  readonly options: readonly OptionDescription[]
  readonly commands: readonly CommandDescription[]
}
type CommandDescription = {
  readonly name: string
  readonly description: string
  readonly options: readonly OptionDescription[]
  /** Allowed values of its argument; empty where it takes none, or any value. */
  readonly values: readonly string[]
  /** What its first argument can name besides: the shell runs `values` to list it. */
  readonly asks: ValueKind | null
  /** Whether its first argument can name a file. */
  readonly files: boolean
  /** Subcommands: `lab` has `lab run`. */
  readonly commands: readonly CommandDescription[]
}
type OptionDescription = {
  readonly short: string | null
  readonly long: string
  readonly description: string
  /** null where the option takes no value; empty where it takes any. */
  readonly values: readonly string[] | null
  /** The shell runs `values` to list them. */
  readonly asks: ValueKind | null
  /** Whether the value is a file. */
  readonly files: boolean
}

/** Reads the visible commands and options of a program. */
export function describe(program: Command): Description {
  const help = program.createHelp()
  const optionsOf = (command: Command) => help.visibleOptions(command).map(describeOption)
  const commandsOf = (command: Command) => help.visibleCommands(command).filter((child) => child.name() !== 'help')
  const describeCommand = (command: Command): CommandDescription => ({
    name: command.name(),
    description: command.description(),
    options: optionsOf(command),
    values: [
      ...(command.registeredArguments[0]?.argChoices ?? []),
      ...(/\bnow for this machine/.test(command.registeredArguments.map((one) => one.description).join())
        ? ['now']
        : []),
    ],
    asks: /GROUP/.test(argumentOf(command)) ? 'groups' : argumentOf(command) === 'PORT' ? 'ports' : null,
    files: /FILE|^[AB]$/.test(argumentOf(command)),
    commands: commandsOf(command).map(describeCommand),
  })
  const commands = commandsOf(program).map(describeCommand)
  const helping = help.visibleCommands(program).filter((command) => command.name() === 'help')
  return {
    name: program.name(),
    options: optionsOf(program),
    commands: [
      ...commands,
      ...helping.map((command) => ({
        ...describeCommand(command),
        options: [],
        values: commands.map(({ name }) => name),
      })),
    ],
  }
}

function argumentOf(command: Command): string {
  return command.registeredArguments[0]?.name() ?? ''
}

/** What can follow the command: a subcommand, or an allowed value. */
function completionsOf({ commands, values }: CommandDescription): readonly string[] {
  return commands.length > 0 ? commands.map(({ name }) => name) : values
}

function describeOption(option: Option): OptionDescription {
  return {
    short: option.short ?? null,
    long: option.long ?? option.flags,
    description: option.description,
    values: option.required || option.optional ? (option.argChoices ?? []) : null,
    asks: VALUES_OF_OPTIONS[option.long ?? ''] ?? null,
    files: /<FILE>/.test(option.flags),
  }
}

/** The script for a shell to evaluate. */
export function completionScript(shell: Shell, description: Description): string {
  return { bash, zsh, fish }[shell](description)
}

function bash({ name, options, commands }: Description): string {
  const identifier = `_${name.replaceAll('-', '_')}`
  const flags = (list: readonly OptionDescription[]) =>
    list.flatMap(({ short, long }) => (short ? [short, long] : [long]))
  const subcommands = commands.flatMap((command) =>
    command.commands.map((child) => ({ ...child, name: `${command.name} ${child.name}` })),
  )
  const all = [...commands, ...subcommands]
  const values = all.flatMap((command) =>
    command.options.flatMap((option) => {
      if (option.values === null) return []
      const pattern = flags([option])
        .map((flag) => `${quote(command.name)}:${flag}`)
        .join('|')
      const sets = option.asks === null ? `words=${quote(option.values.join(' '))}` : `asks=${option.asks}`
      return [`    ${pattern}) ${sets} ;;`]
    }),
  )
  return `# bash completion for ${name}
${identifier}() {
  local line=\${COMP_LINE:0:COMP_POINT} cur prev command= word words= asks=
  local -a typed
  # Not COMP_WORDS: bash splits those at colons and equals signs, which endpoints and filters have.
  read -ra typed <<<"$line"
  [[ $line == *[[:space:]] ]] && typed+=('')
  cur=\${typed[-1]} prev=\${typed[-2]}
  if [[ $cur == --*=* ]]; then
    prev=\${cur%%=*} cur=\${cur#*=}
  fi
  for word in "\${typed[@]:1:\${#typed[@]}-2}"; do
    case "$command $word" in
      ${commands.map(({ name }) => quote(` ${name}`)).join('|')}) command=$word ;;
      ${subcommands.map(({ name }) => quote(name)).join('|')}) command="$command $word" ;;
    esac
  done
  case $command:$prev in
${values.join('\n')}
    :*) words=${quote([...commands.map((command) => command.name), ...flags(options)].join(' '))} ;;
${all.map((command) => `    ${quote(command.name)}:*) words=${quote([...completionsOf(command), ...flags(command.options)].join(' '))}${command.asks === null ? '' : ` asks=${command.asks}`} ;;`).join('\n')}
  esac
  COMPREPLY=()
  # What comes from the machine must not be expanded, as compgen would.
  while IFS= read -r word; do
    [[ -n $word && $word == "$cur"* ]] && COMPREPLY+=("$word")
  done < <(
    printf '%s\\n' $words
    [[ -z $asks || $cur == -* ]] || ${name} values "$asks" 2>/dev/null | while IFS=$'\\t' read -r word _; do
      printf '%q\\n' "$word"
    done
  )
  [[ \${COMPREPLY[0]-} == *: ]] && compopt -o nospace 2>/dev/null
  # Bash replaces only what follows the last colon.
  [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]] && COMPREPLY=("\${COMPREPLY[@]#"\${cur%"\${cur##*:}"}"}")
  return 0
}
complete -o default -F ${identifier} ${name}
`
}

function zsh({ name, options, commands }: Description): string {
  const bracket = (text: string) => text.replace(/[[\]:\\]/g, '\\$&')
  const ask = (kind: ValueKind) => ` _${name}_values ${kind}`
  const actionOf = ({ values, asks, files }: OptionDescription) => {
    if (asks !== null) return ask(asks)
    if (files) return '_files'
    return values !== null && values.length > 0 ? `(${values.join(' ')})` : ' '
  }
  const argument = (option: OptionDescription) => {
    const value = option.values === null ? '' : `:${option.long.slice(2)}:${actionOf(option)}`
    const text = `[${bracket(option.description)}]${value}`
    return option.short === null
      ? quote(`${option.long}${text}`)
      : `${quote(`(${option.short} ${option.long})`)}{${option.short},${option.long}}${quote(text)}`
  }
  const list = (entries: readonly string[]) => entries.map((entry) => ` \\\n        ${entry}`).join('')
  const positional = ({ values, asks, files }: CommandDescription) => {
    if (asks !== null) return [quote(`1:${asks}:${files ? `{_${name}_values ${asks}; _files}` : ask(asks)}`)]
    if (files) return [quote(values.length > 0 ? `*:file:{compadd ${values.join(' ')}; _files}` : '*:file:_files')]
    return values.length > 0 ? [quote(`1:value:(${values.join(' ')})`)] : []
  }
  const branch = (command: CommandDescription, indent: string): string => {
    const { commands } = command
    const specs = [
      ...(commands.length > 0
        ? [quote(`1:command:(${completionsOf(command).join(' ')})`), quote('*::argument:->own')]
        : positional(command)),
      ...command.options.map(argument),
    ]
    if (specs.length === 0) return `${indent}${command.name}) : ;;`
    if (commands.length === 0) return `${indent}${command.name}) _arguments${list(specs)} ;;`
    return `${indent}${command.name}) _arguments -C${list(specs)}
${indent}  [[ $state == own ]] && case $line[1] in
${commands.map((child) => branch(child, `${indent}    `)).join('\n')}
${indent}  esac ;;`
  }
  return `#compdef ${name}
# zsh completion for ${name}
_${name}_values() {
  local -a found
  found=(\${(f)"$(${name} values $1 2>/dev/null)"})
  found=(\${\${found//:/\\\\:}/$'\\t'/:})
  _describe -t $1 $1 found
}
_${name}() {
  local curcontext="$curcontext" state line
  local -a commands
  typeset -A opt_args
  commands=(
${commands.map((command) => `    ${quote(`${command.name}:${command.description.replaceAll(':', '\\:')}`)}`).join('\n')}
  )
  _arguments -C${list([...options.map(argument), "'1:command:->command'", "'*::argument:->argument'"])}
  case $state in
    command) _describe -t commands command commands ;;
    argument)
      case $line[1] in
${commands.map((command) => branch(command, '      ')).join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`
}

function fish({ name, options, commands }: Description): string {
  const ask = (kind: ValueKind) => quote(`(${name} values ${kind} 2>/dev/null)`)
  const takes = (values: readonly string[], asks: ValueKind | null, files: boolean) => {
    if (asks !== null) return `-x -a ${ask(asks)}`
    if (files) return '-r -F'
    return values.length > 0 ? `-x -a ${quote(values.join(' '))}` : '-x'
  }
  const flags = (condition: string, list: readonly OptionDescription[]) =>
    list.map(({ short, long, description, values, asks, files }) =>
      [
        `complete -c ${name} -n ${quote(condition)}`,
        ...(short === null ? [] : [`-s ${short.slice(1)}`]),
        `-l ${long.slice(2)}`,
        ...(values === null ? [] : [takes(values, asks, files)]),
        `-d ${quote(description)}`,
      ].join(' '),
    )
  const script = [
    `# fish completion for ${name}`,
    `complete -c ${name} -f`,
    ...commands.map(
      (command) => `complete -c ${name} -n __fish_use_subcommand -a ${command.name} -d ${quote(command.description)}`,
    ),
    ...flags('__fish_use_subcommand', options),
    ...commands.flatMap((command) => {
      const seen = `__fish_seen_subcommand_from ${command.name}`
      const own = completionsOf({ ...command, values: [] }).join(' ')
      if (own === '') return lines(command, seen)
      return [
        ...lines(command, `${seen}; and not __fish_seen_subcommand_from ${own}`),
        ...command.commands.flatMap((child) => lines(child, `${seen}; and __fish_seen_subcommand_from ${child.name}`)),
      ]
    }),
  ]
  return `${script.join('\n')}\n`

  function lines(command: CommandDescription, condition: string): string[] {
    const words = completionsOf(command)
    const values = words.length > 0 ? [`complete -c ${name} -n ${quote(condition)} -a ${quote(words.join(' '))}`] : []
    const there = `complete -c ${name} -n ${quote(condition)}`
    const asked = command.asks === null ? [] : [`${there} -a ${ask(command.asks)}`]
    const files = command.files ? [`${there} -F`] : []
    return [...values, ...asked, ...files, ...flags(condition, command.options)]
  }
}

/** Quoted for all three shells. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
