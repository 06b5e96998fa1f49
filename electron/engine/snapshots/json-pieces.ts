/**
 * JSON objects split into pieces as their bytes arrive: each element of a top-level array is a piece, and so is every
 * other top-level value. Only pieces are parsed, so the first invalid one ends the reading, whatever follows.
 */
import { isUtf8 } from 'node:buffer'

/** Limits on the bytes of a file. */
export const PIECE_LIMITS = {
  /** Bytes of one element of a top-level array: a group of 150,000 sockets. */
  element: 64 << 20,
  /** Bytes of any other top-level value. */
  value: 1 << 20,
  /** Values in one piece: as many as in such a group. */
  values: 4_000_000,
  /** Bytes of one string. */
  text: 64 << 10,
  /** Nesting depth of arrays and objects. */
  depth: 32,
} as const

export type JsonPiece =
  /** A top-level value that is not an array. */
  | { readonly kind: 'value'; readonly key: string; readonly value: unknown }
  /** A top-level array begins; its elements follow. */
  | { readonly kind: 'list'; readonly key: string }
  | { readonly kind: 'element'; readonly key: string; readonly at: number; readonly value: unknown }
  /** The object ends. */
  | { readonly kind: 'end' }

/** Why bytes are not valid JSON, or exceed a limit, with a hint. */
export class JsonFault extends Error {
  readonly hint: string

  constructor(cause: string, hint = 'If you have a copy, open that.') {
    super(cause)
    this.hint = hint
  }
}

const OTHER = 'Open a file that `snapshot save` or `record` wrote.'
const FEWER = 'Save fewer groups into one file, with filters such as --port.'

/** Between pieces: what may come next. Inside a piece: its kind. */
type State =
  | 'start'
  | 'name-or-end'
  | 'name'
  | 'colon'
  | 'value'
  | 'comma-or-end'
  | 'element-or-end'
  | 'element'
  | 'comma-or-list-end'
type Inside = 'name' | 'value' | 'element'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const NEWLINE = 0x0a

/** 1: it ends a bare value (a number, true, null). 2: something that must be counted. 3: both. */
const CLASS = new Uint8Array(256)
for (const space of [0x20, 0x09, NEWLINE, 0x0d]) CLASS[space] = 1
for (const opening of [QUOTE, OPEN_LIST, OPEN_OBJECT]) CLASS[opening] = 2
for (const closing of [COMMA, CLOSE_LIST, CLOSE_OBJECT]) CLASS[closing] = 3

export class JsonPieces {
  /** Lines before the current position. */
  line = 1
  /** Approximate number of values in the object so far, and their bytes. */
  values = 0
  bytes = 0
  #state: State = 'start'
  #inside: Inside | null = null
  #key = ''
  #at = 0
  #sawByte = false

  /** Bytes read before the chunk, and where in them the line began. */
  #offset = 0
  #lineStart = 0

  // Of the current piece.
  #parts: Uint8Array[] = []
  #size = 0
  #depth = 0
  #count = 0
  #bare = false
  #inText = false
  #escaped = false
  #textSize = 0
  #startLine = 1
  #startColumn = 1

  /** True before, between and behind whole objects. */
  get whole(): boolean {
    return this.#state === 'start'
  }

