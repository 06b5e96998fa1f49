/** What is to be sent on a link: messages, cut into frames, with the channels taking turns. */
import type { Writable } from 'node:stream'
import { encodeFrame, FrameKind, MAX_PAYLOAD } from './frames.ts'

export class Outbox {
  readonly #output: Writable
  /** The frames of each channel that has any, in the order of their turns. */
  readonly #queues = new Map<number, Buffer[]>()
  #queued = 0
  #blocked = false
  #waiting: (() => void)[] = []

  constructor(output: Writable) {
    this.#output = output
    output.on('drain', () => {
      this.#blocked = false
      this.#pump()
    })
  }

  /** Bytes that are not sent yet. */
  get unsent(): number {
    return this.#queued + this.#output.writableLength
  }

  /** Queues a message behind those of its channel. */
  send(channel: number, text: string): void {
    const bytes = Buffer.from(text)
    const queue = this.#queues.get(channel) ?? []
    for (let from = 0; from === 0 || from < bytes.length; from += MAX_PAYLOAD) {
      const kind = from + MAX_PAYLOAD < bytes.length ? FrameKind.part : FrameKind.data
      const frame = encodeFrame(kind, channel, bytes.subarray(from, from + MAX_PAYLOAD))
      queue.push(frame)
      this.#queued += frame.length
    }
    this.#queues.set(channel, queue)
    this.#pump()
  }

  /** Sends a frame before everything that is queued. */
  sendNow(frame: Buffer): void {
    if (!this.#output.write(frame)) this.#blocked = true
  }

  /** Discards what is queued for a channel. */
  discard(channel: number): void {
    for (const frame of this.#queues.get(channel) ?? []) this.#queued -= frame.length
    this.#queues.delete(channel)
    this.#wake()
  }

  /** Discards everything; whatever waits for room goes on. */
  close(): void {
    this.#queues.clear()
    this.#queued = 0
    this.#wake()
  }

  /** Resolves when at most `bytes` are unsent, or the outbox is closed. */
  async room(bytes: number): Promise<void> {
    while (this.unsent > bytes && !this.#output.writableEnded && !this.#output.destroyed)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #pump(): void {
    while (!this.#blocked) {
      const [turn] = this.#queues
      if (turn === undefined) break
      const [channel, queue] = turn
      const frame = queue.shift()
      this.#queues.delete(channel)
      if (queue.length > 0) this.#queues.set(channel, queue)
      if (frame === undefined) continue
      this.#queued -= frame.length
      this.sendNow(frame)
    }
    this.#wake()
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
