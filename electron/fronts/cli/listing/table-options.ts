/** The options for the format and the columns of a table. */
import { type Command, Option } from 'commander'

const TABLE_FORMATS = ['table', 'wide', 'json', 'ndjson', 'csv', 'tsv', 'yaml'] as const
type TableFormat = (typeof TABLE_FORMATS)[number]

export type TableOptions = {
  readonly json?: boolean
  readonly output?: TableFormat
  readonly columns?: string
  readonly sort?: string
  /** False where -H is given. */
  readonly header: boolean
}

/** Adds the options. `formats`: those that the command has. */
export function tables(command: Command, formats: readonly TableFormat[] = TABLE_FORMATS): Command {
  return command
    .addOption(new Option('-o, --output <FORMAT>', 'format: a table by default').choices(formats).conflicts('json'))
    .option('--columns <NAMES>', 'these columns, or changes such as +uid,-id; help lists them')
    .option('-H, --no-header', 'no line with the names of the columns')
}

/** Adds the option for the order of rows. */
export function sorting(command: Command): Command {
  return command.option('--sort <COLUMN>', 'by this column; -COLUMN: the largest first')
}

/** Whether they ask for rows where a command prints a page by default: a format of tables, or other columns. */
export function asksForRows(options: TableOptions): boolean {
  if (options.columns !== undefined || options.sort !== undefined || !options.header) return true
  return ['wide', 'csv', 'tsv'].includes(formatOf(options))
}

/** The format: --json is short for `-o json`. */
export function formatOf({ json, output }: Pick<TableOptions, 'json' | 'output'>): TableFormat {
  return output ?? (json === true ? 'json' : 'table')
}
