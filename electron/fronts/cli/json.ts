/** The one JSON document of a command. */
import type { Context } from './context.ts'
import { sanitiseJson } from './sanitise.ts'
import type { Terminal } from './terminal.ts'

/** Writes a value as one indented JSON document; what a terminal could obey is escaped. */
export async function printJson(terminal: Terminal, value: unknown): Promise<void> {
  await terminal.write(`${sanitiseJson(JSON.stringify(value, null, 2))}\n`)
}

/** Writes an answer about the machine; with what the reading behind it lacked, where there is any, as a Snapshot has it. */
export async function printAnswer(
  { terminal, lacks }: Pick<Context, 'terminal' | 'lacks'>,
  answer: object,
): Promise<void> {
  const shortfalls = (await lacks()).map(({ shortfall }) => shortfall)
  await printJson(terminal, shortfalls.length === 0 ? answer : { ...answer, shortfalls })
}

/** Writes a value as one line of JSON: a document of a stream (NDJSON). */
export async function printJsonLine(terminal: Terminal, value: unknown): Promise<void> {
  await terminal.write(`${sanitiseJson(JSON.stringify(value))}\n`)
}
