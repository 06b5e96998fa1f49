/** What is shown, how often it refreshes, and how old it is. */
import { MenuItem } from 'react-aria-components'
import { parseFilter, quoteValue } from '../../../electron/contract/filter/parse.ts'
import { INTERVALS_MS, shortSpan } from '../../model/intervals.ts'
import { usePageStore, useSession, useView } from '../../model/store/context.ts'
import { ChoiceMenu, FloatingMenu } from '../../ui/floating-menu.tsx'
import { formatCount, formatSpan } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import menu from '../../ui/menu.module.css'
import { Name } from '../../ui/name.tsx'
import text from '../../ui/text.module.css'
import { visibleName, visibleText } from '../../ui/visible-text.ts'
import { Button } from '../../ui/widgets.tsx'
import { Age, NotLiveAge } from './age.tsx'
import { FilterBox } from './filter-box.tsx'
import { MachineSwitch } from './machine-switch.tsx'
import css from './top-bar.module.css'

export function TopBar() {
  const live = useSession((session) => session.source === null)
  return (
    <header className={css.top}>
      <MachineSwitch />
      <NamespaceMenu />
      <FilterBox />
      {live ? (
        <>
          <PauseButton />
          <IntervalMenu />
          <Age />
        </>
      ) : (
        <NotLiveAge />
      )}
    </header>
  )
}

const ALL = 'all'

/** The choice is a filter term, so it is shown, stored and cleared in one place. */
function NamespaceMenu() {
  const namespaces = useSession((session) => session.namespaces)
  const filter = useView((view) => view.filter)
  const { setFilter } = usePageStore().view
  const term = filter.terms.find(({ key, negated, value }) => key === 'netns' && !negated && value !== '')
  const chosen =
    term && namespaces.find(({ name, inode }) => [name.toLowerCase(), String(inode)].includes(term.value.toLowerCase()))
  const choose = (name: string) => {
    const others = parseFilter(filter.text).terms.filter((one) => one.key !== 'netns' || one.negated)
    const words = others.map(({ raw }) => raw)
    setFilter([...words, ...(name === ALL ? [] : [`netns:${quoteValue(name)}`])].map((word) => `${word} `).join(''))
  }
  return (
    <FloatingMenu
      label="Network namespace"
      placement="bottom start"
      chosen={chosen?.name ?? (term ? '' : ALL)}
      choose={choose}
      button={
        <Button look="quiet" className={css.chooser}>
          <Icon name="namespace" />
          <span className={css.label}>
            {chosen ? visibleName(chosen.name) : term ? visibleText(term.value) : 'All namespaces'}
          </span>
          {!term && namespaces.length > 0 && <span className={text.quiet}>{formatCount(namespaces.length)}</span>}
          <Icon name="down" dim />
        </Button>
      }
    >
      <MenuItem id={ALL} textValue="All namespaces">
        <Icon name="check" />
        All namespaces
      </MenuItem>
      {namespaces.map(({ inode, name, self }) => (
        <MenuItem key={inode} id={name} textValue={name}>
          <Icon name="check" />
          <Name>{name}</Name>
          <span className={menu.aside}>{self ? 'the engine runs here' : inode}</span>
        </MenuItem>
      ))}
    </FloatingMenu>
  )
}

function PauseButton() {
  const paused = useSession((session) => session.sampling?.paused ?? false)
  const open = useSession((session) => session.client !== null)
  const { setPaused } = usePageStore().engine
  return (
    <Button
      look="quiet"
      isDisabled={!open}
      onPress={() => void setPaused(!paused)}
      aria-label={paused ? 'Resume' : 'Pause'}
    >
      <Icon name={paused ? 'play' : 'pause'} />
      <span title="For every page of this engine">{paused ? 'Resume' : 'Pause'}</span>
    </Button>
  )
}

function IntervalMenu() {
  const asked = useSession((session) => session.settings?.intervalMs ?? 1000)
  const { changeSettings } = usePageStore()
  const inForce = useSession((session) => session.sampling?.intervalMs ?? asked)
  return (
    <ChoiceMenu
      label="Refresh interval"
      chosen={asked}
      choices={INTERVALS_MS.map((value) => ({ value, text: shortSpan(value) }))}
      choose={(intervalMs) => void changeSettings({ intervalMs })}
    >
      {inForce > asked ? (
        <span title={`${shortSpan(asked)} requested; refreshes take longer than that`}>{formatSpan(inForce)}</span>
      ) : (
        <span title="For every page of this engine">{shortSpan(asked)}</span>
      )}
    </ChoiceMenu>
  )
}
