/** Questions of ssh and sudo, answered by this process in place of a terminal. */
import { execFileSync } from 'node:child_process'
import {
  accessSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import type { HostQuestion } from '../../contract/hosts.ts'
import { inPrivateFolder, privatePlaces } from '../../engine/index.ts'
import script from './askpass.sh?raw'

/** The answer to one question; null cancels it, and then ssh fails. */
export type Answerer = (question: Pick<HostQuestion, 'kind' | 'text'>) => Promise<string | null>

export class Askpass {
  readonly #folder: string
  readonly #questions: Socket
  /** Answers that no one reads yet: as long as they are open, the script waits. */
  readonly #open = new Set<number>()
  #closed = false

  /** Throws an EngineError where no folder can have a program that is executed. */
  constructor(answer: Answerer) {
    const folder = inPrivateFolder(makeFolder, privatePlaces(), 'preparing for questions of ssh')
    this.#folder = folder
    // For reading and writing: opening it waits for no one, and it never ends (fifo(7)).
    this.#questions = new Socket({ fd: openFifo(join(folder, 'questions')), readable: true, writable: false })
    this.#questions.on('error', () => {})
    let rest = ''
    this.#questions.setEncoding('utf8').on('data', (text: string) => {
      const texts = (rest + text).split('\0')
      rest = texts.pop() ?? ''
      for (const one of texts) void this.#ask(one, answer)
    })
  }

  /** For the environment of ssh or sudo. */
  get environment(): NodeJS.ProcessEnv {
    const path = join(this.#folder, 'askpass')
    // ssh before 8.4 asks for DISPLAY in place of SSH_ASKPASS_REQUIRE.
    return {
      SSH_ASKPASS: path,
      SSH_ASKPASS_REQUIRE: 'force',
      SUDO_ASKPASS: path,
      DISPLAY: process.env.DISPLAY ?? 'none',
    }
  }

  /** Cancels every question, and removes the folder. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    // A script waits in open(2) until its FIFO has a writer, so it gets one, even if its question was not read yet. What
    // would be opened after that is not there any more.
    for (const name of readdirSync(this.#folder)) if (/^\d+$/.test(name)) this.#hold(name)
    rmSync(this.#folder, { recursive: true, force: true })
    this.#questions.destroy()
    for (const answer of this.#open) closeSync(answer)
    this.#open.clear()
  }

  /** Opens the FIFO of a script that waits; null where that has ended meanwhile. */
  #hold(pid: string): number | null {
    try {
      const fifo = openFifo(join(this.#folder, pid))
      this.#open.add(fifo)
      return fifo
    } catch {
      return null
    }
  }

  async #ask(asked: string, answer: Answerer): Promise<void> {
    const [pid = '', prompt = '', ...lines] = asked.split('\n')
    if (!/^\d+$/.test(pid)) return
    const fifo = this.#hold(pid)
    if (fifo === null) return
    const text = await answer({ kind: kindOf(prompt, lines.join('\n')), text: lines.join('\n') })
    if (this.#closed) return
    writeSync(fifo, text === null ? '-\n' : `+${text.replaceAll('\n', '')}\n`)
    // Closing it now would discard what is not read yet; it is closed with the others.
  }
}

/** A new folder with the script and the FIFO for questions. Throws where the script could not be executed. */
function makeFolder(parent: string): string {
  for (const name of readdirSync(parent)) {
    const [, pid] = /^ask-(\d+)-/.exec(name) ?? []
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(parent, name), { recursive: true, force: true })
  }
  const folder = mkdtempSync(join(parent, `ask-${process.pid}-`))
  try {
    const path = join(folder, 'askpass')
    writeFileSync(path, script.replaceAll('@FOLDER@', folder), { mode: 0o700, flag: 'wx' })
    accessSync(path, constants.X_OK)
    execFileSync('mkfifo', ['-m', '600', join(folder, 'questions')])
    return folder
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function openFifo(path: string): number {
  return openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
}

/** SSH_ASKPASS_PROMPT as ssh(1) sets it; the question about a host key ends with "(yes/no/[fingerprint])?". */
function kindOf(prompt: string, text: string): HostQuestion['kind'] {
  if (prompt === 'none') return 'notice'
  if (prompt === 'confirm') return 'confirm'
  return /\(yes\/no/.test(text) ? 'trust' : 'secret'
}
