/** Reads the addon's fixed-size rows field by field, so that only requested values become objects. */
import type { Field } from '../../../native/field.ts'
import { layout } from '../../../native/layout.generated.ts'

export const UNKNOWN = layout.numbers.kUnknown

/** The fields of a row, by kind of row and name. */
export const fields = {
  socket: layout.rows.socket.fields,
  group: layout.rows.group.fields,
  holder: layout.rows.holder.fields,
  process: layout.rows.process.fields,
}

/** The names of an enum's numbers. */
export function namesByNumber<Name extends string>(
  numbers: Readonly<Record<Name, number>>,
): readonly (Name | undefined)[] {
  const names: (Name | undefined)[] = []
  for (const name in numbers) names[numbers[name]] = name
  return names
}

/** Rows of one kind, side by side in one buffer. */
export class Rows {
  readonly count: number
  readonly #stride: number
  readonly #u8: Uint8Array
  readonly #u16: Uint16Array
  readonly #u32: Uint32Array
  readonly #u64: BigUint64Array

  constructor(kind: keyof typeof layout.rows, buffer: ArrayBuffer, count: number) {
    this.count = count
    this.#stride = layout.rows[kind].stride
    this.#u8 = new Uint8Array(buffer)
    this.#u16 = new Uint16Array(buffer, 0, buffer.byteLength >> 1)
    this.#u32 = new Uint32Array(buffer, 0, buffer.byteLength >> 2)
    this.#u64 = new BigUint64Array(buffer, 0, buffer.byteLength >> 3)
  }

  u8(row: number, { offset }: Field<'u8'>): number {
    return this.#u8[row * this.#stride + offset] ?? 0
  }

  u16(row: number, { offset }: Field<'u16'>): number {
    return this.#u16[(row * this.#stride + offset) >> 1] ?? 0
  }

  u32(row: number, { offset }: Field<'u32'>): number {
    return this.#u32[(row * this.#stride + offset) >> 2] ?? 0
  }

  /** The same, with the native "unknown" as null. */
  u32OrNull(row: number, field: Field<'u32'>): number | null {
    const value = this.u32(row, field)
    return value === UNKNOWN ? null : value
  }

  u64(row: number, { offset }: Field<'u64'>): bigint {
    return this.#u64[(row * this.#stride + offset) / 8] ?? 0n
  }

  lowHalf(row: number, { offset }: Field<'u64'>): number {
    return this.#u32[(row * this.#stride + offset) >> 2] ?? 0
  }

  highHalf(row: number, { offset }: Field<'u64'>): number {
    return this.#u32[((row * this.#stride + offset) >> 2) + 1] ?? 0
  }

  /** A 64-bit sum as a number: exact up to 2^53, more than any queue holds. */
  u64Number(row: number, field: Field<'u64'>): number {
    return this.highHalf(row, field) * 0x1_0000_0000 + this.lowHalf(row, field)
  }

  bytes(row: number, { offset, length }: Field<'bytes'>): Uint8Array {
    const at = row * this.#stride + offset
    return this.#u8.subarray(at, at + length)
  }
}
