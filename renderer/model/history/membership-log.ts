/** Member counts of groups over time, in a limited amount of memory. */

export type MembershipChange = { at: number; members: number }

const BYTES_PER_CHANGE = 2 * Float64Array.BYTES_PER_ELEMENT

export class MembershipLog {
  readonly #mostPerGroup: number
  readonly #most: number
  readonly #changes = new Map<string, MembershipChange[]>()
  #count = 0

  constructor(most = 65_536, mostPerGroup = 256) {
    this.#most = most
    this.#mostPerGroup = mostPerGroup
  }

  /** Bytes used: never more than for `most` changes and one per group. */
  get bytes(): number {
    return this.#count * BYTES_PER_CHANGE
  }

  /** Records the member count of a group at `at`, in milliseconds since the epoch. Only changes are stored. */
  record(id: string, at: number, members: number): void {
    const changes = this.#changes.get(id)
    if (!changes) {
      this.#changes.set(id, [{ at, members }])
      this.#count++
      return
    }
    if (changes.at(-1)?.members === members) return
    changes.push({ at, members })
    if (changes.length > this.#mostPerGroup || this.#count >= this.#most) changes.shift()
    else this.#count++
  }

  forget(id: string): void {
    this.#count -= this.#changes.get(id)?.length ?? 0
    this.#changes.delete(id)
  }

  /** Oldest first; the first entry is the count when the group was first seen, or the oldest still stored. */
  read(id: string): readonly MembershipChange[] {
    return this.#changes.get(id) ?? []
  }
}
