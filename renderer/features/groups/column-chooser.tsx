/** Which columns the table has, and in which order. */
import { DialogTrigger, Popover } from 'react-aria-components'
import { COLUMNS_HIDDEN_AT_FIRST } from '../../../electron/contract/default-settings.ts'
import { type ColumnId, orderedColumns, showColumn } from '../../model/groups/columns.ts'
import { usePageStore, useSession } from '../../model/store/context.ts'
import { Checkbox } from '../../ui/choices.tsx'
import { Icon } from '../../ui/icon.tsx'
import menu from '../../ui/menu.module.css'
import { Button } from '../../ui/widgets.tsx'
import css from './column-chooser.module.css'

export function ColumnChooser() {
  const hidden = useSession(({ settings }) => settings?.hiddenColumns) ?? COLUMNS_HIDDEN_AT_FIRST
  const order = useSession(({ settings }) => settings?.columnOrder) ?? []
  const widths = useSession(({ settings }) => settings?.columnWidths) ?? {}
  const { changeSettings } = usePageStore()
  const [, ...columns] = orderedColumns(order)
  const move = (id: ColumnId, to: number) =>
    void changeSettings(({ columnOrder }) => {
      const [, ...others] = orderedColumns(columnOrder).flatMap((column) => (column.id === id ? [] : [column.id]))
      return { columnOrder: others.toSpliced(to, 0, id) }
    })
  const hidesOthers = hidden.toSorted().join() !== [...COLUMNS_HIDDEN_AT_FIRST].sort().join()
  const changed = order.length + Object.keys(widths).length > 0 || hidesOthers
  return (
    <DialogTrigger>
      <Button look="quiet">
        Columns
        <Icon name="down" dim />
      </Button>
      <Popover className={menu.float} placement="bottom end" aria-label="Columns">
        <ul className={css.columns} aria-label="Columns in their order">
          {columns.map(({ id, title, optional }, place) => (
            <li key={id}>
              {optional === true ? (
                <Checkbox
                  text={title}
                  ticked={!hidden.includes(id)}
                  change={(shown) => void changeSettings(showColumn(id, shown))}
                />
              ) : (
                <span className={css.fixed}>{title}</span>
              )}
              <Button
                look="quiet"
                className={css.move}
                aria-label={`Move ${title} to the left`}
                isDisabled={place === 0}
                onPress={() => move(id, place - 1)}
              >
                <Icon name="sortUp" />
              </Button>
              <Button
                look="quiet"
                className={css.move}
                aria-label={`Move ${title} to the right`}
                isDisabled={place === columns.length - 1}
                onPress={() => move(id, place + 1)}
              >
                <Icon name="sortDown" />
              </Button>
            </li>
          ))}
        </ul>
        {changed && (
          <Button
            look="quiet"
            onPress={() =>
              void changeSettings({ columnOrder: [], hiddenColumns: [...COLUMNS_HIDDEN_AT_FIRST], columnWidths: {} })
            }
          >
            Reset columns
          </Button>
        )}
      </Popover>
    </DialogTrigger>
  )
}
