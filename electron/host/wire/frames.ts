/**
 * Frames: how messages of several channels share one byte stream. A frame is the length of the rest (u32, big-endian),
 * its kind (u8), its channel (u16), and up to 64 KiB of payload. Messages are cut into frames, so that a large one does
 * not hold up the others.
 */

export const FrameKind = {
  /** The end of a message, or all of it. */
  data: 1,
  /** A part of a message, with more to come. */
  part: 2,
  /** The near end opens a channel. */
  open: 3,
  /** Either end closes a channel. */
  close: 4,
  ping: 5,
  /** The answer to a ping; the payload is the sender's clock. */
  pong: 6,
  /** The sender ends the stream; the payload says why. */
  bye: 7,
} as const
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind]

export type Frame = { readonly kind: FrameKind; readonly channel: number; readonly payload: Buffer }

/** Largest payload of a frame, in bytes. */
export const MAX_PAYLOAD = 64 * 1024
const HEADER = 7
const KINDS: ReadonlySet<number> = new Set(Object.values(FrameKind))

/** The bytes of one frame. */
export function encodeFrame(kind: FrameKind, channel: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const frame = Buffer.allocUnsafe(HEADER + payload.length)
  frame.writeUInt32BE(HEADER - 4 + payload.length, 0)
  frame.writeUInt8(kind, 4)
  frame.writeUInt16BE(channel, 5)
  payload.copy(frame, HEADER)
  return frame
}

/** The bytes are not frames. The message says what was received instead. */
export class FrameError extends Error {
  override name = 'FrameError'
}

/** Cuts a byte stream into frames, however it arrives in chunks. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0)

  /** The frames that are complete with this chunk. Throws a FrameError at the first header that is not one of ours. */
  read(chunk: Buffer): Frame[] {
    const frames: Frame[] = []
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    while (this.#rest.length >= HEADER) {
      const size = this.#rest.readUInt32BE(0) - (HEADER - 4)
      const kind = this.#rest.readUInt8(4)
      if (size < 0 || size > MAX_PAYLOAD) throw new FrameError(`a frame of ${size} bytes`)
      if (!isKind(kind)) throw new FrameError(`a frame of unknown kind ${kind}`)
      if (this.#rest.length < HEADER + size) break
      const channel = this.#rest.readUInt16BE(5)
      const payload = this.#rest.subarray(HEADER, HEADER + size)
      this.#rest = this.#rest.subarray(HEADER + size)
      frames.push({ kind, channel, payload })
    }
    return frames
  }
}

function isKind(value: number): value is FrameKind {
  return KINDS.has(value)
}
