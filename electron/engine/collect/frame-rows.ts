/** Reads the addon's fixed-size rows by offset, so that only requested rows become objects. */
import type { Layout, RowLayout } from '../../../native/index.ts'

/** The native layer's "not known" for 32-bit fields (`kUnknown` in records.h). */
export const UNKNOWN = 0xffffffff

/**
 * The byte offsets of one kind of row, by field name. Throws when the addon lacks a field: its version is different
 * then.
 */
export function offsets<Name extends string>(
  layout: RowLayout,
  names: readonly Name[],
): Readonly<Record<Name, number>> {
  const entries = names.map((name) => {
    const field = layout.fields[name]
    if (field === undefined)
      throw new Error(`the native addon has no field "${name}": rebuild it (npm run build:native)`)
    return [name, field.offset] as const
  })
  return Object.fromEntries(entries) as Record<Name, number>
}

/** Rows of one kind, side by side in one buffer. */
export class Rows {
  readonly count: number
  readonly #stride: number
  readonly #u8: Uint8Array
  readonly #u16: Uint16Array
  readonly #u32: Uint32Array
  readonly #u64: BigUint64Array

  constructor(layout: RowLayout, buffer: ArrayBuffer, count: number) {
    this.count = count
    this.#stride = layout.stride
    this.#u8 = new Uint8Array(buffer)
    this.#u16 = new Uint16Array(buffer, 0, buffer.byteLength >> 1)
    this.#u32 = new Uint32Array(buffer, 0, buffer.byteLength >> 2)
    this.#u64 = new BigUint64Array(buffer, 0, buffer.byteLength >> 3)
  }

  u8(row: number, offset: number): number {
    return this.#u8[row * this.#stride + offset] ?? 0
  }

  u16(row: number, offset: number): number {
    return this.#u16[(row * this.#stride + offset) >> 1] ?? 0
  }

  u32(row: number, offset: number): number {
    return this.#u32[(row * this.#stride + offset) >> 2] ?? 0
  }

  /** The same, with the native "unknown" as null. */
  u32OrNull(row: number, offset: number): number | null {
    const value = this.u32(row, offset)
    return value === UNKNOWN ? null : value
  }

  u64(row: number, offset: number): bigint {
    return this.#u64[(row * this.#stride + offset) / 8] ?? 0n
  }

  /** A 64-bit sum as a number: exact up to 2^53, more than any queue holds. */
  u64Number(row: number, offset: number): number {
    const at = (row * this.#stride + offset) >> 2
    return (this.#u32[at + 1] ?? 0) * 0x1_0000_0000 + (this.#u32[at] ?? 0)
  }

  bytes(row: number, offset: number, length: number): Uint8Array {
    const at = row * this.#stride + offset
    return this.#u8.subarray(at, at + length)
  }
}

const SOCKET_FIELDS = [
  'cookie',
  'inode',
  'uid',
  'netns',
  'interface',
  'group',
  'queue_length',
  'queue_limit',
  'drops',
  'drops_delta',
  'first_holder',
  'holders',
  'since',
  'changed',
  'port',
  'remote_port',
  'family',
  'protocol',
  'state',
  'v6only',
  'options',
  'change',
  'incoming_cpu',
  'address',
  'remote_address',
] as const
const GROUP_FIELDS = [
  'id',
  'queue_length',
  'queue_limit',
  'drops',
  'drops_delta',
  'first',
  'sockets',
  'receiving',
  'drops_known',
  'fullest',
  'uid',
  'netns',
  'interface',
  'since',
  'changed',
  'members_changed',
  'port',
  'family',
  'protocol',
  'v6only',
  'sharing',
  'evidence',
  'pending',
  'change',
  'address',
] as const
const HOLDER_FIELDS = ['inode', 'pid', 'fd', 'process'] as const
const PROCESS_FIELDS = ['start_time', 'pid', 'parent', 'uid', 'netns', 'sockets', 'epolls', 'command'] as const

/** Every offset, read once when the engine starts. */
export function fieldOffsets(layout: Layout) {
  return {
    socket: offsets(layout.socket, SOCKET_FIELDS),
    group: offsets(layout.group, GROUP_FIELDS),
    holder: offsets(layout.holder, HOLDER_FIELDS),
    process: offsets(layout.process, PROCESS_FIELDS),
  }
}
export type FieldOffsets = ReturnType<typeof fieldOffsets>
