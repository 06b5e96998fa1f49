/** JSON output of commands. */
import type { Context } from './context.ts'
import { sanitizeJson } from './sanitize.ts'
import type { Terminal } from './terminal.ts'

/** Writes a value as one indented JSON document; what a terminal could interpret is escaped. */
export async function printJson(terminal: Terminal, value: unknown): Promise<void> {
  await terminal.write(`${sanitizeJson(JSON.stringify(value, null, 2))}\n`)
}

/** Writes an answer about the machine; with `shortfalls`, as in a Snapshot, where something could not be read. */
export async function printAnswer(
  { terminal, shortfalls: lacks }: Pick<Context, 'terminal' | 'shortfalls'>,
  answer: object,
): Promise<void> {
  const shortfalls = (await lacks()).map(({ shortfall }) => shortfall)
  await printJson(terminal, shortfalls.length === 0 ? answer : { ...answer, shortfalls })
}

/** Writes a value as one line of JSON (NDJSON). */
export async function printJsonLine(terminal: Terminal, value: unknown): Promise<void> {
  await terminal.write(`${sanitizeJson(JSON.stringify(value))}\n`)
}
