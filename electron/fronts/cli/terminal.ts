/** Where a command writes. Commands never touch `process` themselves, so that a test can stand in for a terminal. */
import { sanitise } from './sanitise.ts'
import { type Line, type Palette, paint } from './text.ts'

export type Terminal = Palette & {
  /** Columns of standard output; Infinity where it is no terminal. */
  readonly width: number
  /** True when a person looks at standard output. */
  readonly interactive: boolean
  /** Writes to standard output; resolves when more may be written. */
  write(content: string | Uint8Array): Promise<void>
  /** Writes a message to standard error. */
  complain(text: string): void
}

/** Lines to standard output, painted. */
export async function print(terminal: Terminal, lines: readonly Line[]): Promise<void> {
  // In pieces: a hundred thousand rows must not stand in memory twice.
  for (let from = 0; from < lines.length; from += 2000) {
    const piece = lines.slice(from, from + 2000)
    await terminal.write(piece.map((spans) => `${paint(spans, terminal)}\n`).join(''))
  }
}

/** One sentence to standard error, in the manner of Unix programs. */
export function complain(terminal: Terminal, sentence: string): void {
  terminal.complain(`reuseport-inspector: ${sanitise(sentence)}\n`)
}

type Streams = { stdout: NodeJS.WriteStream; stderr: NodeJS.WriteStream }

/**
 * The terminal that this process stands on. What cannot be written ends the process: quietly where the reader of a pipe
 * has gone (EPIPE), with status 1 otherwise (a full disk).
 */
export function processTerminal({ stdout, stderr }: Streams, env: NodeJS.ProcessEnv): Terminal {
  const gone = ({ code }: NodeJS.ErrnoException): boolean => {
    // `| head` has what it wants.
    if (code === 'EPIPE') process.exit(0)
    // The terminal itself was closed, and there Node cannot end by itself: it aborts over the terminal's modes.
    if (code === 'EIO') process.kill(process.pid, 'SIGHUP')
    return code === 'EIO'
  }
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (gone(error)) return
    stderr.write(`reuseport-inspector: standard output cannot be written: ${reason(error)}.\n`)
    process.exit(1)
  })
  stderr.on('error', (error) => {
    if (!gone(error)) process.exit(1)
  })
  return {
    interactive: stdout.isTTY === true,
    get width() {
      return stdout.isTTY === true ? stdout.columns || 80 : Number.POSITIVE_INFINITY
    },
    colour: wantsColour(env, stdout.isTTY === true),
    unicode: isUtf8(env),
    write: (content) => new Promise((resolve) => stdout.write(content, () => resolve())),
    complain: (text) => void stderr.write(text),
  }
}

function reason({ code, message }: NodeJS.ErrnoException): string {
  return code === 'ENOSPC' ? 'the disk is full (ENOSPC)' : message
}

/** FORCE_COLOR decides where it is set, then NO_COLOR (no-color.org), then whether it is a terminal that knows colour. */
export function wantsColour(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  const force = env.FORCE_COLOR
  if (force !== undefined) return force !== '0' && force !== 'false'
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false
  return isTerminal && env.TERM !== 'dumb'
}

/** As locale(7) decides the character encoding: LC_ALL, LC_CTYPE, LANG, the first that is set. */
export function isUtf8(env: NodeJS.ProcessEnv): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '') ?? ''
  return /utf-?8/i.test(locale)
}
