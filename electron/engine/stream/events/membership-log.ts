/** How the number of members of each group changed, in a limited amount of memory. */
import type { MembershipChange } from '../../../contract/history.ts'

export class MembershipLog {
  readonly #mostPerGroup: number
  readonly #most: number
  /** The group that changed longest ago comes first. */
  readonly #changes = new Map<string, MembershipChange[]>()
  #count = 0

  constructor(most = 20_000, mostPerGroup = 200) {
    this.#most = most
    this.#mostPerGroup = mostPerGroup
  }

  /** Notes a change at `at`, in milliseconds since 1970; nothing where the numbers are the same. */
  record(id: string, change: MembershipChange): void {
    if (change.from === change.to) return
    const changes = this.#changes.get(id) ?? []
    changes.push(change)
    this.#count++
    if (changes.length > this.#mostPerGroup)
      this.#count -= changes.splice(0, changes.length - this.#mostPerGroup).length
    this.#changes.delete(id)
    this.#changes.set(id, changes)
    for (const [oldest, { length }] of this.#changes) {
      if (this.#count <= this.#most) break
      this.#changes.delete(oldest)
      this.#count -= length
    }
  }

  /** The changes since `since`, the oldest first. */
  read(id: string, since: number): MembershipChange[] {
    return (this.#changes.get(id) ?? []).filter(({ at }) => at >= since)
  }
}
