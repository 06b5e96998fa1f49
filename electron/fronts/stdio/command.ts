/** `reuseport-inspector engine --stdio`: what `--host` and `--via` start at the other end. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { EngineFlags } from './run-engine.ts'

/** Adds `engine` to the program. Hidden: people use `--host`. */
export function registerEngine(program: Command): void {
  program
    .command('engine', { hidden: true })
    .description('answer another Reuseport Inspector on standard input and output')
    .requiredOption('--stdio', 'on standard input and output')
    .addOption(new Option('--marker <TEXT>', 'what precedes the greeting').argParser(parseMarker).makeOptionMandatory())
    .option('--view-only', 'read, and have neither a lab nor stored snapshots')
    .option('--contract <HASH>', 'end with status 2 unless this is its contract')
    .addOption(new Option('--silence <MS>', 'end when nothing was received for this long').argParser(Number))
    .action(async (flags: EngineFlags) => {
      const { runStdioEngine } = await import('./run-engine.ts')
      await runStdioEngine(flags)
    })
}

function parseMarker(text: string): string {
  if (!/^[0-9a-f]{32}$/.test(text)) throw new InvalidArgumentError('A marker has 32 hexadecimal digits.')
  return text
}
