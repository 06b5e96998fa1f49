/** Completion scripts, made from the command line's own definition, so that they cannot fall behind it. */
import type { Command, Help, Option } from 'commander'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** What can be completed, in plain data. */
export type Description = {
  readonly name: string
  readonly options: readonly OptionDescription[]
  readonly commands: readonly {
    readonly name: string
    readonly description: string
    readonly options: readonly OptionDescription[]
    /** What its arguments may be; empty where it takes none, or where anything may stand. */
    readonly values: readonly string[]
    /** Whether its first argument may name a group: which there are is asked when it is completed. */
    readonly groups: boolean
    /** Whether its first argument may name a file. */
    readonly files: boolean
    /** Whether it has commands of its own: then there are arguments after the first. */
    readonly nested: boolean
  }[]
}
type OptionDescription = {
  readonly short: string | null
  readonly long: string
  readonly description: string
  /** null where the option takes no value; empty where any value may stand. */
  readonly values: readonly string[] | null
}

/** Reads the visible commands and options of a program. */
export function describe(program: Command): Description {
  const help = program.createHelp()
  const optionsOf = (command: Command) => help.visibleOptions(command).map(describeOption)
  const commands = help.visibleCommands(program)
  const names = commands.map((command) => command.name()).filter((name) => name !== 'help')
  return {
    name: program.name(),
    options: optionsOf(program),
    commands: commands.map((command) => ({
      name: command.name(),
      description: command.description(),
      options:
        command.name() === 'help'
          ? []
          : [command, ...help.visibleCommands(command)].flatMap(optionsOf).filter(firstOfItsName),
      values: command.name() === 'help' ? names : valuesOf(command, help),
      groups: /GROUP/.test(argumentOf(command)),
      files: /FILE|^[AB]$/.test(argumentOf(command)),
      nested: command.commands.length > 0,
    })),
  }
}

function argumentOf(command: Command): string {
  return command.registeredArguments[0]?.name() ?? ''
}

/** What its arguments may be: a choice; or a command of its own, and what that one's may be. */
function valuesOf(command: Command, help: Help): readonly string[] {
  if (command.commands.length === 0) return command.registeredArguments[0]?.argChoices ?? []
  const children = help.visibleCommands(command).filter((child) => child.name() !== 'help')
  return [...children.map((child) => child.name()), ...children.flatMap((child) => valuesOf(child, help))]
}

function firstOfItsName(option: OptionDescription, at: number, all: readonly OptionDescription[]): boolean {
  return all.findIndex(({ long }) => long === option.long) === at
}

function describeOption(option: Option): OptionDescription {
  return {
    short: option.short ?? null,
    long: option.long ?? option.flags,
    description: option.description,
    values: option.required || option.optional ? (option.argChoices ?? []) : null,
  }
}

/** The script that a shell evaluates. */
export function completionScript(shell: Shell, description: Description): string {
  return { bash, zsh, fish }[shell](description)
}

function bash({ name, options, commands }: Description): string {
  const identifier = `_${name.replaceAll('-', '_')}`
  const flags = (list: readonly OptionDescription[]) =>
    list.flatMap(({ short, long }) => (short ? [short, long] : [long]))
  const values = commands.flatMap((command) =>
    command.options.flatMap((option) =>
      option.values === null ? [] : [`    ${command.name}:${option.long}) words=${quote(option.values.join(' '))} ;;`],
    ),
  )
  const asked = `; [[ $cur == -* ]] || words+=" $(${name} ids 2>/dev/null | cut -f 1)"`
  return `# bash completion for ${name}
${identifier}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= word words
  # Bash parts "--option=value" at the equals sign.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = && $COMP_CWORD -gt 1 ]]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
      ${commands.map((command) => command.name).join('|')}) command=$word; break ;;
    esac
  done
  case $command:$prev in
${values.join('\n')}
    :*) words=${quote([...commands.map((command) => command.name), ...flags(options)].join(' '))} ;;
${commands.map((command) => `    ${command.name}:*) words=${quote([...command.values, ...flags(command.options)].join(' '))}${command.groups ? asked : ''} ;;`).join('\n')}
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
  const positional = ({ values, nested, groups, files }: Description['commands'][number]) => {
    if (groups) return [quote(`1:group:_${name}_groups`)]
    if (files) return [quote('*:file:_files')]
    return values.length > 0 ? [quote(`${nested ? '*' : '1'}:value:(${values.join(' ')})`)] : []
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
${commands
  .map((command) => {
    const specs = [...positional(command), ...command.options.map(argument)]
    return `      ${command.name}) ${specs.length === 0 ? ':' : `_arguments${list(specs)}`} ;;`
  })
  .join('\n')}
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
  const lines = [
    `# fish completion for ${name}`,
    `complete -c ${name} -f`,
    ...commands.map(
      (command) => `complete -c ${name} -n __fish_use_subcommand -a ${command.name} -d ${quote(command.description)}`,
    ),
    ...flags('__fish_use_subcommand', options),
    ...commands.flatMap((command) => {
      const condition = `__fish_seen_subcommand_from ${command.name}`
      const values =
        command.values.length > 0
          ? [`complete -c ${name} -n ${quote(condition)} -a ${quote(command.values.join(' '))}`]
          : []
      const there = `complete -c ${name} -n ${quote(condition)}`
      const groups = command.groups ? [`${there} -a ${quote(`(${name} ids 2>/dev/null)`)}`] : []
      const files = command.files ? [`${there} -F`] : []
      return [...values, ...groups, ...files, ...flags(condition, command.options)]
    }),
  ]
  return `${lines.join('\n')}\n`
}

/** In single quotes, as all three shells read them. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
