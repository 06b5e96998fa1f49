/**
 * Steadies the sharing of groups from snapshot to snapshot of a scenario. While a master forks its workers anew it is
 * briefly the only holder of its socket, and an inherited socket does not look inherited: reporting that and its end
 * would say nothing. A change counts from the second consecutive snapshot that shows it.
 */
import type { Group, Snapshot } from '../../contract/model.ts'

type Told = Pick<Group, 'sharing' | 'evidence'>

export class SteadySharing {
  readonly #told = new Map<string, Told>()
  /** A group's sharing in the previous snapshot, where it differs from what is reported. */
  readonly #doubted = new Map<string, Group['sharing']>()

  /**
   * Call it with every snapshot, in order. Returns it with each group's previous sharing until a change has settled.
   */
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
