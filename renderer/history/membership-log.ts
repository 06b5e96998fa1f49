/** How many members groups had, and when that changed, in a bounded amount of memory. */

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

  /** Bytes of what is kept: never more than for `most` changes and one a group. */
  get bytes(): number {
    return this.#count * BYTES_PER_CHANGE
  }

  /** Notes how many members a group has at `at`, in milliseconds since the epoch. Only a change is kept. */
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

  /** Oldest first; the first entry is what was found when the group was first seen, or the oldest that is kept. */
  read(id: string): readonly MembershipChange[] {
    return this.#changes.get(id) ?? []
  }
}
