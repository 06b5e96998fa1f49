/** Above the table: sections, saved filters, columns, density. */
import { memo, useState } from 'react'
import { Button as AriaButton, DialogTrigger, Input, Label, Popover, TextField } from 'react-aria-components'
import { DEFAULT_SETTINGS } from '../../../electron/contract/default-settings.ts'
import { parseFilter } from '../../../electron/contract/filter/parse.ts'
import type { Settings } from '../../../electron/contract/settings.ts'
import { usePageStore, useSession, useView } from '../../model/store/context.ts'
import control from '../../ui/control.module.css'
import { Icon } from '../../ui/icon.tsx'
import menu from '../../ui/menu.module.css'
import { SegmentedControl } from '../../ui/segmented-control.tsx'
import { visibleName, visibleText } from '../../ui/visible-text.ts'
import { Button } from '../../ui/widgets.tsx'
import { ColumnChooser } from './column-chooser.tsx'
import css from './groups-toolbar.module.css'

const GROUPINGS: readonly (readonly [Settings['groupBy'], string])[] = [
  ['none', 'none'],
  ['process', 'process'],
  ['unit', 'unit'],
  ['port', 'port'],
  ['namespace', 'namespace'],
]
const DENSITIES: readonly (readonly [Settings['density'], string])[] = [
  ['compact', 'compact'],
  ['comfortable', 'comfortable'],
]

/** Not rendered again with every order of the table. */
export const GroupsToolbar = memo(function GroupsToolbar() {
  return (
    <section className={css.toolbar} aria-label="Table">
      <Setting name="groupBy" label="Group by" options={GROUPINGS} />
      <SavedFilters />
      <span className={css.right}>
        <Setting name="density" label="Rows" options={DENSITIES} />
        <ColumnChooser />
      </span>
    </section>
  )
})

type SettingProps<Name extends 'groupBy' | 'density'> = {
  name: Name
  label: string
  options: readonly (readonly [Settings[Name], string])[]
}

/** Chooses a setting of the table. */
function Setting<Name extends 'groupBy' | 'density'>({ name, label, options }: SettingProps<Name>) {
  const value = useSession(({ settings }) => (settings ?? DEFAULT_SETTINGS)[name])
  const { changeSettings } = usePageStore()
  return (
    <SegmentedControl
      labeled="beside"
      label={label}
      options={options}
      value={value}
      change={(chosen) => void changeSettings({ [name]: chosen })}
    />
  )
}

function SavedFilters() {
  const saved = useSession(({ settings }) => settings?.savedFilters) ?? []
  const filter = useView((view) => view.filter.text.trim())
  const { view, changeSettings } = usePageStore()
  const known = saved.some((one) => one.filter === filter)
  /** In place of what has its name. */
  const keep = (name: string, entry: Settings['savedFilters']) =>
    void changeSettings(({ savedFilters }) => ({
      savedFilters: [...savedFilters.filter((one) => one.name !== name), ...entry],
    }))
  if (saved.length === 0 && filter === '') return null
  return (
    <>
      <span className={css.label}>Saved</span>
      {saved.map((one) => (
        <span key={one.name} className={css.saved}>
          <AriaButton
            className={css.apply}
            aria-pressed={one.filter === filter}
            onPress={() => view.setFilter(one.filter === filter ? '' : `${one.filter} `)}
          >
            <span title={visibleText(one.filter)}>{visibleName(one.name)}</span>
          </AriaButton>
          <AriaButton
            className={css.forget}
            aria-label={`Remove the saved filter ${visibleName(one.name)}`}
            onPress={() => keep(one.name, [])}
          >
            <Icon name="close" />
          </AriaButton>
        </span>
      ))}
      {filter !== '' && !known && <SaveFilter filter={filter} save={(name) => keep(name, [{ name, filter }])} />}
    </>
  )
}

function SaveFilter({ filter, save }: { filter: string; save: (name: string) => void }) {
  const [open, setOpen] = useState(false)
  const [name, setName] = useState('')
  const suggestion = parseFilter(filter).terms[0]?.value.slice(0, 40) ?? ''
  const submit = () => {
    save((name.trim() || suggestion || filter).slice(0, 40))
    setOpen(false)
    setName('')
  }
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <Button look="quiet">Save filter</Button>
      <Popover className={menu.float} placement="bottom start" aria-label="Save filter">
        <form
          className={css.form}
          onSubmit={(event) => {
            event.preventDefault()
            submit()
          }}
        >
          <TextField value={name} onChange={setName} maxLength={40} autoFocus>
            <Label>Name</Label>
            <Input className={control.control} placeholder={visibleText(suggestion)} />
          </TextField>
          <Button type="submit">Save</Button>
        </form>
      </Popover>
    </DialogTrigger>
  )
}
