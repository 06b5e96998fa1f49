/** Parsers of the lab's option values: strict, with an error that says what is allowed. */
import { usageError } from '../failure.ts'

/** A whole number in a range. Throws a usage error for anything else. */
export function parseWholeNumber(text: string, from: number, to: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= from && value <= to))
    throw usageError(`'${text}' is not allowed: use a whole number from ${from} to ${to}.`)
  return value
}

/** A rate per second. Throws a usage error outside 0.1 to ten million. */
export function parseRate(text: string): number {
  const rate = /^\d{1,8}(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (!(rate >= 0.1 && rate <= 10_000_000)) throw usageError(`'${text}' is not a rate: use 0.1 to 10000000 per second.`)
  return rate
}

/** The id of a lab. Throws a usage error for anything but 8 hexadecimal digits. */
export function parseLabId(text: string): string {
  if (!/^[0-9a-f]{8}$/.test(text)) {
    throw usageError(`'${text}' is not a lab id: use 8 hexadecimal digits. \`lab list\` shows the open labs.`)
  }
  return text
}
