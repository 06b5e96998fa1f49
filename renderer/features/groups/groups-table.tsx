/**
 * The groups table, virtualized: only visible rows are rendered. The grid itself keeps the focus and the keyboard moves
 * the selection, so a row need not be rendered to be selected.
 */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { COLUMNS_HIDDEN_AT_FIRST } from '../../../electron/contract/default-settings.ts'
import { COLUMNS, orderedColumns } from '../../model/groups/columns.ts'
import type { GroupEntry } from '../../model/groups/group-table.ts'
import { isSection, type TableItem, tableItems } from '../../model/groups/sections.ts'
import { goTo } from '../../model/route.ts'
import { usePageStore, useSession, useView } from '../../model/store/context.ts'
import { nextIndex } from '../../ui/list-keys.ts'
import { remPixels, widthProperty } from './column-widths.ts'
import { GroupTableRow, rowElementId } from './group-row.tsx'
import css from './groups-table.module.css'
import { type MenuPlace, RowMenu } from './row-menu.tsx'
import { SectionRow } from './section-row.tsx'
import { TableHead } from './table-head.tsx'

/** Heights of a row in each density: --row of tokens.css, and of groups-table.module.css. */
const ROW_REM = { compact: 1.75, comfortable: 2.25 } as const
/** --row-head, with its line. */
const HEAD_REM = 1.625
const OVERSCAN = 6
const NONE: readonly string[] = []

export function GroupsTable({ order }: { order: readonly GroupEntry[] }) {
  const scroller = useRef<HTMLDivElement>(null)
  const body = useRef<HTMLDivElement>(null)
  const selected = useView((view) => view.selected)
  const { view } = usePageStore()
  const hidden = useSession((session) => session.settings?.hiddenColumns) ?? COLUMNS_HIDDEN_AT_FIRST
  const widths = useSession((session) => session.settings?.columnWidths)
  const columns = useSession((session) => session.settings?.columnOrder) ?? NONE
  const density = useSession((session) => session.settings?.density ?? 'compact')
  const items = useItems(order)
  const [menu, setMenu] = useState<MenuPlace | null>(null)
  const pixels = remPixels()
  const rowPixels = ROW_REM[density] * pixels
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPixels,
    overscan: OVERSCAN,
    scrollMargin: body.current?.offsetTop ?? 0,
    useFlushSync: false,
  })
  // Heights are not measured: all rows have the same.
  useLayoutEffect(() => {
    if (rowPixels > 0) virtualizer.measure()
  }, [rowPixels, virtualizer])
  const at = selected === null ? -1 : items.findIndex((item) => !isSection(item) && item.id === selected)

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

  /** Selects the row at `index`, or the next one beyond a section's head in the direction of the key. */
  const select = (index: number) => {
    const place = Math.min(Math.max(index, 0), items.length - 1)
    const step = place >= at ? 1 : -1
    for (const next of [place, place + step, place - step]) {
      const item = items[next]
      if (item === undefined || isSection(item)) continue
      view.select(item.id)
      return virtualizer.scrollToIndex(next)
    }
  }
  const openMenu = useCallback(
    (entry: GroupEntry, x: number, y: number) => {
      view.select(entry.id)
      setMenu({ entry, x, y })
    },
    [view],
  )
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target !== scroller.current) return
    const item = items[at]
    if (event.key === 'Enter') {
      if (selected !== null && at >= 0) goTo({ screen: 'group', id: selected })
      return
    }
    if (
      (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) &&
      item !== undefined &&
      !isSection(item)
    ) {
      event.preventDefault()
      const row = document.getElementById(rowElementId(item.id))?.getBoundingClientRect()
      if (row) openMenu(item, row.left + 4 * pixels, row.bottom)
      return
    }
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowPixels) - 2)
    const to = nextIndex(event.key, at, page, items.length)
    if (to === null) return
    event.preventDefault()
    select(to)
  }

  return (
    <div
      ref={scroller}
      className={css.grid}
      data-hidden={hidden.join(' ')}
      data-density={density}
      role="grid"
      aria-label="Groups"
      aria-rowcount={items.length + 1}
      aria-colcount={COLUMNS.length}
      aria-activedescendant={at >= 0 && selected !== null ? rowElementId(selected) : undefined}
      tabIndex={0}
      style={{
        height: virtualizer.getTotalSize() + HEAD_REM * pixels,
        ...columnStyle(columns, hidden),
        ...widthStyle(widths),
      }}
      onFocus={(event) => {
        if (event.target === event.currentTarget && at < 0 && event.target.matches(':focus-visible')) select(0)
      }}
      onKeyDown={onKeyDown}
    >
      <TableHead />
      <div ref={body} className={css.body} role="rowgroup" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const item = items[index]
          const top = start - virtualizer.options.scrollMargin
          if (item === undefined) return null
          if (isSection(item))
            return <SectionRow key={`section ${item.key}`} section={item} index={index + 2} top={top} />
          return (
            <GroupTableRow
              key={item.id}
              entry={item}
              index={index + 2}
              top={top}
              selected={item.id === selected}
              openMenu={openMenu}
            />
          )
        })}
      </div>
      {menu && (
        <RowMenu
          place={menu}
          close={() => {
            setMenu(null)
            scroller.current?.focus({ preventScroll: true })
          }}
        />
      )}
    </div>
  )
}

function useItems(order: readonly GroupEntry[]): readonly TableItem[] {
  const by = useSession((session) => session.settings?.groupBy ?? 'none')
  const pinned = useSession((session) => session.settings?.pinnedGroups) ?? NONE
  const namespaces = useSession((session) => session.namespaces)
  return useMemo(() => {
    const names = new Map(namespaces.map(({ inode, name }) => [inode, name]))
    return tableItems(order, by, pinned, (inode) => names.get(inode) ?? String(inode))
  }, [order, by, pinned, namespaces])
}

/** The tracks of head and rows in the user's order. They are named, so that a hidden column leaves no gap. */
function columnStyle(order: readonly string[], hidden: readonly string[]): React.CSSProperties {
  const tracks = orderedColumns(order).map(
    ({ id, optional }) => `[${id}] ${optional && hidden.includes(id) ? 0 : `var(--c-${id})`}`,
  )
  return { '--columns': tracks.join(' ') } as React.CSSProperties
}

/** User-set column widths as custom properties. */
function widthStyle(widths: Readonly<Record<string, number>> = {}): React.CSSProperties {
  const known = COLUMNS.filter(({ id }) => widths[id] !== undefined)
  return Object.fromEntries(known.map(({ id }) => [widthProperty(id), `${widths[id]}rem`]))
}
