/** The command `during`, with its options and examples. */
import { type Command, Option } from 'commander'
import type { DuringOptions } from './commands/during.ts'
import type { Context } from './context.ts'
import { type ExitStatus, foundHelp } from './exit-status.ts'
import { durationParser } from './option-values.ts'
import { examples, filters } from './options.ts'

const FORMATS: readonly DuringOptions['format'][] = ['text', 'json', 'markdown', 'html']

export function registerDuring(program: Command, context: Context, end: (status: ExitStatus) => void): void {
  filters(program.command('during'))
    .description('run a command, such as a reload, and report what it cost: members, connections, datagrams')
    .argument('<COMMAND...>', 'the command, after --')
    .option('--all', 'include unshared sockets')
    .addOption(
      new Option('--calm <TIME>', 'end when nothing has happened for this long')
        .argParser(durationParser('100ms', '10m'))
        .default(2000, '2s'),
    )
    .addOption(
      new Option('--wait <TIME>', 'end at the latest this long after the command')
        .argParser(durationParser('0s', '1h'))
        .default(60_000, '60s'),
    )
    .addOption(new Option('--format <FORMAT>', 'format of the report').choices(FORMATS).default('text'))
    .addOption(new Option('--json', 'the same as --format json').conflicts('format'))
    .addHelpText(
      'after',
      `${examples(
        ['reuseport-inspector during -- systemctl reload nginx', 'did the reload lose connections?'],
        ['reuseport-inspector during --port 443 --format markdown -- ./deploy.sh > cost.md', 'for the ticket'],
      )}
The output of the command goes to standard error; standard output has only the report.
${foundHelp('during').trimStart()}`,
    )
    .action(async (command: string[], options) =>
      end(await (await import('./commands/during.ts')).during(command, options, context)),
    )
}
