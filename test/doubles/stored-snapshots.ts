/** Stored snapshots and recordings as an engine would offer them: the list, one comparison, one timeline. */
import { implement } from '@orpc/server'
import { COMPARISON_SCHEMA, type Comparison, type GroupComparison } from '../../electron/contract/comparison.ts'
import { contract } from '../../electron/contract/contract.ts'
import type { Problem } from '../../electron/contract/errors.ts'
import type { RecordedEvents } from '../../electron/contract/events.ts'
import type { GroupKey, Queue } from '../../electron/contract/model.ts'
import type { ComparisonAnswer, RecordingState, StoredItem, Timeline } from '../../electron/contract/snapshots.ts'
import { utilizationOf } from '../../electron/contract/utilization.ts'
import { groupRow } from './group-rows.ts'
import { noSnapshots } from './no-snapshots.ts'

const HOUR_MS = 3_600_000
const ago = (ms: number) => new Date(Date.now() - ms).toISOString()

/** A snapshot that was saved an hour ago on this machine. */
export function aStoredItem(given: Partial<StoredItem> = {}): StoredItem {
  return {
    id: 'saved/before the reload.json.gz',
    kind: 'snapshot',
    name: 'before the reload',
    takenAt: ago(HOUR_MS),
    hostname: 'edge-07',
    sameBoot: true,
    bytes: 48_212,
    problem: null,
    ...given,
  }
}

/** What the list of a machine that is looked after holds. */
export function someStoredItems(): StoredItem[] {
  return [
    aStoredItem(),
    aStoredItem({
      id: 'saved/the reload.ndjson.gz',
      kind: 'recording',
      name: 'the reload',
      takenAt: ago(1.2 * HOUR_MS),
      bytes: 3_402_118,
    }),
    aStoredItem({
      id: 'opened/edge-03.json',
      name: 'edge-03.json',
      takenAt: ago(26 * HOUR_MS),
      hostname: 'edge-03',
      sameBoot: false,
    }),
    aStoredItem({
      id: 'saved/cut off.json.gz',
      name: 'cut off',
      takenAt: null,
      hostname: null,
      problem: 'The file ends in the middle of a snapshot.',
    }),
  ]
}

/** Group 443 whose members another generation of nginx took over; `given` overrides. */
export function aGroupComparison(given: Partial<GroupComparison> = {}, row = groupRow()): GroupComparison {
  const { id, netns, protocol, family, v6only, address, port, interface: bound, uid, user, sharing, evidence } = row
  const key: GroupKey = {
    id,
    netns,
    protocol,
    family,
    v6only,
    address,
    port,
    interface: bound,
    uid,
    user,
    sharing,
    evidence,
  }
  const queue = row.queue
  return {
    change: 'changed',
    key,
    idBefore: null,
    members: { before: 4, after: 4 },
    added: [],
    removed: [],
    changed: [],
    owners: { before: [{ command: 'nginx', processes: 4 }], after: [{ command: 'nginx', processes: 4 }] },
    owner: null,
    generation: { before: ago(30 * HOUR_MS), after: ago(HOUR_MS / 2) },
    sharing: null,
    evidence: null,
    user: null,
    queue: { before: queue, after: { ...queue, length: 512 } },
    fullest: {
      before: { length: 0, limit: 511, unit: 'connections' },
      after: { length: 512, limit: 511, unit: 'connections' },
    },
    queuePerSecond: null,
    dropped: 1204,
    droppedPerSecond: 0.3,
    summary: ['Reloaded: held by other processes of nginx.', 'The queue of one member filled, and 1204 were dropped.'],
    ...given,
  }
}

export function aComparisonAnswer(
  groups: readonly GroupComparison[],
  given: Partial<Comparison> = {},
): ComparisonAnswer {
  const side = { hostname: 'edge-07', bootId: null, groups: 22, sockets: 183, redacted: [] }
  return {
    comparison: {
      schema: COMPARISON_SCHEMA,
      before: { ...side, takenAt: ago(HOUR_MS) },
      after: { ...side, takenAt: ago(0) },
      matchedBy: 'identity',
      elapsedMs: HOUR_MS,
      groups: [...groups],
      unchanged: 19,
      raised: [],
      cleared: [],
      sysctls: [],
      summary: ['One group changed, one was added, one was removed.', 'nginx was reloaded.'],
      ...given,
    },
    queueUtilization: Object.fromEntries(
      groups.map(({ key, fullest, members }) => [
        key.id,
        { before: queuesOf(members.before, fullest.before), after: queuesOf(members.after, fullest.after) },
      ]),
    ),
    omitted: 0,
  }
}

