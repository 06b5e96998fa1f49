/** The state of the live table after each answer of the stream. Pure, so that every order of events can be tested. */
import type { Selection } from '../../../contract/contract.ts'
import type { GroupRow, GroupsChange, SamplerStatus, Totals } from '../../../contract/live.ts'
import type { Namespace } from '../../../contract/model.ts'
import { findNamespace } from '../../../engine/index.ts'
import { keyTest } from '../key-filter.ts'
import type { WatchedFinding } from './panels.ts'

export type WatchState = {
  readonly rows: ReadonlyMap<string, GroupRow>
  /** Rows added by the newest answer; none after a reset, where everything is new. */
  readonly added: ReadonlySet<string>
  /** Rows removed by the newest answer: shown for one more refresh. */
  readonly removed: ReadonlyMap<string, GroupRow>
  readonly totals: Totals | null
  readonly namespaces: readonly Namespace[]
  readonly sampler: SamplerStatus | null
  /** The cursor for the next request; undefined: from the start. */
  readonly cursor: string | undefined
  /** The frame is incomplete: request more before drawing. */
  readonly more: boolean
  /** The first frame is still arriving: its rows are not marked as added. */
  readonly loading: boolean
  /** What is found in the groups. */
  readonly findings: readonly WatchedFinding[]
}

export const emptyState: WatchState = {
  rows: new Map(),
  added: new Set(),
  removed: new Map(),
  totals: null,
  namespaces: [],
  sampler: null,
  cursor: undefined,
  more: false,
  loading: true,
  findings: [],
}

/** The state after one more answer. */
export function applyChange(before: WatchState, change: GroupsChange): WatchState {
  const rows = change.reset ? new Map<string, GroupRow>() : new Map(before.rows)
  // The chunks of one frame count as one answer.
  const continued = before.more && !change.reset
  const added = new Set(continued ? before.added : [])
  const removed = new Map(continued ? before.removed : [])
  const filling = change.reset || before.loading
  for (const id of change.removed) {
    const row = rows.get(id)
    if (row !== undefined) removed.set(id, row)
    rows.delete(id)
    added.delete(id)
  }
  for (const row of change.rows) {
    if (!filling && !rows.has(row.id)) added.add(row.id)
    rows.set(row.id, row)
    removed.delete(row.id)
  }
  return {
    rows,
    added,
    removed,
    totals: change.totals,
    namespaces: change.namespaces,
    sampler: change.sampler,
    cursor: change.cursor,
    more: change.more,
    loading: filling && change.more,
    findings: before.findings,
  }
}

/** The test for rows that match the selection. A group with several users always matches a user. */
export function rowTest(selection: Selection, namespaces: readonly Namespace[]): (row: GroupRow) => boolean {
  const { all, netns, user, sharing, receiving, pid, command, service } = selection
  const inode = netns === undefined ? undefined : (findNamespace(namespaces, netns)?.inode ?? null)
  const passes = keyTest(selection)
  return (row) =>
    (sharing !== undefined || row.sharing !== 'none' || all) &&
    passes(row) &&
    (inode === undefined || row.netns === inode) &&
    (user === undefined || row.uid === null || row.user === user || String(row.uid) === user) &&
    (receiving !== true || row.receiving > 0) &&
    (pid === undefined || row.pids.includes(pid)) &&
    ((command === undefined && service === undefined) ||
      row.owners.some(
        (owner) =>
          (command === undefined || owner.command === command) && (service === undefined || owner.service === service),
      ))
}
