/**
 * Stored snapshots and recordings through the streams of the live screens: everything in pages, after which nothing
 * changes unless the reader goes on to another snapshot of the same recording. Then it gets the differences.
 */

import type { FindingsChange } from '../../contract/analysis.ts'
import { memberId } from '../../contract/ids.ts'
import type { GroupChange, GroupsChange, SamplerStatus } from '../../contract/live.ts'
import type { Group, Snapshot } from '../../contract/model.ts'
import { kernelSummary } from '../common/kernel-summary.ts'
import { keyOf } from './group-key.ts'
import { type Earlier, earlier, groupRow, memberRow, totalsOf } from './rows.ts'

/** Rows in one answer, as in the live feeds. */
const GROUPS = 200
const MEMBERS = 500
/** A request with nothing to answer is answered after this time, so that the reader knows that the engine is alive. */
const HEARTBEAT_MS = 5000

/** One stored frame. A snapshot has one, number 0. */
export type StoredFrame = {
  readonly snapshot: Snapshot
  readonly number: number
  /** Another frame of the same recording; null where there is none with this number. */
  readonly other: (number: number) => Snapshot | null
}

type Request = { readonly after?: string | undefined }

/** The groups of a frame from `after` on, a page at a time. */
export async function storedGroups(
  kept: StoredFrame,
  request: Request & { readonly all: boolean; readonly port?: number | undefined },
  signal: AbortSignal | undefined,
): Promise<GroupsChange> {
  const place = await placeOf(kept, request.after, signal)
  const past = before(kept)
  const { all, port } = request
  const wanted = (group: Group) => (all || group.sharing !== 'none') && (port === undefined || group.port === port)
  const { snapshot } = kept
  const found = changed(kept, place, snapshot.groups, (snapshot) => snapshot.groups, byId)
  const rows = found.changed.filter(wanted)
  const page = pageOf(kept, place, rows, GROUPS)
  return {
    ...page.answer,
    removed: place.at === 0 ? found.gone.map(byId) : [],
    rows: page.items.map((group) => groupRow(group, snapshot.takenAt, past)),
    totals: totalsOf(snapshot),
    namespaces: snapshot.namespaces,
    sampler: samplingOf(kept),
  }
}

/** One group, a page of members at a time; null where no frame that the reader can go on to has it. */
export async function storedGroup(
  kept: StoredFrame,
  request: Request & { readonly id: string },
  signal: AbortSignal | undefined,
): Promise<GroupChange | null> {
  const { snapshot } = kept
  const groupIn = (snapshot: Snapshot) => snapshot.groups.find(({ id }) => id === request.id)
  const group = groupIn(snapshot)
  const values = { members: [], lengths: [], limits: [], drops: [], dropsPerSecond: [] }
  if (group === undefined && kept.other(kept.number === 0 ? 1 : 0) === null) return null
  const place = await placeOf(kept, request.after, signal)
  const past = before(kept)
  const members = group?.members ?? []
  const found = changed(kept, place, members, (snapshot) => groupIn(snapshot)?.members ?? [], memberId)
  const page = pageOf(kept, place, found.changed, MEMBERS)
  return {
    ...page.answer,
    row: group === undefined ? null : groupRow(group, snapshot.takenAt, past),
    left: place.at === 0 ? found.gone.map(memberId) : [],
    joined: page.items.map((member) => memberRow(member, request.id, snapshot.takenAt, past)),
    values,
    ...(page.answer.more || group === undefined
      ? {}
      : { kernel: kernelOf(group, snapshot), counting: countingOf(snapshot) }),
    sampler: samplingOf(kept),
  }
}

function kernelOf({ kernelGroups, members }: Group, { kernelGroupsUnknownBecause }: Snapshot): GroupChange['kernel'] {
  if (kernelGroups === undefined) return { groups: null, unknownBecause: kernelGroupsUnknownBecause ?? null }
  const numbers = new Map(members.map(({ cookie }, at) => [cookie, at + 1]))
  const groups = kernelGroups.map((kernel) => kernelSummary(kernel, (cookie) => numbers.get(cookie) ?? null))
  return { groups, unknownBecause: null }
}

function countingOf({ countedSince, countsUnknownBecause }: Snapshot): GroupChange['counting'] {
  return { since: countedSince ?? null, unknownBecause: countsUnknownBecause ?? null }
}

