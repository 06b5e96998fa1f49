/** A progress line that overwrites itself. */
import type { Terminal } from '../terminal.ts'
import { type Line, paint } from '../text.ts'
import { truncate } from '../width.ts'

// xterm's control sequence "erase in line" (invisible-island.net/xterm/ctlseqs).
const ERASE = '\r\x1b[K'

/** Prints nothing where standard output is not a terminal. Dispose of it before anything else is printed. */
export class LiveLine implements AsyncDisposable {
  readonly #terminal: Terminal
  #shown = false

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  async show(line: Line): Promise<void> {
    if (!this.#terminal.interactive) return
    this.#shown = true
    await this.#terminal.write(`${ERASE}${paint(truncate(line, this.#terminal.width - 1), this.#terminal)}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#shown) await this.#terminal.write(ERASE)
    this.#shown = false
  }
}
