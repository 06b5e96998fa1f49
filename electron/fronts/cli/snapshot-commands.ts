/** The commands about snapshots: saved, compared, exported, recorded and played. */
import { type Command, Option } from 'commander'
import type { Context } from './context.ts'
import type { ExitStatus } from './failure.ts'
import { parseRedactions, redactions } from './option-values.ts'
import { examples, filters } from './options.ts'

/** True for an argument that means a file and no group: standard input, or the name of a snapshot. */
export function namesSnapshot(text: string): boolean {
  return text === '-' || text.includes('/') || /\.json(\.gz)?$/i.test(text)
}

/** Adds them to the program. */
export function registerSnapshots(program: Command, context: Context, end: (status: ExitStatus) => void): void {
  const snapshot = program.command('snapshot').description('save a snapshot to a file')

  redaction(filters(snapshot.command('save').description('save what is there now')))
    .argument('<FILE>', 'where to: NAME.json, or NAME.json.gz to compress it; - for standard output')
    .option('--all', 'plain sockets too')
    .option('--no-owners', 'leave /proc alone: faster, and no owners or pollers')
    .option('--force', 'replace a file that is there')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector snapshot save before.json', 'before the deploy'],
        ['reuseport-inspector snapshot save edge.json.gz --redact hosts,addresses', 'to be shared'],
        ['reuseport-inspector snapshot save - | jq .groups[0]', 'for a script'],
      ),
    )
    .action(async (file: string, options) => {
      const { saveSnapshot } = await import('./commands/save-snapshot.ts')
      await saveSnapshot(file, options, context)
    })

  filters(program.command('diff').description('compare two snapshots, or a snapshot and now'))
    .argument('<A>', 'a snapshot file; - for standard input, now for this machine')
    .argument('<B>', 'the later one')
    .option('--json', 'print the Comparison as JSON')
    .option('--exit-code', 'end with status 1 where something changed')
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector diff before.json now', 'what changed since'],
        ['reuseport-inspector diff edge-1.json edge-2.json', 'two machines, compared by endpoint'],
        ['reuseport-inspector diff before.json after.json --json | jq .words', 'for a script'],
      ),
    )
    .action(async (a: string, b: string, options) => {
      const { diff } = await import('./commands/diff.ts')
      end(await diff(a, b, options, context))
    })
}

function redaction(command: Command): Command {
  return command
    .addOption(
      new Option('--redact <WHAT>', `replace names by pseudonyms: ${redactions.join(', ')}, or all`).argParser(
        parseRedactions,
      ),
    )
    .option('--redact-key-file <FILE>', 'a secret that makes pseudonyms the same in several files')
}
