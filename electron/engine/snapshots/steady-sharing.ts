/**
 * Calms how groups share from picture to picture of a story. For a moment a master that forks its workers anew is the
 * only one to hold its socket, and what was inherited is not: who is told of that and of its end is told of nothing. A
 * change counts from the second picture in a row that shows it.
 */
import type { Group, Snapshot } from '../../contract/model.ts'

type Told = Pick<Group, 'sharing' | 'evidence'>

export class SteadySharing {
  readonly #told = new Map<string, Told>()
  /** What a group was in the picture before, where that differs from what is told of it. */
  readonly #doubted = new Map<string, Group['sharing']>()

  /** To be called with every picture, in order: the same picture, with each group sharing as it did until it is settled. */
  settle(picture: Snapshot): Snapshot {
    const present = new Set(picture.groups.map(({ id }) => id))
    for (const id of this.#told.keys()) if (!present.has(id)) this.#told.delete(id)
    return { ...picture, groups: picture.groups.map((group) => ({ ...group, ...this.#settled(group) })) }
  }

  #settled({ id, sharing, evidence }: Group): Told {
    const told = this.#told.get(id)
    const again = this.#doubted.get(id) === sharing
    this.#doubted.delete(id)
    if (told === undefined || told.sharing === sharing || told.sharing === 'unknown' || again) {
      const now = { sharing, evidence }
      this.#told.set(id, now)
      return now
    }
    this.#doubted.set(id, sharing)
    return told
  }
}
