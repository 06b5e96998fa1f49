/** The cost of balance and findings in a refresh, on the engine's own thread. */

import { createSocket, type Socket } from 'node:dgram'
import { SINGLE_FRAME, WATCHED_FRAME } from '../../../electron/engine/collect/frame-request.ts'
import type { Sampler } from '../../../electron/engine/collect/sampler.ts'
import { EngineCore } from '../../../electron/engine/engine-core.ts'
import { addonPath, threadMs } from './process.ts'

/** Work that a refresh starts and that outlasts it is done by then. */
const SETTLE_MS = 200

class Watched {
  readonly #sampler: Sampler
  readonly #sender: Socket = createSocket('udp4')
  #observing = 0
  #changed = 0

  constructor() {
    const { collector, sampler, findings: watch } = new EngineCore({ addonPath })
    sampler.intervalMs = 60_000
    this.#sampler = sampler
    collector.onFrame = async (frame) => {
      const began = threadMs()
      await watch.observe(frame)
      this.#observing += threadMs() - began
      for (let row = 0; row < frame.groups.count; row++) {
        if (frame.changed(row) === frame.refresh) this.#changed++
      }
    }
  }

  /** Until everything is read and classified. */
  async classify(): Promise<void> {
    for (let round = 0; round < 3; round++) await this.#sampler.read(SINGLE_FRAME, async () => undefined)
  }

  /** One datagram to each of `groups` UDP ports from `first` on. */
  async send(first: number, groups: number): Promise<void> {
    for (let port = first; port < first + groups; port++) {
      await new Promise<void>((resolve, reject) =>
        this.#sender.send('x', port, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
      )
    }
  }

  /** Milliseconds of this thread for one refresh, and how many groups had changed; it may produce two frames. */
  async refresh() {
    this.#observing = 0
    this.#changed = 0
    await this.#sampler.read(WATCHED_FRAME, async () => undefined)
    const after = threadMs()
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    return { cost: this.#observing + threadMs() - after, changed: this.#changed }
  }
}

let watched: Watched | null = null

export async function findings({ send, first, groups }: { send: boolean; first: number; groups: number }) {
  if (watched === null) {
    watched = new Watched()
    await watched.classify()
  }
  if (send) await watched.send(first, groups)
  return watched.refresh()
}
