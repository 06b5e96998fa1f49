/**
 * Steadies the sharing of groups from snapshot to snapshot of a scenario. While a master forks its workers anew it is
 * briefly the only holder of its socket, and an inherited socket does not look inherited: reporting that and its end
 * would say nothing. A change counts from the second consecutive snapshot that shows it.
 */
import type { Group, Snapshot } from '../../contract/model.ts'

type ReportedSharing = Pick<Group, 'sharing' | 'evidence'>

export class SteadySharing {
  readonly #reported = new Map<string, ReportedSharing>()
  /** A group's sharing in the previous snapshot, where it differs from what is reported. */
  readonly #doubted = new Map<string, Group['sharing']>()

  /**
   * Call it with every snapshot, in order. Returns it with each group's previous sharing until a change has settled.
   */
  settle(snapshot: Snapshot): Snapshot {
    const present = new Set(snapshot.groups.map(({ id }) => id))
    for (const id of this.#reported.keys()) if (!present.has(id)) this.#reported.delete(id)
    return { ...snapshot, groups: snapshot.groups.map((group) => ({ ...group, ...this.#settled(group) })) }
  }

  #settled({ id, sharing, evidence }: Group): ReportedSharing {
    const told = this.#reported.get(id)
    const again = this.#doubted.get(id) === sharing
    this.#doubted.delete(id)
    if (told === undefined || told.sharing === sharing || told.sharing === 'unknown' || again) {
      const now = { sharing, evidence }
      this.#reported.set(id, now)
      return now
    }
    this.#doubted.set(id, sharing)
    return told
  }
}
