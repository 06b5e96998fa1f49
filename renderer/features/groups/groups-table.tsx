/**
 * The groups table, virtualized: only visible rows are rendered. The grid itself keeps the focus and the keyboard moves
 * the selection, so a row need not be rendered to be selected.
 */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useRef } from 'react'
import { COLUMNS } from '../../model/groups/columns.ts'
import type { GroupEntry } from '../../model/groups/group-table.ts'
import { goTo } from '../../model/route.ts'
import { usePageStore } from '../../model/store/context.ts'
import { useSession } from '../../model/store/session.ts'
import { useView } from '../../model/store/view.ts'
import { nextIndex } from '../../ui/list-keys.ts'
import { remPixels, widthProperty } from './column-widths.ts'
import { GroupTableRow, rowElementId } from './group-row.tsx'
import css from './groups-table.module.css'
import { TableHead } from './table-head.tsx'

/** --row of tokens.css. */
const ROW_REM = 1.75
/** --row-head, with its line. */
const HEAD_REM = 1.625
const OVERSCAN = 6

export function GroupsTable({ order }: { order: readonly GroupEntry[] }) {
  const scroller = useRef<HTMLDivElement>(null)
  const body = useRef<HTMLDivElement>(null)
  const selected = useView((view) => view.selected)
  const { view } = usePageStore()
  const hidden = useSession((session) => session.settings?.hiddenColumns) ?? []
  const widths = useSession((session) => session.settings?.columnWidths)
  const pixels = remPixels()
  const rowPixels = ROW_REM * pixels
  const virtualizer = useVirtualizer({
    count: order.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPixels,
    overscan: OVERSCAN,
    scrollMargin: body.current?.offsetTop ?? 0,
    useFlushSync: false,
  })
  const at = selected === null ? -1 : order.findIndex(({ id }) => id === selected)

  // A row that was selected elsewhere, or before coming back, is scrolled into view once.
  const cameBack = useRef(false)
  useLayoutEffect(() => {
    if (cameBack.current) return
    cameBack.current = true
    if (at > 0) virtualizer.scrollToIndex(at, { align: 'center' })
  }, [at, virtualizer])
  useEffect(() => {
    // After coming back from a group, restore keyboard focus.
    const back = view.state.getState().selected !== null && document.activeElement === document.body
    if (back) scroller.current?.focus({ preventScroll: true })
  }, [view])

  const select = (index: number) => {
    const entry = order[Math.min(Math.max(index, 0), order.length - 1)]
    if (!entry) return
    view.select(entry.id)
    virtualizer.scrollToIndex(order.indexOf(entry))
  }
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target !== scroller.current) return
    if (event.key === 'Enter') {
      if (selected !== null && at >= 0) goTo({ screen: 'group', id: selected })
      return
    }
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowPixels) - 2)
    const to = nextIndex(event.key, at, page, order.length)
    if (to === null) return
    event.preventDefault()
    select(to)
  }

  const items = virtualizer.getVirtualItems()
  return (
    <div
      ref={scroller}
      className={css.grid}
      data-hidden={hidden.join(' ')}
      role="grid"
      aria-label="Groups"
      aria-rowcount={order.length + 1}
      aria-colcount={COLUMNS.length}
      aria-activedescendant={at >= 0 && selected !== null ? rowElementId(selected) : undefined}
      tabIndex={0}
      style={{ height: virtualizer.getTotalSize() + HEAD_REM * pixels, ...widthStyle(widths) }}
      onFocus={(event) => {
        if (event.target === event.currentTarget && at < 0 && event.target.matches(':focus-visible')) select(0)
      }}
      onKeyDown={onKeyDown}
    >
      <TableHead />
      <div ref={body} className={css.body} role="rowgroup" style={{ height: virtualizer.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const entry = order[index]
          if (!entry) return null
          return (
            <GroupTableRow
              key={entry.id}
              entry={entry}
              index={index + 2}
              top={start - virtualizer.options.scrollMargin}
              selected={entry.id === selected}
            />
          )
        })}
      </div>
    </div>
  )
}

/** User-set column widths as custom properties. */
function widthStyle(widths: Readonly<Record<string, number>> = {}): React.CSSProperties {
  const known = COLUMNS.filter(({ id }) => widths[id] !== undefined)
  return Object.fromEntries(known.map(({ id }) => [widthProperty(id), `${widths[id]}rem`]))
}
