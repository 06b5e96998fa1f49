/** The one JSON document of a command. */
import { sanitiseJson } from './sanitise.ts'
import type { Terminal } from './terminal.ts'

/** Writes a value as one indented JSON document; what a terminal could obey is escaped. */
export async function printJson(terminal: Terminal, value: unknown): Promise<void> {
  await terminal.write(`${sanitiseJson(JSON.stringify(value, null, 2))}\n`)
}

/** Writes a value as one line of JSON: a document of a stream (NDJSON). */
export async function printJsonLine(terminal: Terminal, value: unknown): Promise<void> {
  await terminal.write(`${sanitiseJson(JSON.stringify(value))}\n`)
}
