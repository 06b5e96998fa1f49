/** Starts the built application on the shell (test/desktop/shell/), and controls it. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { inject } from 'vitest'
import { chromiumMissing } from '../support/chromium.ts'
import { notBuilt } from './application.ts'
import type { Desktop } from './desktop.ts'
import type { Answer, Ask } from './shell/run.ts'
import { UNKNOWN_CALLS } from './shell/strict.ts'

const ROOT = resolve(import.meta.dirname, '../..')
/** Electron never runs as root, so neither does the shell: it runs as `nobody` if the tests run as root. */
const NOBODY = 65534

export type ShellState = {
  unknownCalls: string[]
  seen: {
    external: string[]
    dialogs: { message: string; detail?: string }[]
    menu: { label: string; submenu: { label?: string; role?: string }[] }[]
    schemes: { scheme: string; privileges: Record<string, boolean> }[]
    sandboxed: boolean
    paths: Record<string, string>
    name: string
    desktopName: string
    about: Record<string, string>
  }
  theme: string
  engines: number[]
  refused: string[]
  window?: {
    options: Record<string, unknown> & { webPreferences: Record<string, unknown> }
    visible: boolean
    destroyed: boolean
    maximized: boolean
    calls: string[]
  }
}

/** A temporary home for the application, deleted by `remove`. */
export function makeHome(): { home: string; remove: () => void } {
  const home = mkdtempSync(join(tmpdir(), 'desktop-home-'))
  if (process.getuid?.() === 0) chownSync(home, NOBODY, NOBODY)
  return { home, remove: () => rmSync(home, { recursive: true, force: true }) }
}

export type ShellOptions = {
  home: string
  /** The built main bundle. */
  main: string
  /** As packaged: `process.resourcesPath`. Without it the application runs from a source tree. */
  resources?: string
  /** Runs as the user of the tests, even root. */
  asIs?: boolean
  /** Allows calls unknown to the shell, which otherwise are an error at its end. */
  mayMiss?: boolean
}

export class ShellDesktop implements Desktop {
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  readonly #mayMiss: boolean
  #nextId = 1
  stderr = ''

  /** Resolves when the main bundle has loaded, or rejects with its output if it exited before. */
  static async start(options: ShellOptions): Promise<ShellDesktop> {
    const desktop = new ShellDesktop(options)
    await desktop.#answer(0)
    return desktop
  }

  private constructor({ home, main, resources = '', asIs = false, mayMiss = false }: ShellOptions) {
    this.#mayMiss = mayMiss
    const asNobody = process.getuid?.() === 0 && !asIs
    this.#child = fork(join(inject('shell'), 'run.cjs'), [inject('chromium') ?? '', main, resources], {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        HOME: home,
        XDG_CONFIG_HOME: join(home, '.config'),
        TMPDIR: home,
        // Lets the test command find leftovers.
        RPI_TEST_RUN: process.env.RPI_TEST_RUN,
      },
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      ...(asNobody ? { uid: NOBODY, gid: NOBODY } : {}),
    })
    this.#closed = once(this.#child, 'close')
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.#child.on('message', ({ id, result, error }: Answer) => {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error === undefined) waiting?.resolve(result as never)
      else waiting?.reject(new Error(error))
    })
    this.#child.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(this.#end())
    })
  }

  #answer<T>(id: number): Promise<T> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  ask<T>(operation: Ask['operation'], ...args: unknown[]): Promise<T> {
    const id = this.#nextId++
    const answer = this.#answer<T>(id)
    this.#child.send({ id, operation, args } satisfies Ask, (error) => {
      // Its last output is complete at 'close'.
      if (error !== null) void this.#closed.then(() => this.#waiting.get(id)?.reject(this.#end()))
    })
    return answer
  }

  #end(): Error {
    const { exitCode, signalCode } = this.#child
    return new Error(`The application ended (${signalCode ?? exitCode}): ${this.stderr}`)
  }

  evaluate<T>(expression: string): Promise<T> {
    return this.ask('evaluate', expression)
  }
  crash(): Promise<void> {
    return this.ask('crash')
  }
  state(): Promise<ShellState> {
    return this.ask('state')
  }
  async engines(): Promise<number[]> {
    return (await this.state()).engines
  }
  async external(): Promise<string[]> {
    return (await this.state()).seen.external
  }
  async refusedNavigations(): Promise<string[]> {
    return (await this.state()).refused
  }
  async windows(): Promise<number> {
    const { window } = await this.state()
    return (window === undefined || window.destroyed ? 0 : 1) + (await this.ask<string[]>('opened')).length
  }

  close(): Promise<number | null> {
    this.ask('close').catch(() => {})
    return this.ended()
  }

  /** Resolves to its exit status. Rejects if it made calls unknown to the shell. */
  async ended(): Promise<number | null> {
    await this.#closed
    if (this.#child.exitCode === UNKNOWN_CALLS && !this.#mayMiss) throw new Error(this.stderr)
    return this.#child.exitCode
  }

  /** Ends it immediately at the end of a test. */
  async end(): Promise<void> {
    if (this.#child.exitCode === null) this.ask('exit').catch(() => {})
    await this.ended()
  }
}

/** Why the shell cannot run here; null if it can. */
export function shellMissing(): string | null {
  return chromiumMissing() ?? notBuilt()
}
