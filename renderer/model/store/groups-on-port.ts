/** The groups on one port. */
import { useMemo, useSyncExternalStore } from 'react'
import type { GroupRow } from '../../../electron/contract/live.ts'
import type { GroupTable } from '../groups/group-table.ts'
import { usePageStore } from './context.ts'

/** Reads the page's table. The same array until one of these rows changes. */
export function useGroupsOnPort(port: number): readonly GroupRow[] {
  const { table } = usePageStore().groups
  const store = useMemo(() => {
    let rows: readonly GroupRow[] = rowsOn(table, port)
    return {
      subscribe: (changed: () => void) =>
        table.subscribeAll((touched) => {
          if (![...touched].some(({ row }) => row.port === port)) return
          rows = rowsOn(table, port)
          changed()
        }),
      rows: () => rows,
    }
  }, [table, port])
  return useSyncExternalStore(store.subscribe, store.rows)
}

function rowsOn(table: GroupTable, port: number): GroupRow[] {
  return [...table.entries()]
    .filter(({ row, presence }) => row.port === port && presence !== 'gone')
    .map(({ row }) => row)
}
