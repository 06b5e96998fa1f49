/**
 * The terminal as a full screen, borrowed: alternate screen, no cursor, raw keys. However the program ends (but by
 * SIGKILL) the terminal gets back what it had; while it is stopped by job control too.
 */
import { emitKeypressEvents, type Key } from 'node:readline'
import type { ReadStream, WriteStream } from 'node:tty'
import { sanitise } from '../sanitise.ts'
import { type Line, type Palette, paint } from '../text.ts'
import type { ScreenSize } from './page.ts'

// xterm's control sequences, which every terminal in use knows or ignores (invisible-island.net/xterm/ctlseqs).
const enter = '\x1b[?1049h'
const modes = '\x1b[?25l\x1b[?7l'
const leave = '\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l'
/** Synchronised output: a terminal that knows it shows the frame whole. */
const frameStart = '\x1b[?2026h'
const frameEnd = '\x1b[?2026l'
const clear = '\x1b[2J'

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const

export type ScreenEvents = {
  /** A key was pressed, by its name ("up", "q", "space"). Ctrl+C and Ctrl+Z never get here. */
  key(name: string): void
  /** The terminal changed its size, or the screen is ours again: draw. */
  redraw(): void
  /** The person wants to leave (Ctrl+C). */
  quit(): void
}

/** A screen to draw on until it is disposed of. */
export interface Screen extends Disposable {
  readonly size: ScreenSize
  /** Shows these lines; only those that differ from what stands there are written. */
  draw(lines: readonly Line[]): void
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
    process.stderr.write(`${text.split('\n').map(sanitise).join('\n')}\n`)
    process.exit(1)
  }
  readonly #onSignal = (signal: NodeJS.Signals) => {
    this[Symbol.dispose]()
    // With our handlers gone the signal does what it always does, and the shell sees by what the program died.
    process.kill(process.pid, signal)
  }
  readonly #onStop = () => this.#stop(process.pid)
  readonly #onContinue = () => {
    // SIGSTOP cannot be caught: after it the shell may have changed modes and written over the screen.
    if (!this.#entered) return
    this.#setRawMode(false)
    this.#setRawMode(true)
    this.#output.write(modes)
    this.#onResize()
  }
  // The terminal is gone: there is nobody to watch. Not by exit(3): Node aborts where it cannot give a terminal its modes back.
  readonly #onHangup = () => this.#onSignal('SIGHUP')
  readonly #onResize = () => {
    this.#drawn = []
    this.#events.redraw()
  }
  readonly #onKeypress = (_: string | undefined, key: Key) => {
    if (key.ctrl === true && key.name === 'c') this.#events.quit()
    // The terminal would have stopped every process of the job; in raw mode that is left to us.
    else if (key.ctrl === true && key.name === 'z') this.#stop(0)
    else if (key.ctrl === true && key.name === 'l') this.#onResize()
    else if (key.ctrl !== true && key.meta !== true && key.name !== undefined) this.#events.key(key.name)
  }

  /** Takes the terminal. `input` may be no terminal: then there are no keys. */
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
      emitKeypressEvents(input)
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
    // After a resize or a stop nothing of what stands there can be relied on.
    const anew = painted.length !== this.#drawn.length
    // Erased before, not after: with the last column written the cursor stays on it, and would take it along.
    const changed = painted.flatMap((text, row) =>
      !anew && text === this.#drawn[row] ? [] : [`\x1b[${row + 1};1H\x1b[K${text}`],
    )
    this.#drawn = painted
    if (changed.length > 0) this.#output.write(`${frameStart}${anew ? clear : ''}${changed.join('')}${frameEnd}`)
  }

  /** Gives the terminal back. */
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
    // A terminal that is gone has no modes to give back.
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
    // Returns when the job was continued, or at once where the signal is ignored because no shell could continue it
    // (setpgid(2), orphaned process groups).
    process.kill(pid, 'SIGTSTP')
    process.on('SIGTSTP', this.#onStop)
    this.#enter()
    this.#onResize()
  }
}
