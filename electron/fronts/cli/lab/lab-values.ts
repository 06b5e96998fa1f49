/** Parsers of the lab's option values: strict, with an error that says what is allowed. */
import type { ListenRequest, RecipeName, RecipeSize, TrafficRequest } from '../../../contract/lab.ts'
import { usageError } from '../failure.ts'

// As in option-values.ts: copies of the model's zod enums; a test keeps them equal.
export const acceptBehaviors = [
  'normal',
  'slow',
  'never',
] as const satisfies readonly ListenRequest['acceptBehavior']['mode'][]
export const acceptModels = [
  'reuseport',
  'shared',
  'dispatcher',
] as const satisfies readonly ListenRequest['acceptModel'][]
export const waitStrategies = [
  'accept',
  'epoll',
  'epoll-exclusive',
] as const satisfies readonly ListenRequest['waitStrategy'][]
export const steerings = [
  'hash',
  'random',
  'cpu',
  'source-port',
  'member',
] as const satisfies readonly ListenRequest['steering'][]
export const replies = ['echo', 'dns'] as const satisfies readonly ListenRequest['reply'][]
export const exchanges = [
  'echo',
  'hold',
  'close',
  'send',
  'dns',
] as const satisfies readonly TrafficRequest['exchange'][]
export const sizes = ['small', 'full'] as const satisfies readonly RecipeSize[]
export const recipeNames = [
  'accept-models',
  'udp-dns',
  'listeners-change',
  'slow-worker',
  'no-hijacking',
  'reuseaddr-is-not-reuseport',
  'steering',
] as const satisfies readonly RecipeName[]

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
