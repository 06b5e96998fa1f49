/**
 * A field of a row: where it is in it and how long, in bytes. Each function is for one type, as
 * native/addon/addon_layout.cc names it.
 */
export type Field<Type extends string> = {
  readonly offset: number
  readonly type: Type
  readonly length: number
}

const field = <Type extends string>(type: Type, offset: number, length: number): Field<Type> => ({
  offset,
  type,
  length,
})

export const u8 = (offset: number) => field('u8', offset, 1)
export const u16 = (offset: number) => field('u16', offset, 2)
export const u32 = (offset: number) => field('u32', offset, 4)
export const u64 = (offset: number) => field('u64', offset, 8)
export const bytes = (offset: number, length: number) => field('bytes', offset, length)
