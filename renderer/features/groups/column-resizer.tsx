/** The right edge of a column header: dragging it, or pressing the arrow keys, resizes the column. */
import { useRef } from 'react'
import type { Column } from '../../model/groups/columns.ts'
import { useSession } from '../../model/store/context.ts'
import css from './column-resizer.module.css'
import { clampRem, MAX_REM, MIN_REM, remPixels, STEP_REM, useSetColumnWidth, widthProperty } from './column-widths.ts'

export function ColumnEdge({ column: { id, title } }: { column: Column }) {
  const edge = useRef<HTMLHRElement>(null)
  const setColumnWidth = useSetColumnWidth()
  const chosen = useSession((session) => session.settings?.columnWidths[id])
  /** Where the drag started, and the column's width then. */
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
      className={css.edge}
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={`Width of ${title}`}
      aria-valuemin={MIN_REM}
      aria-valuemax={MAX_REM}
      aria-valuenow={chosen ?? Math.round(16 * drawnRem()) / 16}
      aria-valuetext={chosen === undefined ? 'automatic' : `${chosen} rem`}
      title="Drag to resize, double-click to reset"
      onKeyDown={onKeyDown}
      onDoubleClick={() => setColumnWidth(id, null)}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        drag.current = { x: event.clientX, rem: drawnRem(), to: Number.NaN }
      }}
      onPointerMove={(event) => {
        if (drag.current === null) return
        drag.current.to = clampRem(drag.current.rem + (event.clientX - drag.current.x) / remPixels())
        // Applied immediately; stored on release.
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
