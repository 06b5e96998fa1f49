/** How unevenly the members of a group are loaded, in one number and what it is of. */
import { formatRatio } from './format.ts'
import type { Imbalance } from './live.ts'

/** Fewer of what was given, for each member, say nothing about shares. */
const MIN_GIVEN_EACH = 5

/**
 * Of the receiving members: what each was given (null where it is not counted), and the lengths of their queues.
 * `independent`: each of what was given is a flow of its own, and the hash decides. null for fewer than two members, and
 * where neither anything was given nor anything waits. Rounded to thousandths.
 */
export function imbalanceOf(
  given: readonly number[] | null,
  lengths: readonly number[],
  independent: boolean,
): Imbalance | null {
  if (given !== null) {
    const total = given.reduce((sum, count) => sum + count, 0)
    const ratio = total < MIN_GIVEN_EACH * given.length ? null : maxOverMean(given)
    if (ratio !== null) return { of: 'given', ratio, chance: independent ? chanceRatio(total, given.length) : null }
  }
  const ratio = maxOverMean(lengths)
  return ratio === null ? null : { of: 'queues', ratio, chance: null }
}

/** The ratio to judge by: what chance allows counts as even. null as in `imbalanceOf`. */
export function notableRatio(imbalance: Imbalance | null): number | null {
  if (imbalance === null) return null
  return isWithinChance(imbalance) ? 1 : imbalance.ratio
}

export function isWithinChance({ ratio, chance }: Imbalance): boolean {
  return chance !== null && ratio <= chance
}

/** "1.60 times the mean, of what members were given, as chance allows (up to 1.72)". */
export function imbalanceText(imbalance: Imbalance): string {
  const { of, ratio, chance } = imbalance
  if (of === 'queues') return `${formatRatio(ratio)} times the mean, of their queues now`
  const what = `${formatRatio(ratio)} times the mean, of what members were given`
  if (chance === null) return what
  const bound = `up to ${formatRatio(chance)}`
  return isWithinChance(imbalance)
    ? `${what}, as chance allows (${bound})`
    : `${what}, more than chance allows (${bound})`
}

/** The largest number divided by the mean; null for fewer than two numbers, or where all are 0. */
export function maxOverMean(counts: readonly number[]): number | null {
  let sum = 0
  let max = 0
  for (const count of counts) {
    sum += count
    if (count > max) max = count
  }
  return counts.length < 2 || sum === 0 ? null : thousandths((max * counts.length) / sum)
}

/**
 * By Bernstein's inequality, which holds for small numbers too: the count of a member, which is binomial, exceeds its
 * mean by t with a probability of at most exp(−t² / (2 · (variance + t / 3))); once in a thousand times for any member.
 */
function chanceRatio(total: number, members: number): number {
  const mean = total / members
  const variance = mean * (1 - 1 / members)
  const log = Math.log(1000 * members)
  return thousandths(1 + (log / 3 + Math.sqrt(log ** 2 / 9 + 2 * log * variance)) / mean)
}

function thousandths(value: number): number {
  return Math.round(1000 * value) / 1000
}
