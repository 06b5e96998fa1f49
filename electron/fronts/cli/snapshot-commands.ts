/** The snapshot commands: save, compare, export, record and play. */
import { type Command, Option } from 'commander'
import { EXPORT_FORMATS, REDACTIONS } from '../../contract/values.ts'
import type { Context } from './context.ts'
import { type ExitStatus, foundHelp } from './exit-status.ts'
import { durationParser, parseCount, parseInterval, parseRedactions, parseSize } from './option-values.ts'
import { examples, filters, keyFilters } from './options.ts'

/**
 * True for an argument that names a snapshot, not a group: standard input, this machine now, or a file. The only slash
 * of a group reference is in 443/tcp, and it has no file extension.
 */
export function namesSnapshot(text: string): boolean {
  if (/^[^/]*\d\/(?:tcp|udp)[46]?$/i.test(text)) return false
  return text === '-' || text === 'now' || text.includes('/') || /\.[a-z]\w*$/i.test(text)
}

/** Adds the snapshot commands to the program. */
export function registerSnapshots(program: Command, context: Context, end: (status: ExitStatus) => void): void {
  const snapshot = program.command('snapshot').description('save a snapshot to a file')

  redaction(filters(snapshot.command('save').description('save a snapshot of this machine')))
    .argument('<FILE>', 'NAME.json, or NAME.json.gz to compress it; - for standard output')
    .option('--all', 'include unshared sockets')
    .option('--no-owners', 'do not read /proc: faster, but no owners or pollers')
    .option('--force', 'overwrite an existing file')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector snapshot save before.json', 'before a deploy'],
        ['reuseport-inspector snapshot save edge.json.gz --redact hosts,addresses', 'for sharing'],
        ['reuseport-inspector snapshot save - | jq .groups[0]', 'for scripts'],
      ),
    )
    .action(async (file: string, options) =>
      (await import('./commands/save-snapshot.ts')).saveSnapshot(file, options, context),
    )

  keyFilters(program.command('diff').description('compare two snapshots, or a snapshot and now'))
    .argument('<A>', 'a snapshot file; - for standard input, now for this machine')
    .argument('<B>', 'the later snapshot, in the same forms')
    .option('--json', 'print the Comparison as JSON')
    .option('--exit-code', 'report in the exit status whether something changed')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector diff before.json now', 'what has changed since'],
        ['reuseport-inspector diff edge-1.json edge-2.json', 'two machines, matched by endpoint'],
        ['reuseport-inspector diff before.json after.json --json | jq .summary', 'for scripts'],
      ) + foundHelp('diff'),
    )
    .action(async (a: string, b: string, options) =>
      end(await (await import('./commands/diff.ts')).diff(a, b, options, context)),
    )

  redaction(keyFilters(program.command('export').description('write a snapshot in another format, for sharing')))
    .argument('<FILE>', 'a snapshot file; - for standard input, now for this machine')
    .addOption(
      new Option('--format <FORMAT>', 'output format; by default taken from the file name of --output').choices(
        EXPORT_FORMATS,
      ),
    )
    .option('--output <FILE>', 'output file; by default standard output')
    .option('--all', 'with now: include unshared sockets')
    .option('--force', 'overwrite an existing file')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector export before.json --output report.html', 'a report for any browser'],
        ['reuseport-inspector export now --format markdown', 'for a ticket'],
        ['reuseport-inspector export now --all --redact all --output members.csv', 'one row per member, without names'],
      ),
    )
    .action(async (file: string, options) =>
      (await import('./commands/export.ts')).exportSnapshot(file, options, context),
    )

  redaction(filters(program.command('record').description('record changes until interrupted')))
    .argument('<FILE>', 'NAME.ndjson, or NAME.ndjson.gz to compress it')
    .addOption(
      new Option('--interval <TIME>', 'time between snapshots, such as 500ms or 2s')
        .argParser(parseInterval)
        .default(1000, '1s'),
    )
    .addOption(new Option('--for <TIME>', 'stop after this long, such as 10m').argParser(durationParser('1s', '30d')))
    .addOption(new Option('--count <N>', 'stop after this many snapshots').argParser(parseCount))
    .addOption(
      new Option('--max-size <SIZE>', 'stop when the file reaches this size').argParser(parseSize).default(1e9, '1GB'),
    )
    .option('--all', 'include unshared sockets')
    .option('--no-owners', 'do not read /proc')
    .option('--force', 'overwrite an existing file')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector record reload.ndjson.gz --for 10m', 'ten minutes around a reload'],
        ['reuseport-inspector record night.ndjson.gz --interval 10s --for 12h', 'overnight'],
      ),
    )
    .action(async (file: string, options) => (await import('./commands/record.ts')).record(file, options, context))

  program
    .command('play')
    .description('play a recording: on a timeline, or as text')
    .argument('<FILE>', 'a recording; - for standard input')
    .option('--text', 'print the changes as text, even on a terminal')
    .option('--json', 'print every snapshot as one line of JSON')
    .addHelpText(
      'after',
      `${examples(
        ['reuseport-inspector play reload.ndjson.gz', 'on the screen, with a timeline'],
        ['reuseport-inspector play reload.ndjson.gz --text | less', 'as text'],
      )}
Keys:
  left, right   previous or next snapshot; home, end: first or last
  space         play or pause
  up, down, page up, page down, s, r, a, q   as in watch
`,
    )
    .action(async (file: string, options) =>
      end(await (await import('./commands/play.ts')).play(file, options, context)),
    )
}

function redaction(command: Command): Command {
  return command
    .addOption(
      new Option('--redact <WHAT>', `replace names with pseudonyms: ${REDACTIONS.join(', ')}, or all`).argParser(
        parseRedactions,
      ),
    )
    .option('--redact-key-file <FILE>', 'a secret that keeps pseudonyms the same across files')
}
