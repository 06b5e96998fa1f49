/** JSON output of commands. */
import type { Context } from './context.ts'
import { sanitizeJson } from './sanitize.ts'
import type { Terminal } from './terminal.ts'

/** A document states its kind and version: `reuseport-inspector/probe/1`. */
export type Document = { readonly schema: string }

/** The documents that commands print besides the Snapshot and the Comparison, which come with their schema. */
type Kind =
  | 'probe'
  | 'map'
  | 'path'
  | 'port'
  | 'balance'
  | 'check'
  | 'during'
  | 'findings'
  | 'event'
  | 'doctor'
  | 'error'
  | 'labs'
  | 'lab'
  | 'recipe-run'
  | 'server'
  | 'hosts'

/** The answer as a document of this kind. */
export function documentOf<T extends object>(kind: Kind, answer: T): Document & T {
  return { schema: `reuseport-inspector/${kind}/1`, ...answer }
}

/** Writes one indented JSON document; what a terminal could interpret is escaped. */
export async function printJson(terminal: Terminal, document: Document): Promise<void> {
  await terminal.write(`${sanitizeJson(JSON.stringify(document, null, 2))}\n`)
}

/** Writes an answer about the machine; with `shortfalls`, as in a Snapshot, where something could not be read. */
export async function printAnswer(
  context: Pick<Context, 'terminal' | 'shortfalls'>,
  kind: Kind,
  answer: object,
): Promise<void> {
  const shortfalls = (await context.shortfalls()).map(({ shortfall }) => shortfall)
  await printJson(context.terminal, documentOf(kind, shortfalls.length === 0 ? answer : { ...answer, shortfalls }))
}

/** Writes a document as one line of JSON (NDJSON). */
export async function printJsonLine(terminal: Terminal, document: Document): Promise<void> {
  await terminal.write(`${sanitizeJson(JSON.stringify(document))}\n`)
}
