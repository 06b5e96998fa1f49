/** The options of the commands that list groups or sockets, with the letters of ss(8). */
import { type Command, Option } from 'commander'
import { type Filters, parseCodes } from '../option-values.ts'
import { filterOption, filters } from '../options.ts'
import { sorting, type TableOptions, tables } from './table-options.ts'

export type ListOptions = TableOptions &
  Filters & {
    readonly finding?: readonly string[]
    readonly owners: boolean
    /** Milliseconds to count what members are given. */
    readonly for?: number
    readonly extended?: boolean
  }

/** Adds the options. */
export function lists(command: Command): Command {
  const filtered = filters(command)
    .addOption(new Option('--finding <CODES>', 'only groups with one of these findings').argParser(parseCodes))
    .addOption(filterOption())
  return sorting(tables(filtered))
    .option('-e, --extended', 'more columns')
    .addOption(new Option('-n, --numeric').hideHelp())
    .addOption(new Option('-p, --processes').hideHelp())
}
