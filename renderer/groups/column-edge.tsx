/** The edge of a column's head: drawn with the mouse, or moved with the arrow keys, it makes the column wider or narrower. */
import { useRef } from 'react'
import { useSession } from '../store/session.ts'
import {
  boundedRem,
  NARROWEST_REM,
  remPixels,
  STEP_REM,
  setColumnWidth,
  WIDEST_REM,
  widthProperty,
} from './column-widths.ts'
import type { Column } from './columns.ts'

export function ColumnEdge({ column: { id, title } }: { column: Column }) {
  const edge = useRef<HTMLHRElement>(null)
  const chosen = useSession((session) => session.settings?.columnWidths[id])
  /** Where a drag began, and how wide the column was then. */
  const drag = useRef<{ x: number; rem: number; to: number } | null>(null)
  const drawnRem = () => (edge.current?.parentElement?.getBoundingClientRect().width ?? 0) / remPixels()

  const onKeyDown = (event: React.KeyboardEvent) => {
    const step = { ArrowLeft: -STEP_REM, ArrowRight: STEP_REM }[event.key]
    if (step !== undefined) setColumnWidth(id, drawnRem() + step)
    else if (event.key === 'Enter' || event.key === 'Delete') setColumnWidth(id, null)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <hr
      ref={edge}
      className="edge"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={`Width of ${title}`}
      aria-valuemin={NARROWEST_REM}
      aria-valuemax={WIDEST_REM}
      aria-valuenow={chosen ?? Math.round(16 * drawnRem()) / 16}
      aria-valuetext={chosen === undefined ? 'automatic' : `${chosen} rem`}
      title="Draw to set the width, double-click to take it back"
      onKeyDown={onKeyDown}
      onDoubleClick={() => setColumnWidth(id, null)}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        drag.current = { x: event.clientX, rem: drawnRem(), to: Number.NaN }
      }}
      onPointerMove={(event) => {
        if (drag.current === null) return
        drag.current.to = boundedRem(drag.current.rem + (event.clientX - drag.current.x) / remPixels())
        // Drawn straight away; remembered when the hand lets go.
        event.currentTarget
          .closest<HTMLElement>('[role=grid]')
          ?.style.setProperty(widthProperty(id), `${drag.current.to}rem`)
      }}
      onPointerUp={() => {
        const to = drag.current?.to
        drag.current = null
        if (to !== undefined && Number.isFinite(to)) setColumnWidth(id, to)
      }}
      onPointerCancel={() => {
        drag.current = null
      }}
    />
  )
}
