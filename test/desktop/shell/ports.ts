/** MessageChannelMain: two ports of this process, each of which can be transferred to a page or a utility process. */
import { EventEmitter } from 'node:events'

/** Where a transferred port's messages go: another process, or a page. */
export type Far = { deliver(data: unknown): void; close(): void }

/**
 * Like Electron's MessagePortMain: messages wait until `start`, a transferred port is unusable here, closing one end
 * closes the other.
 */
export class Port extends EventEmitter {
  #other: Port | null = null
  #waiting: unknown[] = []
  #started = false
  #closed = false
  #far: Far | null = null

  static pair(): [Port, Port] {
    const ports: [Port, Port] = [new Port(), new Port()]
    ports[0].#other = ports[1]
    ports[1].#other = ports[0]
    return ports
  }

  postMessage(data: unknown): void {
    if (this.#far !== null) throw new Error('The port was transferred and cannot be used here.')
    // Throws for what cannot be cloned; Node's own channel to a process would silently omit it.
    this.#other?.receive(structuredClone(data))
  }

  start(): void {
    this.#started = true
    for (const data of this.#waiting.splice(0)) this.emit('message', { data, ports: [] })
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#far?.close()
    this.emit('close')
    this.#other?.close()
  }

  /** Transfers this end. Queued messages are delivered there; messages from there arrive through `sent`. */
  transfer(far: Far): void {
    if (this.#far !== null) throw new Error('The port is neutered: it was transferred before.')
    this.#far = far
    if (this.#closed) far.close()
    for (const data of this.#waiting.splice(0)) far.deliver(data)
  }

  /** A message from the holder of this end. */
  sent(data: unknown): void {
    this.#other?.receive(data)
  }

  receive(data: unknown): void {
    if (this.#closed) return
    if (this.#far !== null) this.#far.deliver(data)
    else if (this.#started) this.emit('message', { data, ports: [] })
    else this.#waiting.push(data)
  }
}
