/** The stream of group changes: what changed since a position, a page at a time (see position.ts). */
import type { GroupsChange } from '../contract/live.ts'
import type { Inspection } from './inspection.ts'
import { newerThan } from './newer.ts'
import { groupIdText, type Picture } from './picture.ts'
import { type Sweep, writePosition } from './position.ts'
import type { Sampler } from './sampler.ts'

/** Rows in one answer: small enough that neither end is busy with it for a frame's time. */
const PAGE = 200
/** Refreshes for which it is remembered what left. A reader that is further behind starts over. */
const REMEMBERED = 120

export class GroupsFeed {
  readonly #inspection: Inspection
  readonly #sampler: Sampler
  readonly #epoch: string
  readonly #gone: { refresh: number; ids: string[] }[] = []
  #rememberedFrom = 0
  #seen = 0

  constructor(inspection: Inspection, sampler: Sampler, epoch: string) {
    this.#inspection = inspection
    this.#sampler = sampler
    this.#epoch = epoch
  }

  /** Called with every new picture, in order: keeps what left. */
  remember(picture: Picture): void {
    if (picture.refresh <= this.#seen) return
    this.#seen = picture.refresh
    const ids = Array.from(picture.frame.goneGroups, groupIdText)
    if (ids.length > 0) this.#gone.push({ refresh: picture.refresh, ids })
    this.#rememberedFrom = Math.max(0, picture.refresh - REMEMBERED)
    while (this.#gone[0] && this.#gone[0].refresh <= this.#rememberedFrom) this.#gone.shift()
  }

  /** Answers when there is something newer than `after`, or after a while with nothing but the state of sampling. */
  async changes(after: string | undefined, all: boolean, signal: AbortSignal | undefined): Promise<GroupsChange> {
    const mayResume = (position: Sweep) => this.#mayResume(position)
    const { picture, resume } = await newerThan(this.#sampler, after, mayResume, signal)
    return this.#page(picture, resume, all)
  }

  #mayResume(position: Sweep): boolean {
    const oldest = Math.max(this.#rememberedFrom, this.#inspection.resetAt)
    return position.epoch === this.#epoch && position.began >= oldest
  }

  #page(picture: Picture, resume: Sweep | null, all: boolean): GroupsChange {
    const reset = resume === null
    const beginning = reset || resume.at === ''
    const sweep: Sweep = beginning
      ? { epoch: this.#epoch, since: resume?.began ?? 0, began: picture.refresh, seen: resume?.seen ?? 0, at: '' }
      : { ...resume }
    // A row that is gone was the last one delivered: begin the sweep again rather than lose what moved before it.
    let row = sweep.at === '' ? 0 : picture.rowOf(sweep.at) + 1
    const rows: GroupsChange['rows'] = []
    const hidden: string[] = []
    for (; row < picture.groups.count && rows.length < PAGE; row++) {
      if (!reset && picture.changed(row) <= sweep.since) continue
      const id = picture.id(row)
      if (!all && picture.sharing(row) === 'none') {
        // It may have been a group until now: that changes only with its members.
        if (!reset && picture.membersChanged(row) > sweep.since && picture.since(row) <= sweep.seen) hidden.push(id)
        continue
      }
      rows.push(picture.groupRow(row, this.#inspection.ownersOf(picture, row, id)))
      sweep.at = id
    }
    const more = row < picture.groups.count
    if (!more) sweep.at = ''
    sweep.seen = picture.refresh
    const gone = beginning && !reset ? this.#goneSince(sweep.since) : []
    return {
      position: writePosition(more ? sweep : { ...sweep, since: sweep.began }),
      reset,
      more,
      rows,
      gone: gone.concat(hidden),
      totals: { ...picture.totals(), processesRefused: this.#inspection.owners.refused },
      namespaces: this.#inspection.namespaces.list(),
      sampling: this.#sampler.state,
    }
  }

  #goneSince(refresh: number): string[] {
    return this.#gone.flatMap((gone) => (gone.refresh > refresh ? gone.ids : []))
  }
}
