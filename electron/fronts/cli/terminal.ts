/** Where a command writes. Commands never use `process` directly, so a test can supply its own terminal. */
import { reasonOf } from '../../engine/index.ts'
import { ExitStatus } from './exit-status.ts'
import { sanitize } from './sanitize.ts'
import { type Line, type Palette, paint } from './text.ts'

export const COLOR_CHOICES = ['auto', 'always', 'never'] as const
export type ColorChoice = (typeof COLOR_CHOICES)[number]

/** What --json prints, in which of these forms. */
export const DOCUMENT_FORMATS = ['json', 'ndjson', 'yaml'] as const
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number]

export type Terminal = Palette & {
  /** The form of documents: that of --output, or JSON. */
  readonly documents: DocumentFormat
  chooseDocuments(format: DocumentFormat): void
  /** What --color says, in place of the environment. */
  chooseColor(choice: ColorChoice): void
  /** Columns of standard output, or those that COLUMNS says; Infinity where it is not a terminal and nothing says. */
  readonly width: number
  /** True when standard output is a terminal. */
  readonly interactive: boolean
  /** Writes to standard output; resolves when more can be written. */
  write(content: string | Uint8Array): Promise<void>
  /** Writes a message to standard error. */
  writeError(text: string): void
}

/** Paints lines and writes them to standard output. */
export async function print(terminal: Terminal, lines: readonly Line[]): Promise<void> {
  // In chunks: a hundred thousand rows must not be in memory twice.
  for (let from = 0; from < lines.length; from += 2000) {
    const piece = lines.slice(from, from + 2000)
    await terminal.write(piece.map((spans) => `${paint(spans, terminal)}\n`).join(''))
  }
}

/** Writes one sentence to standard error, prefixed with the program's name. */
export function printError(terminal: Terminal, sentence: string): void {
  terminal.writeError(`reuseport-inspector: ${sanitize(sentence)}\n`)
}

type Streams = { stdout: NodeJS.WriteStream; stderr: NodeJS.WriteStream }

/**
 * The terminal of this process. A write error ends the process: silently where the reader of a pipe has closed it
 * (EPIPE), with ExitStatus.Failed otherwise (a full disk).
 */
export function processTerminal({ stdout, stderr }: Streams, env: NodeJS.ProcessEnv): Terminal {
  const gone = ({ code }: NodeJS.ErrnoException): boolean => {
    // As `| head` does once it has enough.
    if (code === 'EPIPE') process.exit(0)
    // The terminal itself was closed. Node would abort on exit, because it cannot restore the terminal's modes.
    if (code === 'EIO') process.kill(process.pid, 'SIGHUP')
    return code === 'EIO'
  }
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (gone(error)) return
    stderr.write(`reuseport-inspector: cannot write to standard output: ${reasonOf(error).cause}.\n`)
    process.exit(ExitStatus.Failed)
  })
  stderr.on('error', (error) => {
    if (!gone(error)) process.exit(ExitStatus.Failed)
  })
  let choice: ColorChoice = 'auto'
  let documents: DocumentFormat = 'json'
  return {
    get documents() {
      return documents
    },
    chooseDocuments(format) {
      documents = format
    },
    interactive: stdout.isTTY === true,
    get width() {
      const given = givenColumns(env)
      if (given !== null) return given
      return stdout.isTTY === true ? stdout.columns || 80 : Number.POSITIVE_INFINITY
    },
    get color() {
      return choice === 'auto' ? wantsColor(env, stdout.isTTY === true) : choice === 'always'
    },
    chooseColor(chosen) {
      choice = chosen
    },
    unicode: isUtf8(env),
    write: (content) => new Promise((resolve) => stdout.write(content, () => resolve())),
    writeError: (text) => void stderr.write(text),
  }
}

/** COLUMNS, where it is exported (environ(7)): more reliable than what some terminals report. null where it is not. */
function givenColumns(env: NodeJS.ProcessEnv): number | null {
  const text = env.COLUMNS
  const columns = text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : 0
  return columns > 0 ? columns : null
}

/**
 * FORCE_COLOR decides where it is set, then NO_COLOR (no-color.org), then CLICOLOR_FORCE (bixense.com/clicolors), then
 * whether this is a terminal with color.
 */
export function wantsColor(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  const force = env.FORCE_COLOR
  if (force !== undefined) return force !== '0' && force !== 'false'
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false
  const forced = env.CLICOLOR_FORCE
  if (forced !== undefined && forced !== '' && forced !== '0') return true
  return isTerminal && env.TERM !== 'dumb'
}

/** The character encoding as locale(7) selects it: by the first of LC_ALL, LC_CTYPE, LANG that is set. */
export function isUtf8(env: NodeJS.ProcessEnv): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '') ?? ''
  return /utf-?8/i.test(locale)
}
