import type { ColumnId } from '../../model/groups/columns.ts'

/** What puts a cell into its column: the tracks of a row have the columns' names (groups-table.tsx). */
export function inColumn(id: ColumnId) {
  return { 'data-column': id, style: { gridColumn: id } }
}
