/** The title of a column of the lanes, which sorts them. */
import { clsx } from 'clsx'
import type { ReactNode } from 'react'
import { type LaneColumn, nextLaneSort } from '../../model/lane-sort.ts'
import { usePageStore, useView } from '../../model/store/context.ts'
import { Icon } from '../../ui/icon.tsx'
import sortTitle from '../../ui/sort-title.module.css'
import css from './lane-title.module.css'

type LaneTitleProps = {
  column: LaneColumn
  /** The column's name in a sentence. */
  name: string
  className?: string | undefined
  /** What its numbers mean. */
  title?: string
  /** Beside the title. */
  aside?: ReactNode
  children: ReactNode
}

export function LaneTitle({ column, name, className, title, aside, children }: LaneTitleProps) {
  const sort = useView(({ lanes }) => lanes)
  const { sortLanes } = usePageStore().view
  const sorted = sort.column === column
  const button = (
    <button
      type="button"
      className={clsx(sortTitle.title, css.title)}
      title={title ?? `Sort by ${name}`}
      onClick={() => sortLanes(nextLaneSort(sort, column))}
    >
      {children}
      <Icon
        name={sorted && !sort.descending ? 'sortUp' : 'sortDown'}
        className={sorted ? css.sorted : sortTitle.unsorted}
      />
    </button>
  )
  return (
    <th className={className} aria-sort={sorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}>
      {aside === undefined ? (
        button
      ) : (
        <span>
          {button} {aside}
        </span>
      )}
    </th>
  )
}
