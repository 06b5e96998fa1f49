/**
 * One end of a byte stream between two programs: channels for messages, and the knowledge whether the other end still
 * lives. It knows nothing of ssh, or of the contract.
 */
import type { Readable, Writable } from 'node:stream'
import { encodeFrame, type Frame, FrameError, FrameKind, FrameReader } from './frames.ts'
import { Outbox } from './outbox.ts'

export type LinkOptions = {
  /** The near end opens channels and pings; the far end answers. */
  readonly end: 'near' | 'far'
  /** The link ends when nothing was received for this long, in milliseconds, to within a quarter of it. */
  readonly silenceMs: number
  /** Largest accepted message, in bytes. A larger one ends the link. */
  readonly messageBytes: number
  /** Unsent bytes above which the link ends: the other end does not read. */
  readonly unsentBytes: number
  /** The far end: a channel was opened. */
  readonly onChannel?: (channel: Channel) => void
  /** The near end: a ping was answered. */
  readonly onPulse?: (pulse: Pulse) => void
}

/** What the answer to a ping tells. */
export type Pulse = {
  /** Milliseconds there and back. */
  readonly roundTripMs: number
  /** The other end's clock minus the one here, in milliseconds, to within half of the round trip. */
  readonly clockAheadMs: number
}

/** For all ends. Without such a limit an engine behind a cut link lives on, because sshd never learns of it. */
export const SILENCE_MS = 20_000
/** Channels of one link at once, which is one for each page and each command. */
const MAX_CHANNELS = 16
/** Ticks without a byte after which a link ends; the near end pings at every tick. */
const QUIET_TICKS = 4

export class Link {
  readonly outbox: Outbox
  /** Resolves to why the link ended, as the end of a sentence: "it was silent for 20 s". */
  readonly ended: Promise<string>
  readonly #options: LinkOptions
  readonly #output: Writable
  readonly #channels = new Map<number, Channel>()
  readonly #timer: NodeJS.Timeout
  #resolveEnded: (reason: string) => void = () => {}
  #reason: string | null = null
  #quietTicks = 0
  #lastChannel = 0
  /** When the ping was sent that is not answered yet (performance.now()). */
  #pingedAt: number | null = null

