import { COLUMNS, type ColumnId } from '../../model/groups/columns.ts'

/** Made once: a row has one for each cell, and rows are drawn again all the time. */
const PLACES = Object.fromEntries(COLUMNS.map(({ id }) => [id, { 'data-column': id, style: { gridColumn: id } }]))

/** What puts a cell into its column: the tracks of a row have the columns' names (groups-table.tsx). */
export function inColumn(id: ColumnId) {
  return PLACES[id]
}
