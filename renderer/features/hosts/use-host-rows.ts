/** One row for this machine and one for each host, worst first, kept current. */
import { useEffect, useReducer } from 'react'
import { useStore } from 'zustand'
import type { HostConnection } from '../../../electron/contract/hosts.ts'
import { compareDefault } from '../../model/groups/default-sort.ts'
import type { GroupEntry } from '../../model/groups/group-table.ts'
import { urgencyOf } from '../../model/groups/severity.ts'
import { type Verdict, verdictOf } from '../../model/groups/verdict.ts'
import { bySeverity, type HostSeverity } from '../../model/hosts/host-verdict.ts'
import { useHostsOfPage } from '../../model/hosts/hosts.ts'
import type { PageStore } from '../../model/store/store.ts'

export type HostRow = {
  /** null: this machine. */
  readonly connection: HostConnection | null
  /** null where it was never connected. */
  readonly store: PageStore | null
  readonly severity: HostSeverity
  /** What is shown is current. */
  readonly live: boolean
  /** null where it is not live, or its first frame is not complete. */
  readonly now: HostNow | null
}

export type HostNow = {
  readonly verdict: Verdict
  readonly groups: number
  readonly dropsPerSecond: number
  /** The highest utilization of a queue, 1 is full; null where no limit is known. */
  readonly fullest: number | null
}

export type TroubledGroup = { readonly host: HostRow; readonly entry: GroupEntry }

/** Rendered again with every frame of a host. */
export function useHostRows(): readonly HostRow[] {
  const { near, state } = useHostsOfPage()
  const { connections, stores } = useStore(state)
  const [, changed] = useReducer((count: number) => count + 1, 0)
  useEffect(() => {
    const ends = [near, ...stores.values()].flatMap(({ session, view }) => [
      session.subscribe(changed),
      view.state.subscribe(changed),
    ])
    return () => {
      for (const end of ends) end()
    }
  }, [near, stores])
  const rows = [
    rowOf(null, near),
    ...connections.map((connection) => rowOf(connection, stores.get(connection.name) ?? null)),
  ]
  return rows.sort((a, b) => bySeverity(a.severity, b.severity))
}

function rowOf(connection: HostConnection | null, store: PageStore | null): HostRow {
  const connected = connection === null || connection.state.phase === 'connected'
  const session = store?.session.getState()
  const live = connected && session?.link.phase === 'open'
  const now = store !== null && live && session.complete ? nowOf(store) : null
  const severity = now === null ? 'unknown' : now.verdict.severity
  return { connection, store, severity, live, now }
}

function nowOf({ session, view, groups }: PageStore): HostNow {
  const { counts, worst } = view.state.getState()
  const total = session.getState().totals?.groups ?? 0
  let dropsPerSecond = 0
  let fullest: number | null = null
  for (const { row, presence } of groups.table.entries()) {
    if (presence === 'gone') continue
    dropsPerSecond += row.dropsPerSecond ?? 0
    const limit = row.fullest?.limit ?? null
    if (row.fullest !== null && limit !== null && limit > 0)
      fullest = Math.max(fullest ?? 0, row.fullest.length / limit)
  }
  return { verdict: verdictOf(counts, total, worst), groups: total, dropsPerSecond, fullest }
}

/** The groups in trouble or with a warning of all hosts, worst first, at most `most`. */
export function troubledGroups(rows: readonly HostRow[], most: number): TroubledGroup[] {
  const found: TroubledGroup[] = []
  for (const host of rows) {
    if (host.now === null || host.store === null) continue
    for (const entry of host.store.groups.table.entries()) {
      const { severity } = entry.trouble
      if (entry.presence !== 'gone' && (severity === 'critical' || severity === 'warning')) found.push({ host, entry })
    }
  }
  const worstFirst = (a: TroubledGroup, b: TroubledGroup) =>
    urgencyOf(b.entry) - urgencyOf(a.entry) || compareDefault(a.entry.row, b.entry.row)
  return found.sort(worstFirst).slice(0, most)
}
