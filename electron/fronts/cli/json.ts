/** The documents that commands print: as JSON, and as YAML where --output asks for it. What a terminal could interpret is escaped. */
import type { Context } from './context.ts'
import { sanitizeJson, sanitizeLines } from './sanitize.ts'
import { print, type Terminal } from './terminal.ts'
import type { Line } from './text.ts'

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
  | 'finding'
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

/** Writes the only document: as indented JSON, as one line, or as YAML. */
export async function printJson(terminal: Terminal, document: Document): Promise<void> {
  if (terminal.documents === 'yaml') return terminal.write(await yaml(document))
  const indent = terminal.documents === 'json' ? 2 : undefined
  await terminal.write(`${sanitizeJson(JSON.stringify(document, null, indent))}\n`)
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

/** Writes an answer about the machine: as a document where that is asked for, else as its page. */
export async function printAnswerOrPage<Answer extends object>(
  context: Pick<Context, 'terminal' | 'shortfalls'>,
  { kind, json = false, answer }: { kind: Kind; json: boolean | undefined; answer: Answer },
  page: (answer: Answer, width: number) => Promise<readonly Line[]>,
): Promise<void> {
  if (json) return printAnswer(context, kind, answer)
  const { terminal } = context
  await print(terminal, await page(answer, terminal.width))
}

/** Writes one of several documents: as one line of JSON (NDJSON), or as a document of YAML. */
export async function printJsonLine(terminal: Terminal, document: Document): Promise<void> {
  if (terminal.documents === 'yaml') return terminal.write(`---\n${await yaml(document)}`)
  await terminal.write(`${sanitizeJson(JSON.stringify(document))}\n`)
}

async function yaml(document: Document): Promise<string> {
  const { stringify } = await import('yaml')
  return sanitizeLines(stringify(document, { aliasDuplicateObjects: false }))
}