  /** The pieces that these bytes complete. Throws a JsonFault at the first invalid byte. */
  *push(chunk: Uint8Array): Generator<JsonPiece> {
    let at = 0
    if (!this.#sawByte && chunk.byteLength > 0) {
      this.#sawByte = true
      // A byte order mark (RFC 8259, 8.1: may be ignored).
      if (chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) at = 3
    }
    while (at < chunk.byteLength) {
      if (this.#inside !== null) {
        const from = at
        at = this.#through(chunk, at)
        this.#keep(chunk.subarray(from, at))
        // Nothing is open any more: the object is complete.
        if (this.#depth === 0 && !this.#inText && !this.#bare) yield* this.#completed()
        continue
      }
      const byte = chunk[at] ?? 0
      if (byte === 0x20 || byte === 0x09 || byte === 0x0d) {
        at++
      } else if (byte === NEWLINE) {
        this.#newline(at)
        at++
      } else {
        const piece = this.#next(byte, at)
        if (piece !== null) yield piece
        if (this.#inside === null) at++
      }
    }
    this.#offset += chunk.byteLength
  }

  /** Handles a byte between pieces. */
  #next(byte: number, at: number): JsonPiece | null {
    switch (this.#state) {
      case 'start':
        if (/["[\d-]/.test(String.fromCharCode(byte))) {
          throw new JsonFault('not a Reuseport Inspector file (it does not start as one)', OTHER)
        }
        if (byte !== OPEN_OBJECT) throw this.#wrong(at)
        this.values = 0
        this.bytes = 0
        this.#state = 'name-or-end'
        return null
      case 'name-or-end':
        if (byte === CLOSE_OBJECT) return this.#end()
        return this.#begin('name', byte, at)
      case 'name':
        return this.#begin('name', byte, at)
      case 'colon':
        if (byte !== COLON) throw this.#wrong(at)
        this.#state = 'value'
        return null
      case 'value':
        if (byte !== OPEN_LIST) return this.#begin('value', byte, at)
        this.#state = 'element-or-end'
        this.#at = 0
        return { kind: 'list', key: this.#key }
      case 'comma-or-end':
        if (byte === CLOSE_OBJECT) return this.#end()
        if (byte !== COMMA) throw this.#wrong(at)
        this.#state = 'name'
        return null
      case 'element-or-end':
        if (byte !== CLOSE_LIST) return this.#begin('element', byte, at)
        this.#state = 'comma-or-end'
        return null
      case 'element':
        return this.#begin('element', byte, at)
      case 'comma-or-list-end':
        if (byte !== COMMA && byte !== CLOSE_LIST) throw this.#wrong(at)
        this.#state = byte === COMMA ? 'element' : 'comma-or-end'
        return null
    }
  }

  #end(): JsonPiece {
    this.#state = 'start'
    return { kind: 'end' }
  }

  #begin(inside: Inside, byte: number, at: number): null {
    const text = byte === QUOTE
    const nested = byte === OPEN_OBJECT || byte === OPEN_LIST
    if ((inside === 'name' && !text) || (!text && !nested && CLASS[byte] !== 0)) throw this.#wrong(at)
    this.#inside = inside
    this.#bare = !text && !nested
    this.#count = 1
    this.#size = 0
    this.#startLine = this.line
    this.#startColumn = this.#offset + at - this.#lineStart + 1
    return null
  }

  /** From `from` to the end of the piece or of the chunk. */
  #through(chunk: Uint8Array, from: number): number {
    let at = from
    const end = chunk.byteLength
    for (; at < end; at++) {
      const byte = chunk[at] ?? 0
      if (this.#inText) {
        const start = at
        let escaped = this.#escaped
        let closed = false
        for (; at < end; at++) {
          const inner = chunk[at]
          if (escaped) escaped = false
          else if (inner === BACKSLASH) escaped = true
          else if (inner === QUOTE) {
            closed = true
            break
          }
        }
        this.#escaped = escaped
        this.#textSize += at - start
        if (this.#textSize > PIECE_LIMITS.text) throw new JsonFault('one of its strings is longer than 64 KiB', OTHER)
        if (!closed) return end
        this.#inText = false
        if (this.#depth === 0) return at + 1
        continue
      }
      const kind = CLASS[byte]
      if (kind === 0) continue
      if (this.#bare && kind !== 2) {
        this.#bare = false
        return at
      }
      if (byte === NEWLINE) this.#newline(at)
      else if (byte === QUOTE) {
        if (this.#bare) throw this.#wrong(at)
        this.#inText = true
        this.#textSize = 0
      } else if (byte === COMMA) this.#counted()
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        if (this.#bare) throw this.#wrong(at)
        this.#counted()
        this.#depth++
        if (this.#depth > PIECE_LIMITS.depth - 2) throw new JsonFault('its values are nested too deeply', OTHER)
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        this.#depth--
        if (this.#depth === 0) return at + 1
      }
    }
    return end
  }

  #counted(): void {
    this.#count++
    if (this.#count > PIECE_LIMITS.values) throw new JsonFault('one of its elements has too many values', FEWER)
  }

  #keep(bytes: Uint8Array): void {
    this.#size += bytes.byteLength
    const most = this.#inside === 'element' ? PIECE_LIMITS.element : PIECE_LIMITS.value
    if (this.#size > most) throw new JsonFault(`one of its values is larger than ${most >> 20} MiB`, FEWER)
    if (bytes.byteLength > 0) this.#parts.push(bytes)
  }

  /** The completed piece. */
  *#completed(): Generator<JsonPiece> {
    const value = this.#parsed()
    this.values += this.#count
    this.bytes += this.#size
    const inside = this.#inside
    this.#inside = null
    if (inside === 'name') {
      this.#key = String(value)
      this.#state = 'colon'
    } else if (inside === 'value') {
      this.#state = 'comma-or-end'
      yield { kind: 'value', key: this.#key, value }
    } else {
      this.#state = 'comma-or-list-end'
      yield { kind: 'element', key: this.#key, at: this.#at++, value }
    }
  }

  #parsed(): unknown {
    const [only] = this.#parts
    const bytes =
      this.#parts.length === 1 && only !== undefined
        ? Buffer.from(only.buffer, only.byteOffset, only.byteLength)
        : Buffer.concat(this.#parts)
    this.#parts = []
    if (!isUtf8(bytes)) throw new JsonFault('it is not UTF-8 text')
    const text = bytes.toString()
    try {
      return JSON.parse(text)
    } catch (error) {
      throw this.#wrongIn(text, error)
    }
  }

  #newline(at: number): void {
    this.line++
    this.#lineStart = this.#offset + at + 1
  }

  #wrong(at: number): JsonFault {
    return invalidJson(this.line, this.#offset + at - this.#lineStart + 1)
  }

  /** Where a piece is invalid, from V8's message. */
  #wrongIn(text: string, error: unknown): JsonFault {
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
    if (position === undefined) return invalidJson(this.#startLine, this.#startColumn)
    const before = text.slice(0, Number(position)).split('\n')
    const last = before.at(-1) ?? ''
    const line = this.#startLine + before.length - 1
    return invalidJson(line, last.length + (before.length === 1 ? this.#startColumn : 1))
  }
}

function invalidJson(line: number, column: number): JsonFault {
  return new JsonFault(`invalid JSON at line ${line}, column ${column}`)
}
