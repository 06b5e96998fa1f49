/** The cost of balance and findings, and of history and events, in a refresh, on the engine's own thread. */

import { createSocket, type Socket } from 'node:dgram'
import { SINGLE_FRAME, WATCHED_FRAME } from '../../../electron/engine/collect/frame-request.ts'
import type { Sampler } from '../../../electron/engine/collect/sampler.ts'
import { EngineCore } from '../../../electron/engine/engine-core.ts'
import { EventsWatch } from '../../../electron/engine/stream/events/events-watch.ts'
import { Memory } from '../../../electron/engine/stream/memory.ts'
import { addonPath, threadMs } from './process.ts'

/** Work that a refresh starts and that outlasts it is done by then. */
const SETTLE_MS = 200
const INTERVAL_MS = 60_000

class Watched {
  readonly #sampler: Sampler
  readonly #sender: Socket = createSocket('udp4')
  #observing = 0
  #remembering = 0
  #changed = 0

  constructor() {
    const { collector, sampler, findings: watch } = new EngineCore({ addonPath })
    const memory = new Memory()
    const events = new EventsWatch({ collector, findings: watch.log, memory })
    sampler.intervalMs = INTERVAL_MS
    this.#sampler = sampler
    collector.onFrame = async (frame) => {
      const began = threadMs()
      await watch.observe(frame)
      const observed = threadMs()
      this.#observing += observed - began
      await memory.history.observe(frame, INTERVAL_MS)
      await events.observe(frame, INTERVAL_MS)
      this.#remembering += threadMs() - observed
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

  /**
   * Milliseconds of this thread for one refresh: of balance and findings, and of history and events. And how many groups
   * had changed. It may produce two frames.
   */
  async refresh() {
    this.#observing = 0
    this.#remembering = 0
    this.#changed = 0
    await this.#sampler.read(WATCHED_FRAME, async () => undefined)
    const after = threadMs()
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    return { cost: this.#observing + threadMs() - after, remembering: this.#remembering, changed: this.#changed }
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
