/**
 * The share of flows that reach a different member when a group grows or shrinks, where the kernel picks by hash:
 * member i of n gets the hashes from i/n to (i+1)/n (`reciprocal_scale`, net/core/sock_reuseport.c). A new member is
 * appended; the last member takes the place of one that leaves. Established connections are not affected.
 */

export type MovedShare = { min: number; max: number }

/**
 * `from` and `to` count members. Exact for joins. The result of one leave depends on the member's place, which the
 * kernel does not report, so it is a range. null for several leaves at once, where no useful range exists.
 */
export function movedShare(from: number, to: number): MovedShare | null {
  if (from <= 0 || to <= 0 || from === to) return { min: 0, max: 0 }
  if (to > from) {
    let kept = 0
    for (let i = 0; i < from; i++) kept += overlap(i, from, i, to)
    return { min: 1 - kept, max: 1 - kept }
  }
  if (from - to > 1) return null
  if (from === 2) return { min: 0.5, max: 0.5 }
  // Least: the one before the last leaves, and the last keeps all of its hashes. Most: the first leaves.
  return { min: 0.5 - 1 / from + 1 / (from * to), max: 0.5 + 1 / from }
}

/** Length of the overlap of arc `i` of `n` and arc `j` of `m`. */
function overlap(i: number, n: number, j: number, m: number): number {
  return Math.max(0, Math.min((i + 1) / n, (j + 1) / m) - Math.max(i / n, j / m))
}
