/** utilityProcess: a Node process that runs the module unmodified, with `process.parentPort` put there by parent-port.ts. */
import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import type { Port } from './ports.ts'
import { strict, strictOptions } from './strict.ts'

/** What crosses between a process and the shell, both ways. */
export type Crossing =
  | { kind: 'message'; message: unknown; ports: number[] }
  | { kind: 'port'; port: number; data: unknown }
  | { kind: 'close'; port: number }

/** The ones that run, for tests that kill one. */
export const running: Set<UtilityProcess> = new Set()

export class UtilityProcess extends EventEmitter {
  readonly #child: ChildProcess
  readonly #ports = new Map<number, Port>()
  #nextPort = 1

  static fork(modulePath: string, args: string[], options: object): UtilityProcess {
    strictOptions('utilityProcess.fork', options, ['serviceName', 'stdio'])
    return strict('UtilityProcess', new UtilityProcess(modulePath, args))
  }

  constructor(modulePath: string, args: string[]) {
    super()
    this.#child = fork(modulePath, args, {
      execArgv: ['--require', join(import.meta.dirname, 'parent-port.cjs')],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    running.add(this)
    this.#child.on('message', (crossing: Crossing) => this.#receive(crossing))
    this.#child.on('exit', (code) => {
      running.delete(this)
      // The other ends learn it as they do from a pipe that broke.
      for (const port of this.#ports.values()) port.close()
      this.emit('exit', code ?? 1)
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
    this.#send({ kind: 'message', message, ports: ids.map(({ id }) => id) })
    for (const { id, port } of ids) {
      port.transfer({
        deliver: (data) => this.#send({ kind: 'port', port: id, data }),
        close: () => this.#send({ kind: 'close', port: id }),
      })
    }
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): boolean {
    return this.#child.kill(signal)
  }

  #send(crossing: Crossing): void {
    if (this.#child.connected) this.#child.send(crossing)
  }

  #receive(crossing: Crossing): void {
    if (crossing.kind === 'message') this.emit('message', crossing.message)
    else if (crossing.kind === 'port') this.#ports.get(crossing.port)?.sent(crossing.data)
    else this.#ports.get(crossing.port)?.close()
  }
}
