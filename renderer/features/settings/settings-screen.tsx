/** Settings, with their cost where they have one. Changes apply immediately. */
import { useState } from 'react'
import { Button, Input, Label, NumberField, RadioGroup } from 'react-aria-components'
import { Settings } from '../../../electron/contract/settings.ts'
import { COLUMNS } from '../../model/groups/columns.ts'
import { INTERVALS_MS, shortSpan } from '../../model/intervals.ts'
import { usePageStore } from '../../model/store/context.ts'
import { engineNow } from '../../model/store/engine-clock.ts'
import { useSession } from '../../model/store/session.ts'
import { Checkbox, Choice } from '../../ui/fields.tsx'
import { countOf, formatBytes, formatSpan } from '../../ui/format.ts'
import page from '../../ui/page.module.css'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { buttonClass } from '../../ui/widgets.tsx'
import css from './settings-screen.module.css'

export function SettingsScreen() {
  const settings = useSession((session) => session.settings)
  return (
    <div className={page.page} tabIndex={-1}>
      <h1>Settings</h1>
      {settings ? <Choices settings={settings} /> : <p>The engine stores the settings and has not answered yet.</p>}
    </div>
  )
}

const THEMES = { system: 'Follow the system', light: 'Light', dark: 'Dark' } as const

function Choices({ settings }: { settings: Settings }) {
  const { changeSettings } = usePageStore()
  return (
    <>
      <section>
        <h2>Refresh</h2>
        <RadioGroup
          className={css.choices}
          aria-label="Refresh interval"
          orientation="horizontal"
          value={String(settings.intervalMs)}
          onChange={(ms) => void changeSettings({ intervalMs: Number(ms) })}
        >
          {INTERVALS_MS.map((ms) => (
            <Choice key={ms} value={String(ms)} text={shortSpan(ms)} />
          ))}
        </RadioGroup>
        <p>Slow refreshes lengthen the interval; the status line shows when they do.</p>
      </section>
      <section>
        <h2>Appearance</h2>
        <RadioGroup
          className={css.choices}
          aria-label="Theme"
          orientation="horizontal"
          value={settings.theme}
          onChange={(theme) => void changeSettings({ theme: Settings.shape.theme.parse(theme) })}
        >
          {Object.entries(THEMES).map(([theme, text]) => (
            <Choice key={theme} value={theme} text={text} />
          ))}
        </RadioGroup>
      </section>
      <section>
        <h2>Groups</h2>
        <div className={css.choices}>
          <Checkbox
            text="Show unshared sockets"
            ticked={settings.unsharedSockets}
            change={(unsharedSockets) => void changeSettings({ unsharedSockets })}
          />
        </div>
        <p>Unshared sockets are in no group.</p>
        <h3>Columns</h3>
        <div className={css.choices}>
          {COLUMNS.filter(({ optional }) => optional).map(({ id, title }) => (
            <Checkbox
              key={id}
              text={title}
              ticked={!settings.hiddenColumns.includes(id)}
              change={(shown) => {
                const others = settings.hiddenColumns.filter((one) => one !== id)
                void changeSettings({ hiddenColumns: shown ? others : [...others, id] })
              }}
            />
          ))}
        </div>
        {Object.keys(settings.columnWidths).length > 0 && (
          <Button className={buttonClass()} onPress={() => void changeSettings({ columnWidths: {} })}>
            Reset column widths
          </Button>
        )}
      </section>
      <HistorySettings minutes={settings.historyMinutes} />
      <About />
    </>
  )
}

function HistorySettings({ minutes }: { minutes: number }) {
  const {
    groups: { history },
    changeSettings,
  } = usePageStore()
  const groups = useSession(() => history.groups)
  const step = useSession(() => history.stepMs)
  const [used, usedUnit] = formatBytes(history.bytes)
  const [most, mostUnit] = formatBytes(history.budgetBytes)
  return (
    <section>
      <h2>History</h2>
      <NumberField
        className={css.number}
        value={minutes}
        minValue={15}
        maxValue={240}
        onChange={(historyMinutes) => {
          if (Number.isInteger(historyMinutes)) void changeSettings({ historyMinutes })
        }}
      >
        <Label>Minutes kept</Label>
        <Input />
        <span className={text.quiet}>15 to 240</span>
      </NumberField>
      <p>
        Kept in this page’s memory: {used} {usedUnit} now, at most {most} {mostUnit}. With {countOf(groups, 'group')},
        one value every {shortSpan(step).replaceAll(' ', '\u00a0')}; more groups or more minutes make it coarser, not
        larger.
      </p>
    </section>
  )
}

function About() {
  const machine = useSession((session) => session.machine)
  const { session } = usePageStore()
  const [now] = useState(() => engineNow(session))
  if (!machine) return null
  const { host, engine, startedAt } = machine
  return (
    <section>
      <h2>About</h2>
      <dl>
        <dt>Version</dt>
        <dd>{visibleText(engine)}</dd>
        <dt>Machine</dt>
        <dd>
          {visibleText(host.hostname)}, Linux {visibleText(host.kernelRelease)}
        </dd>
        <dt>Engine</dt>
        <dd title={new Date(startedAt).toLocaleString('en-GB')}>
          runs as uid {host.uid}, started {formatSpan(now - Date.parse(startedAt))} ago.{' '}
          <a className={text.inline} href="#/permissions">
            Permissions
          </a>
        </dd>
      </dl>
    </section>
  )
}
