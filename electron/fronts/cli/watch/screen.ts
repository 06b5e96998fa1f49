/**
 * Full-screen mode of the terminal: alternate screen, no cursor, raw keys. The terminal is restored however the program
 * ends (except by SIGKILL), and while job control has it stopped.
 */
import type { Key } from 'node:readline'
import type { ReadStream, WriteStream } from 'node:tty'
import { ExitStatus } from '../exit-status.ts'
import { sanitize } from '../sanitize.ts'
import { type Line, type Palette, paint } from '../text.ts'
import type { ScreenSize } from './page.ts'
import type { KeyPress } from './view.ts'

// xterm's control sequences; terminals without support ignore them (invisible-island.net/xterm/ctlseqs).
const enter = '\x1b[?1049h'
const modes = '\x1b[?25l\x1b[?7l'
const leave = '\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l'
/** Synchronized output: terminals that support it show the whole screen at once. */
const frameStart = '\x1b[?2026h'
const frameEnd = '\x1b[?2026l'
const clear = '\x1b[2J'

const PRINTABLE = /^[^\p{C}\p{Zl}\p{Zp}]$/u

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const

export type ScreenEvents = {
  /** A key was pressed. Never Ctrl+C or Ctrl+Z. */
  key(key: KeyPress): void
  /** The terminal was resized, or the program continues after a stop: draw. */
  redraw(): void
  /** The user wants to quit (Ctrl+C). */
  quit(): void
}

/** A screen to draw on until it is disposed of. */
export interface Screen extends Disposable {
  readonly size: ScreenSize
  /** Shows these lines; only those that changed are written. */
  draw(lines: readonly Line[]): void
  /** Puts a text on the clipboard, where the terminal permits it (OSC 52). */
  copy(text: string): void
}

export class TerminalScreen implements Screen {
  readonly #input: ReadStream
  readonly #output: WriteStream
  readonly #palette: Palette
  readonly #events: ScreenEvents
  #entered = false
  #drawn: string[] = []

  readonly #onExit = () => this.#leave()
  readonly #onCrash = (error: unknown) => {
    this[Symbol.dispose]()
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    process.stderr.write(`${text.split('\n').map(sanitize).join('\n')}\n`)
    process.exit(ExitStatus.Failed)
  }
  readonly #onSignal = (signal: NodeJS.Signals) => {
    this[Symbol.dispose]()
    // With our handlers removed the signal has its default effect, and the shell sees which signal ended the program.
    process.kill(process.pid, signal)
  }
  readonly #onStop = () => this.#stop(process.pid)
  readonly #onContinue = () => {
    // SIGSTOP cannot be caught: meanwhile the shell may have changed modes and overwritten the screen.
    if (!this.#entered) return
    this.#setRawMode(false)
    this.#setRawMode(true)
    this.#output.write(modes)
    this.#onResize()
  }
  // The terminal was closed. Not exit(3): Node aborts where it cannot restore the terminal's modes.
  readonly #onHangup = () => this.#onSignal('SIGHUP')
  readonly #onResize = () => {
    this.#drawn = []
    this.#events.redraw()
  }
  readonly #onKeypress = (typed: string | undefined, key: Key) => {
    if (key.ctrl === true && key.name === 'c') this.#events.quit()
    // The terminal would stop every process of the job; in raw mode we have to.
    else if (key.ctrl === true && key.name === 'z') this.#stop(0)
    else if (key.ctrl === true && key.name === 'l') this.#onResize()
    else if (key.ctrl !== true && key.meta !== true)
      this.#events.key({ name: key.name ?? '', text: typed !== undefined && PRINTABLE.test(typed) ? typed : '' })
    // A lone Esc is read as a Meta key that has no character.
    else if (key.name === 'escape') this.#events.key({ name: 'escape', text: '' })
  }

  /** Enters full-screen mode. If `input` is not a terminal, there are no keys. */
  constructor(input: ReadStream, output: WriteStream, palette: Palette, events: ScreenEvents) {
    this.#input = input
    this.#output = output
    this.#palette = palette
    this.#events = events
    process.on('exit', this.#onExit)
    process.on('uncaughtException', this.#onCrash)
    process.on('unhandledRejection', this.#onCrash)
    for (const signal of endingSignals) process.on(signal, this.#onSignal)
    process.on('SIGTSTP', this.#onStop)
    process.on('SIGCONT', this.#onContinue)
    output.on('resize', this.#onResize)
    if (input.isTTY === true) {
      // A command that prints does not wait for it to be loaded.
      process.getBuiltinModule('node:readline').emitKeypressEvents(input)
      input.on('keypress', this.#onKeypress)
      input.on('end', this.#onHangup)
      input.on('error', this.#onHangup)
    }
    this.#enter()
  }

  get size(): ScreenSize {
    return { columns: this.#output.columns || 80, rows: this.#output.rows || 24 }
  }

  draw(lines: readonly Line[]): void {
    if (!this.#entered) return
    const painted = lines.map((line) => paint(line, this.#palette))
    // After a resize or a stop, everything is drawn again.
    const anew = painted.length !== this.#drawn.length
    // Erased before writing: after the last column the cursor stays on it, and erasing then would clear that column.
    const changed = painted.flatMap((text, row) =>
      !anew && text === this.#drawn[row] ? [] : [`\x1b[${row + 1};1H\x1b[K${text}`],
    )
    this.#drawn = painted
    if (changed.length > 0) this.#output.write(`${frameStart}${anew ? clear : ''}${changed.join('')}${frameEnd}`)
  }

  copy(text: string): void {
    if (this.#entered) this.#output.write(`\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`)
  }

  /** Restores the terminal. */
  [Symbol.dispose](): void {
    process.off('exit', this.#onExit)
    process.off('uncaughtException', this.#onCrash)
    process.off('unhandledRejection', this.#onCrash)
    for (const signal of endingSignals) process.off(signal, this.#onSignal)
    process.off('SIGTSTP', this.#onStop)
    process.off('SIGCONT', this.#onContinue)
    this.#output.off('resize', this.#onResize)
    this.#input.off('keypress', this.#onKeypress)
    this.#input.off('end', this.#onHangup)
    this.#input.off('error', this.#onHangup)
    // A terminal that was closed has no modes to restore.
    this.#input.on('error', () => {})
    this.#leave()
  }

  #enter(): void {
    if (this.#entered) return
    this.#entered = true
    this.#drawn = []
    this.#setRawMode(true)
    this.#output.write(`${enter}${modes}`)
  }

  #leave(): void {
    if (!this.#entered) return
    this.#entered = false
    this.#setRawMode(false)
    this.#output.write(leave)
  }

  #setRawMode(raw: boolean): void {
    if (this.#input.isTTY !== true) return
    this.#input.setRawMode(raw)
    if (raw) this.#input.resume()
    else this.#input.pause()
  }

  #stop(pid: number): void {
    this.#leave()
    process.off('SIGTSTP', this.#onStop)
    // Returns when the job is continued, or at once where the signal is ignored because no shell could continue it
    // (setpgid(2), orphaned process groups).
    process.kill(pid, 'SIGTSTP')
    process.on('SIGTSTP', this.#onStop)
    this.#enter()
    this.#onResize()
  }
}
