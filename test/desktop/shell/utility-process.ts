/** utilityProcess: a Node process that runs the module unmodified, with `process.parentPort` put there by parent-port.ts. */
import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { constants } from 'node:os'
import { join } from 'node:path'
import type { Port } from './ports.ts'
import { strict, strictOptions } from './strict.ts'

/** What crosses between a process and the shell, both ways. */
export type Crossing =
  | { kind: 'message'; message: unknown; ports: number[] }
  | { kind: 'port'; port: number; data: unknown }
  | { kind: 'close'; port: number }

/** Electron's V8 gives native addons no external memory: these processes are started with this. From the folder of the bundle. */
const REFUSE_EXTERNAL_MEMORY = join(import.meta.dirname, '../../../test/support/external-memory/refuse.cjs')

/** The ones that run, for tests that kill one. */
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
      // The other ends learn it as they do from a pipe that broke, before anybody is told of the process.
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

  /** As HandleTermination() in Electron's electron_api_utility_process.cc: what was asked for is 0, a signal its status of waitpid(2). */
  #exitCode(code: number | null, signal: NodeJS.Signals | null): number {
    if (signal === null) return code ?? 0
    if (this.#killed && (signal === 'SIGTERM' || signal === 'SIGKILL')) return 0
    return constants.signals[signal]
  }

  #send(crossing: Crossing): void {
    // A process that was killed reads no more, and its 'exit' is what says so.
    if (this.#child.connected) this.#child.send(crossing, () => {})
  }

  #receive(crossing: Crossing): void {
    if (crossing.kind === 'message') this.emit('message', crossing.message)
    else if (crossing.kind === 'port') this.#ports.get(crossing.port)?.sent(crossing.data)
    else this.#ports.get(crossing.port)?.close()
  }
}
