/**
 * Ids of groups by row, kept while no row moves: making an id costs more than examining its group, and a new string has
 * to be hashed again for every map.
 */
import type { FrameView } from '../../collect/frame-view.ts'

type Ids = Pick<FrameView, 'id'>

export class GroupIds {
  readonly #ids: string[] = []

  /** Call when rows were added, removed or moved. */
  reset(): void {
    this.#ids.length = 0
  }

  of(frame: Ids, row: number): string {
    const known = this.#ids[row]
    if (known !== undefined) return known
    const id = frame.id(row)
    this.#ids[row] = id
    return id
  }
}
