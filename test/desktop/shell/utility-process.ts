/** utilityProcess: a Node process that runs the unmodified module, with `process.parentPort` from parent-port.ts. */
import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { constants } from 'node:os'
import { join } from 'node:path'
import type { Port } from './ports.ts'
import { strict, strictOptions } from './strict.ts'

/** Messages between a process and the shell, both ways. */
export type Crossing =
  | { kind: 'message'; message: unknown; ports: number[] }
  | { kind: 'port'; port: number; data: unknown }
  | { kind: 'close'; port: number }

/**
 * Electron's V8 gives native addons no external memory, so these processes preload this. Path relative to the bundle.
 */
const REFUSE_EXTERNAL_MEMORY = join(import.meta.dirname, '../../../test/support/external-memory/refuse.cjs')

/** The running ones, for tests that kill one. */
export const running: Set<UtilityProcess> = new Set()

export class UtilityProcess extends EventEmitter {
  readonly #child: ChildProcess
  readonly #ports = new Map<number, Port>()
  #nextPort = 1
  #killed = false

  static fork(modulePath: string, args: string[], options: object): UtilityProcess {
    strictOptions('utilityProcess.fork', options, ['serviceName', 'stdio'])
    return strict('UtilityProcess', new UtilityProcess(modulePath, args))
  }

  constructor(modulePath: string, args: string[]) {
    super()
    this.#child = fork(modulePath, args, {
      execArgv: [REFUSE_EXTERNAL_MEMORY, join(import.meta.dirname, 'parent-port.cjs')].flatMap((path) => [
        '--require',
        path,
      ]),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    running.add(this)
    this.#child.on('message', (crossing: Crossing) => this.#receive(crossing))
    this.#child.on('exit', (code, signal) => {
      running.delete(this)
      // The other ends see a broken pipe before the exit is reported.
      for (const port of this.#ports.values()) port.close()
      this.emit('exit', this.#exitCode(code, signal))
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  postMessage(message: unknown, ports: Port[] = []): void {
    const ids = ports.map((port) => {
      const id = this.#nextPort++
      this.#ports.set(id, port)
      return { id, port }
    })
    this.#send({ kind: 'message', message: structuredClone(message), ports: ids.map(({ id }) => id) })
    for (const { id, port } of ids) {
      port.transfer({
        deliver: (data) => this.#send({ kind: 'port', port: id, data }),
        close: () => this.#send({ kind: 'close', port: id }),
      })
    }
  }

  kill(): boolean {
    this.#killed = this.#child.kill()
    return this.#killed
  }

  /**
   * As HandleTermination() in Electron's electron_api_utility_process.cc: 0 after kill(), otherwise the waitpid(2)
   * status of a signal.
   */
  #exitCode(code: number | null, signal: NodeJS.Signals | null): number {
    if (signal === null) return code ?? 0
    if (this.#killed && (signal === 'SIGTERM' || signal === 'SIGKILL')) return 0
    return constants.signals[signal]
  }

  #send(crossing: Crossing): void {
    // A killed process reads no more; its 'exit' reports that.
    if (this.#child.connected) this.#child.send(crossing, () => {})
  }

  #receive(crossing: Crossing): void {
    if (crossing.kind === 'message') this.emit('message', crossing.message)
    else if (crossing.kind === 'port') this.#ports.get(crossing.port)?.sent(crossing.data)
    else this.#ports.get(crossing.port)?.close()
  }
}