/** The findings at that time. Muting them is up to the reader. */
export async function storedFindings(
  kept: StoredFrame,
  request: Request,
  signal: AbortSignal | undefined,
): Promise<FindingsChange> {
  const place = await placeOf(kept, request.after, signal)
  const keys = new Map(kept.snapshot.groups.map((group) => [group.id, group]))
  const rows = kept.snapshot.findings.flatMap((finding) => {
    const group = keys.get(finding.group)
    if (group === undefined) return []
    const key = keyOf(group)
    return { ...finding, id: `${finding.code}:${finding.group}`, key, raisedAt: null, muted: false }
  })
  // They are few: for another frame all of them are sent again.
  const page = pageOf(kept, { ...place, of: null }, rows, GROUPS)
  return { ...page.answer, removed: [], rows: page.items, sampler: samplingOf(kept) }
}

/** The sampler status at that time: nothing is read, and nothing will be. */
function samplingOf({ snapshot, number }: StoredFrame): SamplerStatus {
  return {
    refresh: number + 1,
    takenAt: snapshot.takenAt,
    durationMs: snapshot.durationMs,
    intervalMs: HEARTBEAT_MS,
    requestedIntervalMs: HEARTBEAT_MS,
    paused: true,
    problem: null,
  }
}

function before({ number, other }: StoredFrame): Earlier | null {
  const snapshot = number === 0 ? null : other(number - 1)
  return snapshot === null ? null : earlier(snapshot)
}

/** A reader's cursor. */
type Place = {
  /** It has this other frame in full and gets the differences; null: it gets everything. */
  readonly of: number | null
  /** How much of that it has. */
  readonly at: number
  /** It has everything. */
  readonly done: boolean
}

/** Cursor: the frame, the one that it is sent as a difference to or `-`, and the number of sent rows or `end`. */
const POSITION = /^(\d{1,9})\/(\d{1,9}|-)\/(\d{1,9}|end)$/

/** Where to go on; for a reader that has everything, after a while. */
async function placeOf(kept: StoredFrame, after: string | undefined, signal: AbortSignal | undefined): Promise<Place> {
  const afresh: Place = { of: null, at: 0, done: false }
  // A cursor of the live stream: the reader switched to a stored item, and starts over.
  const [, snapshot, base, at] = POSITION.exec(after ?? '') ?? []
  if (snapshot === undefined) return afresh
  const number = Number(snapshot)
  if (number === kept.number) {
    if (at !== 'end') return { of: base === '-' ? null : Number(base), at: Number(at), done: false }
    await heartbeat(signal)
    return { of: number, at: 0, done: true }
  }
  return at === 'end' && kept.other(number) !== null ? { of: number, at: 0, done: false } : afresh
}

function pageOf<T>({ number }: StoredFrame, { of, at, done }: Place, items: readonly T[], most: number) {
  const more = at + most < items.length
  const page = done ? [] : items.slice(at, at + most)
  const cursor = `${number}/${of ?? '-'}/${more ? at + most : 'end'}`
  return { items: page, answer: { cursor, reset: !done && of === null && at === 0, more: more && !done } }
}

/**
 * What a reader must get to replace what it has by `now`. Unchanged parts are the same object in both frames. Rates
 * look back one frame, so everything that changed in the step to either of the two is included, and of the first frame,
 * which has no rates, everything.
 */
function changed<T extends object>(
  { number, other }: StoredFrame,
  { of, done }: Place,
  now: readonly T[],
  itemsOf: (snapshot: Snapshot) => readonly T[],
  nameOf: (item: T) => string,
): { changed: readonly T[]; gone: readonly T[] } {
  if (done) return { changed: [], gone: [] }
  const was = of === null ? null : other(of)
  if (of === null || was === null) return { changed: now, gone: [] }
  const had = itemsOf(was)
  const names = new Set(now.map(nameOf))
  const gone = had.filter((item) => !names.has(nameOf(item)))
  const earliest = [of - 1, number - 1].map((step) => (step < 0 ? null : other(step)))
  if (earliest.some((snapshot) => snapshot === null)) return { changed: now, gone }
  const same = [was, ...earliest].map((snapshot) => new Set(snapshot === null ? [] : itemsOf(snapshot)))
  return { changed: now.filter((item) => !same.every((items) => items.has(item))), gone }
}

const byId = ({ id }: { id: string }) => id

function heartbeat(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, HEARTBEAT_MS)
    signal?.addEventListener('abort', done)
    if (signal?.aborted) done()
  })
}
