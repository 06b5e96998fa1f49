/** Parsers of what a check asserts: strict, with an error that says what is allowed. */
import { usageError } from '../failure.ts'
import type { CountRange } from './assertions.ts'

/** `8`, `4..8`, `4..` or `..8`. Throws a usage error for anything else. */
export function parseMemberRange(text: string): CountRange {
  const [, from, dots, to] = /^(\d{1,6})?(\.\.)?(\d{1,6})?$/.exec(text) ?? []
  const min = from === undefined ? null : Number(from)
  const max = dots === undefined ? min : to === undefined ? null : Number(to)
  const valid = (min !== null || max !== null) && (min ?? 0) <= (max ?? Number.POSITIVE_INFINITY)
  if (!valid || (dots === undefined && to !== undefined))
    throw usageError(`'${text}' is not a number of members: use 8, 4..8, 4.. or ..8.`)
  return { min, max }
}

/** A ratio from 1. Throws a usage error for anything else. */
export function parseRatio(text: string): number {
  const ratio = /^\d{1,6}(?:\.\d+)?$/.test(text) ? Number(text) : 0
  if (ratio < 1) throw usageError(`'${text}' is not a ratio: use a number from 1, such as 1.5.`)
  return ratio
}

/** `50%` or `0.5` as 0.5. Throws a usage error outside 0 to 1. */
export function parseShare(text: string): number {
  const [, number, percent] = /^(\d{1,3}(?:\.\d+)?)(%)?$/.exec(text) ?? []
  const share = number === undefined ? Number.NaN : Number(number) / (percent === undefined ? 1 : 100)
  if (!(share >= 0 && share <= 1)) throw usageError(`'${text}' is not a share: use 0% to 100%, or 0 to 1.`)
  return share
}
