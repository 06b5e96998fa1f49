/** Completion scripts, generated from the command definitions, so they cannot become outdated. */
import type { Command, Option } from 'commander'

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
  /** Whether its first argument can name a group: the shell runs `ids` to list them. */
  readonly groups: boolean
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
    values: command.registeredArguments[0]?.argChoices ?? [],
    groups: /GROUP/.test(argumentOf(command)),
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
    command.options.flatMap((option) =>
      option.values === null
        ? []
        : [`    ${quote(command.name)}:${option.long}) words=${quote(option.values.join(' '))} ;;`],
    ),
  )
  const asked = `; [[ $cur == -* ]] || words+=" $(${name} ids 2>/dev/null | cut -f 1)"`
  return `# bash completion for ${name}
${identifier}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= word words
  # Bash splits "--option=value" at the equals sign.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = && $COMP_CWORD -gt 1 ]]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$command $word" in
      ${commands.map(({ name }) => quote(` ${name}`)).join('|')}) command=$word ;;
      ${subcommands.map(({ name }) => quote(name)).join('|')}) command="$command $word" ;;
    esac
  done
  case $command:$prev in
${values.join('\n')}
    :*) words=${quote([...commands.map((command) => command.name), ...flags(options)].join(' '))} ;;
${all.map((command) => `    ${quote(command.name)}:*) words=${quote([...completionsOf(command), ...flags(command.options)].join(' '))}${command.groups ? asked : ''} ;;`).join('\n')}
  esac
  COMPREPLY=()
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "$cur")
}
complete -o default -F ${identifier} ${name}
`
}

function zsh({ name, options, commands }: Description): string {
  const bracket = (text: string) => text.replace(/[[\]:\\]/g, '\\$&')
  const argument = (option: OptionDescription) => {
    const value =
      option.values === null
        ? ''
        : `:${option.long.slice(2)}:${option.values.length > 0 ? `(${option.values.join(' ')})` : ' '}`
    const text = `[${bracket(option.description)}]${value}`
    return option.short === null
      ? quote(`${option.long}${text}`)
      : `${quote(`(${option.short} ${option.long})`)}{${option.short},${option.long}}${quote(text)}`
  }
  const list = (entries: readonly string[]) => entries.map((entry) => ` \\\n        ${entry}`).join('')
  const positional = ({ values, groups, files }: CommandDescription) => {
    if (groups) return [quote(`1:group:_${name}_groups`)]
    if (files) return [quote('*:file:_files')]
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
_${name}_groups() {
  local -a groups
  groups=(\${\${(f)"$(${name} ids 2>/dev/null)"}/$'\\t'/:})
  _describe -t groups group groups
  _files
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
  const flags = (condition: string, list: readonly OptionDescription[]) =>
    list.map(({ short, long, description, values }) =>
      [
        `complete -c ${name} -n ${quote(condition)}`,
        ...(short === null ? [] : [`-s ${short.slice(1)}`]),
        `-l ${long.slice(2)}`,
        ...(values === null ? [] : [values.length > 0 ? `-x -a ${quote(values.join(' '))}` : '-x']),
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
    const groups = command.groups ? [`${there} -a ${quote(`(${name} ids 2>/dev/null)`)}`] : []
    const files = command.files ? [`${there} -F`] : []
    return [...values, ...groups, ...files, ...flags(condition, command.options)]
  }
}

/** Quoted for all three shells. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
