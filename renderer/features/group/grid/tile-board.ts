/** Assigns members to cells: one tile per process, or per run of members in join order. */
import type { MemberEntry } from '../member-entry.ts'
import { ownerText } from '../member-owner.ts'

export type TileBy = 'process' | 'order'

export type Tile = {
  key: string
  /** "quic-edge 7214", "members 1 to 256". */
  name: string
  /** null where a member left and was not replaced. */
  members: (MemberEntry | null)[]
}

/** Cells per member beyond which everything is placed anew. */
const MAX_CELLS_PER_MEMBER = 2
/** Members per tile in join order. */
const TILE_SIZE = 256

/**
 * Keeps places stable: while a group is on screen, a member stays in its cell. A new member takes a free cell of its
 * tile, or a new cell at the end; a new process takes an empty tile, or a new one at the end.
 */
export class TileBoard {
  readonly by: TileBy
  #tiles: Tile[] = []
  #byKey = new Map<string, Tile>()
  #where = new Map<MemberEntry, Tile>()

  constructor(by: TileBy) {
    this.by = by
  }

  get tiles(): readonly Tile[] {
    return this.#tiles
  }

  /** Sets the current members. */
  update(members: readonly MemberEntry[]): void {
    const staying = new Set(members)
    for (const [entry, tile] of this.#where) {
      if (staying.has(entry) && this.#keyOf(entry) === tile.key) continue
      tile.members[tile.members.indexOf(entry)] = null
      this.#where.delete(entry)
    }
    for (const entry of members) if (!this.#where.has(entry)) this.#place(entry)
    // If most cells are empty, reorder instead of keeping places.
    const cells = this.#tiles.reduce((sum, { members }) => sum + members.length, 0)
    if (cells > MAX_CELLS_PER_MEMBER * members.length + TILE_SIZE) {
      this.#tiles = []
      this.#byKey.clear()
      this.#where.clear()
      for (const entry of members) this.#place(entry)
    }
    this.#number()
  }

  #place(entry: MemberEntry): void {
    const key = this.#keyOf(entry)
    const tile = this.#byKey.get(key) ?? this.#newTile(key, entry)
    const hole = this.by === 'process' ? tile.members.indexOf(null) : -1
    if (hole >= 0) tile.members[hole] = entry
    else tile.members.push(entry)
    this.#where.set(entry, tile)
  }

  #newTile(key: string, entry: MemberEntry): Tile {
    const tile: Tile = { key, name: this.#nameOf(entry), members: [] }
    const empty =
      this.by === 'process' ? this.#tiles.findIndex(({ members }) => members.every((entry) => entry === null)) : -1
    const old = this.#tiles[empty]
    if (old) {
      this.#byKey.delete(old.key)
      tile.members = old.members
      this.#tiles[empty] = tile
    } else this.#tiles.push(tile)
    this.#byKey.set(key, tile)
    return tile
  }

  #keyOf({ owner, number }: MemberEntry): string {
    if (this.by === 'order') return `run ${Math.floor((number - 1) / TILE_SIZE)}`
    return owner === null ? 'unknown' : `${owner.pid} ${owner.startedAt}`
  }

  #nameOf({ owner, number }: MemberEntry): string {
    if (this.by === 'order') {
      const first = Math.floor((number - 1) / TILE_SIZE) * TILE_SIZE + 1
      return `members ${first.toLocaleString('en')} to ${(first + TILE_SIZE - 1).toLocaleString('en')}`
    }
    return owner === null ? 'owner unknown' : ownerText(owner)
  }

  /** Cells are numbered tile by tile, holes included. */
  #number(): void {
    let place = 0
    for (const { members } of this.#tiles) {
      for (const entry of members) {
        if (entry) entry.place = place
        place++
      }
    }
  }
}
