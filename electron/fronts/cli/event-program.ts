/** The command `events`, with its options and examples. */
import { type Command, Option } from 'commander'
import { EVENT_KINDS } from '../../contract/values.ts'
import type { Context } from './context.ts'
import { parseKinds } from './event-filter.ts'
import type { ExitStatus } from './exit-status.ts'
import { tables } from './listing/table-options.ts'
import { durationParser } from './option-values.ts'
import { examples, filterOption, keyFilters } from './options.ts'

export function registerEvents(program: Command, context: Context, end: (status: ExitStatus) => void): void {
  const command = keyFilters(
    program
      .command('events')
      .description('show what happens: findings, members, reloads, namespaces, programs; here, or in a recording'),
  )
    .addOption(
      new Option('--from <FILE>', 'the events of a recording; - for standard input').conflicts(['host', 'via']),
    )
    .option('--follow', 'do not stop: with --from, go on while the file grows')
    .addOption(
      new Option('--for <TIME>', 'without --from and --follow: how long to watch; Ctrl+C stops early')
        .argParser(durationParser('0s', '1d'))
        .default(10_000, '10s'),
    )
    .addOption(new Option('--kind <KINDS>', `only ${EVENT_KINDS.join(', ')}`).argParser(parseKinds))
    .addOption(filterOption())
  tables(command, ['table', 'json', 'ndjson', 'csv', 'tsv', 'yaml'])
    .option('--json', 'print each event as one line of JSON')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector events --follow', 'watch this machine until Ctrl+C'],
        ['reuseport-inspector events --from night.ndjson.gz --kind reload', 'what each reload of a recording cost'],
        ["reuseport-inspector events --follow --json | jq 'select(.lost > 0)'", 'for scripts'],
      ),
    )
    .action(async (options) => end(await (await import('./commands/events.ts')).events(options, context)))
}
