/** A kept snapshot through the streams of the live screens: all of it in pages, and after that nothing ever changes. */
import type { GroupChange, GroupsChange, Sampling } from '../../contract/live.ts'
import type { Snapshot } from '../../contract/model.ts'
import type { GroupsRequest } from '../groups-feed.ts'
import { groupRow, memberRow, totalsOf } from './rows.ts'

/** Rows in one answer, as in the live feeds. */
const GROUPS = 200
const MEMBERS = 500
/** A question with nothing to answer is answered after this time, so that its asker knows that we live. */
const HEARTBEAT_MS = 5000
const END = 'end'

/** The state of sampling as it was: nothing is read, and nothing will be. */
function samplingOf(snapshot: Snapshot): Sampling {
  return {
    refresh: 1,
    takenAt: snapshot.takenAt,
    durationMs: snapshot.durationMs,
    intervalMs: HEARTBEAT_MS,
    askedIntervalMs: HEARTBEAT_MS,
    paused: true,
    problem: null,
  }
}

/** The groups of a snapshot from `after` on, a page at a time. */
export async function snapshotGroups(
  snapshot: Snapshot,
  request: GroupsRequest,
  signal: AbortSignal | undefined,
): Promise<GroupsChange> {
  const at = await placeOf(request.after, signal)
  const { all, port } = request
  const groups = snapshot.groups.filter(
    (group) => (all || group.sharing !== 'none') && (port === undefined || group.port === port),
  )
  const page = at === null ? [] : groups.slice(at, at + GROUPS)
  const more = at !== null && at + GROUPS < groups.length
  return {
    position: more ? String(at + GROUPS) : END,
    reset: at === 0,
    more,
    gone: [],
    rows: page.map((group) => groupRow(group, snapshot.takenAt, null)),
    totals: totalsOf(snapshot),
    namespaces: snapshot.namespaces,
    sampling: samplingOf(snapshot),
  }
}

/** One group of it, a page of members at a time; null where it is not in it. */
export async function snapshotGroup(
  snapshot: Snapshot,
  request: { id: string; after: string | undefined },
  signal: AbortSignal | undefined,
): Promise<GroupChange | null> {
  const group = snapshot.groups.find(({ id }) => id === request.id)
  if (group === undefined) return null
  const at = await placeOf(request.after, signal)
  const page = at === null ? [] : group.members.slice(at, at + MEMBERS)
  const more = at !== null && at + MEMBERS < group.members.length
  return {
    position: more ? String(at + MEMBERS) : END,
    reset: at === 0,
    more,
    row: groupRow(group, snapshot.takenAt, null),
    left: [],
    joined: page.map((member) => memberRow(member, group.id, snapshot.takenAt, null)),
    values: { cookies: [], lengths: [], limits: [], drops: [], dropsPerSecond: [] },
    sampling: samplingOf(snapshot),
  }
}

/** Where to go on; null, after a while, for a reader that has all of it. */
async function placeOf(after: string | undefined, signal: AbortSignal | undefined): Promise<number | null> {
  if (after === undefined) return 0
  // A position of the live stream: the reader turned to this snapshot, and starts over.
  if (after !== END) return /^\d{1,9}$/.test(after) ? Number(after) : 0
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, HEARTBEAT_MS)
    signal?.addEventListener('abort', done)
    if (signal?.aborted) done()
  })
  return null
}
