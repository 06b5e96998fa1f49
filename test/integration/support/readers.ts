/** Readers of the engine's streams, as in a front: they request changes and apply them. */

import { givenAt } from '../../../electron/contract/given.ts'
import { memberId } from '../../../electron/contract/ids.ts'
import type { GroupChange, GroupRow, GroupsChange, MemberRow } from '../../../electron/contract/live.ts'
import { eventually } from './conditions.ts'
import type { Client } from './engine.ts'

export class GroupsReader {
  readonly rows = new Map<string, GroupRow>()
  cursor: string | undefined
  resets = 0
  last: GroupsChange | undefined
  readonly #client: Client
  readonly #all: boolean

  constructor(client: Client, all = false) {
    this.#client = client
    this.#all = all
  }

  /** One request. Throws if the answer cannot be applied to the current state. */
  async ask(): Promise<GroupsChange> {
    const change = await this.#client.groups.changes({ all: this.#all, ...(this.cursor && { after: this.cursor }) })
    if (change.reset) {
      this.resets++
      this.rows.clear()
    }
    for (const row of change.rows) this.rows.set(row.id, row)
    for (const id of change.removed) this.rows.delete(id)
    this.cursor = change.cursor
    this.last = change
    return change
  }

  /** Requests until one frame is complete. */
  async sweep(): Promise<GroupsChange> {
    for (;;) {
      const change = await this.ask()
      if (!change.more) return change
    }
  }

  in(netns: number): GroupRow[] {
    return [...this.rows.values()].filter((row) => row.netns === netns)
  }

  /** Requests until `condition` holds. */
  until<T>(what: string, condition: () => T): Promise<NonNullable<T>> {
    return untilAfter(what, condition, () => this.sweep())
  }
}

export class GroupReader {
  readonly members = new Map<string, MemberRow>()
  row: GroupRow | null = null
  cursor: string | undefined
  readonly #client: Client
  readonly #id: string

  constructor(client: Client, id: string) {
    this.#client = client
    this.#id = id
  }

  async ask(): Promise<GroupChange> {
    const change = await this.#client.group.changes({
      id: this.#id,
      ...(this.cursor && { after: this.cursor }),
    })
    if (change.reset) this.members.clear()
    for (const member of change.joined) this.members.set(memberId(member), member)
    const { members, lengths, limits, drops, dropsPerSecond, given } = change.values
    for (const [index, id] of members.entries()) {
      const member = this.members.get(id)
      if (!member) throw new Error(`an update came for member ${id}, which the reader does not have`)
      const { given: _, ...rest } = member
      const counted = given && givenAt(given, index)
      this.members.set(id, {
        ...rest,
        ...(counted && { given: counted }),
        queue: { ...member.queue, length: known(lengths[index]), limit: known(limits[index]) },
        drops: known(drops[index]),
        dropsPerSecond: known(dropsPerSecond[index]),
      })
    }
    for (const cookie of change.left) this.members.delete(cookie)
    this.row = change.row
    this.cursor = change.cursor
    return change
  }

  async sweep(): Promise<GroupChange> {
    for (;;) {
      const change = await this.ask()
      if (!change.more) return change
    }
  }

  until<T>(what: string, condition: () => T): Promise<NonNullable<T>> {
    return untilAfter(what, condition, () => this.sweep())
  }
}

function untilAfter<T>(what: string, condition: () => T, sweep: () => Promise<unknown>): Promise<NonNullable<T>> {
  return eventually(what, async () => {
    const met = condition()
    if (met) return met
    await sweep()
    return condition()
  })
}

/** In columns, -1 means unknown. */
function known(value: number | undefined): number | null {
  return value === undefined || value < 0 ? null : value
}
