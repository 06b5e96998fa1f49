/** The queues of a group in few numbers: the same wherever they are told, live, from a snapshot or as metrics. */

/** Members drawn one by one in a table's row; beyond, each slot stands for several. */
const SLOTS = 32

/** Fills as a row shows them: one a member, past 32 the fullest of each share. */
export function queueSlots(fills: number[]): number[] {
  if (fills.length <= SLOTS) return fills
  const slots = new Array<number>(SLOTS).fill(-1)
  for (let index = 0; index < fills.length; index++) {
    const slot = Math.floor((index * SLOTS) / fills.length)
    slots[slot] = Math.max(slots[slot] ?? -1, fills[index] ?? -1)
  }
  return slots
}

/**
 * The longest queue against the mean of all: 1 is even, as many as there are queues is all at one. null for fewer than
 * two queues, or where nothing waits. Thousandths are kept.
 */
export function queueImbalance(lengths: readonly number[]): number | null {
  let sum = 0
  let longest = 0
  for (const length of lengths) {
    sum += length
    if (length > longest) longest = length
  }
  return lengths.length < 2 || sum === 0 ? null : Math.round((1000 * longest * lengths.length) / sum) / 1000
}
