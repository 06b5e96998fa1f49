/** User-set widths of the table's columns, in rem so that they scale with the text size. */
import type { ColumnId } from '../../model/groups/columns.ts'
import { usePageStore } from '../../model/store/context.ts'

export const MIN_REM = 2
export const MAX_REM = 60
/** Change per key press. */
export const STEP_REM = 0.5

/** Custom property for a column's width (groups-table.module.css); without it the table sets the width. */
export function widthProperty(id: ColumnId): `--w-${ColumnId}` {
  return `--w-${id}`
}

export function remPixels(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
}

/** Clamps a width, in steps that a settings file can hold. */
export function clampRem(rem: number): number {
  return Math.round(16 * Math.min(MAX_REM, Math.max(MIN_REM, rem))) / 16
}

/** A function that stores a width; null resets it. */
export function useSetColumnWidth(): (id: ColumnId, rem: number | null) => void {
  const { changeSettings } = usePageStore()
  return (id, rem) =>
    void changeSettings(({ columnWidths: { [id]: _, ...others } }) => ({
      columnWidths: rem === null ? others : { ...others, [id]: clampRem(rem) },
    }))
}
