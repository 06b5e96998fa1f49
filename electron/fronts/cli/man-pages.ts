/** The manual pages, one for each command, made of what --help prints: `npm run generate` writes them (man(7)). */
import type { Command, Help } from 'commander'

/** A page by the name of its file, such as `reuseport-inspector-lab-run.1`. */
export type ManPage = { readonly file: string; readonly text: string }

/** A term and its meaning. */
type Rows = readonly (readonly [term: string, meaning: string])[]

/** The pages of the program and of all its visible commands. `shared`: further sections of the program's page. */
export function manPages(program: Command, shared: Readonly<Record<string, Rows>>): ManPage[] {
  const help = program.createHelp()
  return withDescendants(program, help).map((command) => {
    const name = pageName(command)
    const lines = [
      `.TH ${roff(name.toUpperCase())} 1 "" "Reuseport Inspector" "User Commands"`,
      '.SH NAME',
      `${roff(name)} \\- ${roff(help.commandDescription(command))}`,
      '.SH SYNOPSIS',
      `.B ${roff(help.commandUsage(command))}`,
      ...tableSection(
        'ARGUMENTS',
        help.visibleArguments(command).map((one) => [one.name(), help.argumentDescription(one)]),
      ),
      ...tableSection(
        'OPTIONS',
        help.visibleOptions(command).map((one) => [help.optionTerm(one), help.optionDescription(one)]),
      ),
      ...tableSection(
        'COMMANDS',
        children(command, help).map((child) => [help.subcommandTerm(child), help.subcommandDescription(child)]),
      ),
      ...sectionsAfterHelp(command),
      ...(command === program ? Object.entries(shared).flatMap(([title, rows]) => tableSection(title, rows)) : []),
      ...seeAlso(command, program, help),
    ]
    return { file: `${name}.1`, text: `${lines.join('\n')}\n` }
  })
}

function withDescendants(command: Command, help: Help): Command[] {
  return [command, ...children(command, help).flatMap((child) => withDescendants(child, help))]
}

function children(command: Command, help: Help): Command[] {
  return help.visibleCommands(command).filter((child) => child.name() !== 'help')
}

function pageName(command: Command): string {
  return command.parent === null ? command.name() : `${pageName(command.parent)}-${command.name()}`
}

function tableSection(title: string, rows: Rows): string[] {
  if (rows.length === 0) return []
  return [`.SH ${title}`, ...rows.flatMap(([term, meaning]) => ['.TP', `.B ${roff(term)}`, roff(meaning)])]
}

/** What --help prints below the options: examples, keys, exit statuses, and what else there is to say. */
function sectionsAfterHelp(command: Command): string[] {
  let text = ''
  const writeOut = (part: string) => {
    text += part
  }
  command.configureOutput({ writeOut }).outputHelp()
  return text
    .slice(command.helpInformation().length)
    .split(/\n\n+/)
    .map((block) => block.replace(/^\n+|\n+$/g, ''))
    .filter((block) => block !== '')
    .flatMap(blockSection)
}

function blockSection(block: string): string[] {
  const [first = '', ...rest] = block.split('\n')
  if (first === 'Examples:') return ['.SH EXAMPLES', ...rest.flatMap(exampleLine)]
  if (/^[A-Z][^:]*:$/.test(first)) return [`.SH ${roff(first.slice(0, -1).toUpperCase())}`, ...verbatim(rest)]
  const [, title, sentence] = /^(Exit status): (.*)$/s.exec(block) ?? []
  if (title !== undefined && sentence !== undefined) return ['.SH EXIT STATUS', roff(oneLine(sentence))]
  return ['.SH NOTES', roff(oneLine(block))]
}

function exampleLine(text: string): string[] {
  const trimmed = text.trim()
  return trimmed.startsWith('# ') ? ['.PP', `${roff(trimmed.slice(2))}:`] : ['.RS 4', ...verbatim([trimmed]), '.RE']
}

function verbatim(lines: readonly string[]): string[] {
  return ['.nf', ...lines.map(roff), '.fi']
}

function seeAlso(command: Command, program: Command, help: Help): string[] {
  const others = [program, ...children(command, help), ...(command.parent === program ? [] : [command.parent])]
  const names = [...new Set(others.filter((one) => one !== null && one !== command))].map((one) =>
    one === null ? '' : `.BR ${roff(pageName(one))} (1)`,
  )
  return ['.SH SEE ALSO', ...[...names, '.BR ss (8)'].map((text, at, all) => (at < all.length - 1 ? `${text},` : text))]
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ')
}

/** Text for roff: what it would interpret is escaped. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(['.])/, '\\&$1')
}
