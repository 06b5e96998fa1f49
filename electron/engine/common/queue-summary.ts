/** The queues of a group in a few numbers: the same live, from a snapshot and as metrics. */

/** Bars in a table row, one per member; beyond this number each stands for several. */
const SLOTS = 32

/** Utilizations as a row shows them: one per member, past 32 the highest of each share. */
export function queueSlots(fills: number[]): number[] {
  if (fills.length <= SLOTS) return fills
  const slots = new Array<number>(SLOTS).fill(-1)
  for (let index = 0; index < fills.length; index++) {
    const slot = Math.floor((index * SLOTS) / fills.length)
    slots[slot] = Math.max(slots[slot] ?? -1, fills[index] ?? -1)
  }
  return slots
}
