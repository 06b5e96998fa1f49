/** Which columns the table has, and in which order. */
import { DialogTrigger, Popover } from 'react-aria-components'
import { COLUMNS_HIDDEN_AT_FIRST } from '../../../electron/contract/default-settings.ts'
import { orderedColumns } from '../../model/groups/columns.ts'
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
  const ids = columns.map(({ id }) => id as string)
  const move = (from: number, to: number) => {
    const next = [...ids]
    next.splice(to, 0, ...next.splice(from, 1))
    void changeSettings({ columnOrder: next })
  }
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
                  change={(shown) => {
                    const others = hidden.filter((one) => one !== id)
                    void changeSettings({ hiddenColumns: shown ? others : [...others, id] })
                  }}
                />
              ) : (
                <span className={css.fixed}>{title}</span>
              )}
              <Button
                look="quiet"
                className={css.move}
                aria-label={`Move ${title} to the left`}
                isDisabled={place === 0}
                onPress={() => move(place, place - 1)}
              >
                <Icon name="sortUp" />
              </Button>
              <Button
                look="quiet"
                className={css.move}
                aria-label={`Move ${title} to the right`}
                isDisabled={place === columns.length - 1}
                onPress={() => move(place, place + 1)}
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
