/** By what the members of a group are sorted on its screen. */

export const LANE_COLUMNS = ['number', 'queue', 'drops', 'given', 'process'] as const
export type LaneColumn = (typeof LANE_COLUMNS)[number]
export type LaneSort = { readonly column: LaneColumn; readonly descending: boolean }

export const DEFAULT_LANE_SORT: LaneSort = { column: 'number', descending: false }

/** What a click at the head of `column` sorts by: numbers the highest first, and the reverse at the second click. */
export function nextLaneSort(sort: LaneSort, column: LaneColumn): LaneSort {
  if (sort.column === column) return { column, descending: !sort.descending }
  return { column, descending: column !== 'number' && column !== 'process' }
}
