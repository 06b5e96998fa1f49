/** Widths of the table's columns, as a person set them: in rem, so that they hold at every size of text. */
import { changeSettings } from '../store/engine.ts'
import { useSession } from '../store/session.ts'
import type { ColumnId } from './columns.ts'

export const NARROWEST_REM = 2
export const WIDEST_REM = 60
/** What a key changes. */
export const STEP_REM = 0.5

/** Custom property of a column's own width (groups.css); without it the column is as wide as the table makes it. */
export function widthProperty(id: ColumnId): `--w-${ColumnId}` {
  return `--w-${id}`
}

export function remPixels(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
}

/** A width within bounds, in steps that a settings file can hold. */
export function boundedRem(rem: number): number {
  return Math.round(16 * Math.min(WIDEST_REM, Math.max(NARROWEST_REM, rem))) / 16
}

/** Remembers a width; null takes it back. */
export function setColumnWidth(id: ColumnId, rem: number | null): void {
  const { [id]: _, ...others } = useSession.getState().settings?.columnWidths ?? {}
  void changeSettings({ columnWidths: rem === null ? others : { ...others, [id]: boundedRem(rem) } })
}
