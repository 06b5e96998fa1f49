/** The groups on one port. */
import { useMemo, useSyncExternalStore } from 'react'
import type { GroupRow } from '../../../electron/contract/live.ts'
import { groups } from './groups.ts'

/** Reads the page's table. The same array until one of these rows changes. */
export function useGroupsOnPort(port: number): readonly GroupRow[] {
  const store = useMemo(() => {
    let rows: readonly GroupRow[] = rowsOn(port)
    return {
      subscribe: (changed: () => void) =>
        groups.subscribeAll((touched) => {
          if (![...touched].some(({ row }) => row.port === port)) return
          rows = rowsOn(port)
          changed()
        }),
      rows: () => rows,
    }
  }, [port])
  return useSyncExternalStore(store.subscribe, store.rows)
}

function rowsOn(port: number): GroupRow[] {
  return [...groups.entries()]
    .filter(({ row, presence }) => row.port === port && presence !== 'gone')
    .map(({ row }) => row)
}
