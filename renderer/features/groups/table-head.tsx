/** The header of the groups table: click to sort, drag an edge to resize. */
import { memo } from 'react'
import { COLUMNS, type Column } from '../../model/groups/columns.ts'
import { usePageStore, useSession } from '../../model/store/context.ts'
import { Icon } from '../../ui/icon.tsx'
import sortTitle from '../../ui/sort-title.module.css'
import text from '../../ui/text.module.css'
import { ColumnEdge } from './column-resizer.tsx'
import { inColumn } from './in-column.ts'
import css from './table-head.module.css'

/** Not rendered again whenever the order of the rows changes: it measures its columns. */
export const TableHead = memo(function TableHead() {
  return (
    <div className={css.head} role="row" aria-rowindex={1}>
      {COLUMNS.map((column, index) => (
        <Head key={column.id} column={column} index={index + 1} />
      ))}
    </div>
  )
})

function Head({ column, index }: { column: Column; index: number }) {
  const sort = useSession((session) => session.settings?.sort)
  const { sortBy } = usePageStore().view
  const sorted = (sort?.column ?? 'state') === column.id
  const descending = sort?.descending ?? true
  const title = (
    <>
      {column.id === 'state' ? <span className={text.hidden}>State</span> : column.title}
      {column.aside !== undefined && <span className={css.aside}> {column.aside}</span>}
    </>
  )
  return (
    <div
      className={column.numeric ? css.numeric : undefined}
      {...inColumn(column.id)}
      role="columnheader"
      aria-colindex={index}
      aria-sort={sorted ? (descending ? 'descending' : 'ascending') : column.sortBy ? 'none' : undefined}
    >
      {column.sortBy ? (
        <button
          type="button"
          className={sortTitle.title}
          onClick={() => sortBy(column.id)}
          title={column.explained ?? `Sort by ${column.title.toLowerCase()}`}
        >
          {title}
          {(sorted || column.id === 'state') && (
            <Icon
              name={sorted && !descending ? 'sortUp' : 'sortDown'}
              className={sorted ? undefined : sortTitle.unsorted}
            />
          )}
        </button>
      ) : (
        title
      )}
      {column.fixed !== true && <ColumnEdge column={column} />}
    </div>
  )
}
