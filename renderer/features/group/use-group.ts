/** Hooks for the group screen. */
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import { usePageStore, useSession } from '../../model/store/context.ts'
import type { MemberEntry } from './member-entry.ts'
import type { MemberTable } from './member-table.ts'
import { type GroupState, GroupWatch } from './watch-group.ts'

const SWEEP_MS = 250

/** Follows the group `id` while the caller is on screen and the engine answers. `again` restarts it after a failure. */
export function useGroupWatch(id: string): { watch: GroupWatch; again: () => void } {
  const { session } = usePageStore()
  const client = useSession(({ client }) => client)
  const shown = useSession(({ source }) => source)
  // A stored snapshot gets its own watch, so that no state is carried over.
  const watch = useMemo(() => ({ watch: new GroupWatch(id, session), shown }), [id, session, shown]).watch
  const run = useRef<AbortController>(null)
  const start = useCallback(() => {
    run.current?.abort()
    if (!client) return
    run.current = new AbortController()
    void watch.run(client, run.current.signal)
  }, [watch, client])
  useEffect(() => {
    start()
    return () => run.current?.abort()
  }, [start])
  useEffect(() => {
    const timer = setInterval(() => watch.members.sweep(Date.now()), SWEEP_MS)
    return () => clearInterval(timer)
  }, [watch])
  return { watch, again: start }
}

export function useGroupState<T>(watch: GroupWatch, select: (state: GroupState) => T): T {
  return useStore(watch.state, select)
}

/** The receiving members by number: a new array only when members are added, removed or marked. */
export function useReceivers(members: MemberTable): readonly MemberEntry[] {
  return useSyncExternalStore(
    useCallback((changed) => members.subscribe((_, membership) => membership && changed()), [members]),
    () => members.receivers(),
  )
}

/** Re-renders the caller when this member changes. */
export function useMember(members: MemberTable, entry: MemberEntry): number {
  return useSyncExternalStore(
    useCallback((changed) => members.subscribeEntry(entry, changed), [members, entry]),
    () => entry.version,
  )
}

/** Changes whenever members are added or removed. */
export function useMembershipCount(members: MemberTable): number {
  return useSyncExternalStore(
    useCallback((changed) => members.subscribe((_, membership) => membership && changed()), [members]),
    () => members.membership,
  )
}