  /** Reads `input` from its current place on. The caller owns the streams' process. */
  constructor(input: Readable, output: Writable, options: LinkOptions) {
    this.#options = options
    this.#output = output
    this.outbox = new Outbox(output)
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve
    })
    const reader = new FrameReader()
    input.on('data', (chunk: Buffer) => this.#receive(reader, chunk))
    input.on('end', () => this.#finish('the other end closed it'))
    input.on('close', () => this.#finish('the other end closed it'))
    input.resume()
    for (const stream of [input, output])
      stream.on('error', (error: NodeJS.ErrnoException) =>
        this.#finish(`the stream failed (${error.code ?? error.message})`),
      )
    // Ticks are counted, not time: while this thread is busy, bytes that arrived are not read either.
    this.#timer = setInterval(() => this.#tick(), options.silenceMs / QUIET_TICKS)
    this.#timer.unref()
    if (options.end === 'near') this.#ping()
  }

  /** Why it ended; null while it lives. */
  get reason(): string | null {
    return this.#reason
  }

  /** The near end: a new channel. */
  open(): Channel {
    // Not the lowest free one: messages for a closed channel may still be on their way.
    do this.#lastChannel = (this.#lastChannel % 0xffff) + 1
    while (this.#channels.has(this.#lastChannel))
    const channel = this.#add(this.#lastChannel)
    this.#control(FrameKind.open, channel.id)
    return channel
  }

  /** Ends the link, and tells the other end why. */
  end(reason: string): void {
    if (this.#reason === null) this.#control(FrameKind.bye, 0, Buffer.from(reason))
    this.#finish(reason)
  }

  #add(id: number): Channel {
    const channel = new Channel(id, {
      send: (text) => this.#send(id, text),
      close: () => {
        if (this.#channels.delete(id)) this.#control(FrameKind.close, id)
        this.outbox.discard(id)
      },
    })
    this.#channels.set(id, channel)
    return channel
  }

  #send(channel: number, text: string): void {
    if (this.#reason !== null || !this.#channels.has(channel)) return
    this.outbox.send(channel, text)
    this.#limitUnsent()
  }

  #control(kind: FrameKind, channel: number, payload?: Buffer): void {
    if (this.#reason !== null) return
    this.outbox.sendNow(encodeFrame(kind, channel, payload))
    this.#limitUnsent()
  }

  #limitUnsent(): void {
    if (this.outbox.unsent > this.#options.unsentBytes) this.#finish('the other end does not read')
  }

  #receive(reader: FrameReader, chunk: Buffer): void {
    this.#quietTicks = 0
    try {
      for (const frame of reader.read(chunk)) {
        if (this.#reason !== null) return
        this.#take(frame)
      }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error
      this.end(`the other end sent ${error.message}`)
    }
  }

  #take({ kind, channel: id, payload }: Frame): void {
    const channel = this.#channels.get(id)
    if (kind === FrameKind.ping) this.#control(FrameKind.pong, 0, clockBytes())
    if (kind === FrameKind.pong) this.#pulse(payload)
    if (kind === FrameKind.bye) this.#finish(payload.toString('utf8', 0, 500))
    if (kind === FrameKind.open) this.#admit(id)
    // After a channel is closed here, its last messages may still be on their way.
    if (kind === FrameKind.part) channel?.receive(payload, false, this.#options.messageBytes)
    if (kind === FrameKind.data) channel?.receive(payload, true, this.#options.messageBytes)
    if (kind === FrameKind.close) {
      this.#channels.delete(id)
      this.outbox.discard(id)
      channel?.onClose()
    }
  }

  #admit(id: number): void {
    const { onChannel } = this.#options
    if (onChannel === undefined || this.#channels.has(id)) throw new FrameError('an unexpected channel')
    if (this.#channels.size >= MAX_CHANNELS) throw new FrameError(`more than ${MAX_CHANNELS} channels`)
    onChannel(this.#add(id))
  }

  #tick(): void {
    if (this.#quietTicks++ >= QUIET_TICKS) {
      this.end(`it was silent for ${this.#options.silenceMs / 1000} s`)
    } else if (this.#options.end === 'near') this.#ping()
  }

  #ping(): void {
    this.#pingedAt ??= performance.now()
    this.#control(FrameKind.ping, 0)
  }

  #pulse(clock: Buffer): void {
    if (this.#pingedAt === null || clock.length !== CLOCK_BYTES) return
    const roundTripMs = performance.now() - this.#pingedAt
    this.#pingedAt = null
    const clockAheadMs = clock.readDoubleBE() + roundTripMs / 2 - Date.now()
    if (Number.isFinite(clockAheadMs)) this.#options.onPulse?.({ roundTripMs, clockAheadMs })
  }

  #finish(reason: string): void {
    if (this.#reason !== null) return
    this.#reason = reason
    clearInterval(this.#timer)
    this.#output.end()
    this.outbox.close()
    const channels = [...this.#channels.values()]
    this.#channels.clear()
    for (const channel of channels) channel.onClose()
    this.#resolveEnded(reason)
  }
}

const CLOCK_BYTES = 8

/** Milliseconds since the epoch, by the clock here. */
function clockBytes(): Buffer {
  const bytes = Buffer.alloc(CLOCK_BYTES)
  bytes.writeDoubleBE(Date.now())
  return bytes
}

/** One conversation on a link. */
export class Channel {
  readonly id: number
  /** Queues a message for the other end. */
  readonly send: (text: string) => void
  /** Closes it at both ends. */
  readonly close: () => void
  /** A message from the other end. */
  onMessage: (text: string) => void = () => {}
  /** The other end closed it, or the link ended. */
  onClose: () => void = () => {}
  #parts: Buffer[] = []
  #bytes = 0

  constructor(id: number, { send, close }: Pick<Channel, 'send' | 'close'>) {
    this.id = id
    this.send = send
    this.close = close
  }

  /** For the link: the next part of a message. Throws a FrameError where the message is too large. */
  receive(part: Buffer, last: boolean, maxBytes: number): void {
    if (!last && part.length === 0) throw new FrameError('an empty part of a message')
    this.#bytes += part.length
    if (this.#bytes > maxBytes) throw new FrameError(`a message of more than ${maxBytes} bytes`)
    this.#parts.push(part)
    if (!last) return
    const text = Buffer.concat(this.#parts).toString()
    this.#parts = []
    this.#bytes = 0
    this.onMessage(text)
  }
}