/** The second member has the fullest queue, the others are empty. */
function queuesOf(members: number, fullest: Queue | null): number[] {
  const highest = utilizationOf(fullest?.length ?? null, fullest?.limit ?? null)
  return Array.from({ length: members }, (_, at) => (at === 1 ? highest : 0))
}

/** What an ordinary hour brings. */
export function someChanges(): GroupComparison[] {
  return [
    aGroupComparison(),
    aGroupComparison(
      {
        change: 'added',
        members: { before: 0, after: 8 },
        generation: null,
        owners: { before: [], after: [{ command: 'envoy', processes: 1 }] },
        dropped: null,
        fullest: { before: null, after: { length: 3, limit: 4096, unit: 'connections' } },
        summary: ['Added by envoy with 8 members.'],
      },
      groupRow({ address: '10.20.0.5', port: 8443, user: 'envoy', uid: 101 }),
    ),
    aGroupComparison(
      {
        change: 'removed',
        members: { before: 2, after: 0 },
        generation: null,
        owners: { before: [{ command: 'dnsdist', processes: 1 }], after: [] },
        dropped: null,
        fullest: { before: { length: 0, limit: 212_992, unit: 'bytes' }, after: null },
        summary: ['Removed: dnsdist closed both members.'],
      },
      groupRow({ protocol: 'udp', address: '10.20.0.7', port: 53 }),
    ),
  ]
}

/** A minute, one snapshot per second, in which a queue filled while members changed. */
export function aTimeline(given: Partial<Timeline> = {}): Timeline {
  const start = Date.now() - HOUR_MS
  const { id: group } = groupRow()
  return {
    takenAt: Array.from({ length: 60 }, (_, second) => new Date(start + 1000 * second).toISOString()),
    events: [
      { snapshot: 0, kind: 'full', group, summary: '0.0.0.0:443 tcp: member 2 is full.' },
      { snapshot: 12, kind: 'drops', group, summary: '0.0.0.0:443 tcp: connections are dropped.' },
      { snapshot: 31, kind: 'left', group, summary: '0.0.0.0:443 tcp: 4 members left.' },
      { snapshot: 32, kind: 'joined', group, summary: '0.0.0.0:443 tcp: 4 members joined.' },
    ],
    omitted: 0,
    problem: null,
    ...given,
  }
}

export class StoredSnapshots {
  /** null: never answers. */
  items: StoredItem[] | null = []
  answer: ComparisonAnswer | null = null
  timeline: Timeline | null = null
  /** Of the recording. */
  events: RecordedEvents | null = null
  recording: RecordingState | null = null
  /** While set, comparisons fail with it. */
  refusal: Problem | null = null

  get router() {
    const os = implement(contract).snapshots
    const missing = { data: { operation: 'a stored snapshot', cause: 'this double has none', hint: null } }
    return {
      ...noSnapshots(),
      list: os.list.handler(() => this.items ?? new Promise<never>(() => {})),
      recording: os.recording.handler(() => this.recording),
      compare: os.compare.handler(({ errors }) => {
        if (this.refusal !== null) throw errors.UNPROCESSABLE_CONTENT({ data: this.refusal })
        if (this.answer === null) throw errors.UNPROCESSABLE_CONTENT(missing)
        return this.answer
      }),
      events: os.events.handler(({ errors }) => {
        if (this.events === null) throw errors.UNPROCESSABLE_CONTENT(missing)
        return this.events
      }),
      timeline: os.timeline.handler(({ errors }) => {
        if (this.timeline === null) throw errors.UNPROCESSABLE_CONTENT(missing)
        return this.timeline
      }),
    }
  }
}
