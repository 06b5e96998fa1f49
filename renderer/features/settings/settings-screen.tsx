/** Settings, with their cost where they have one. Changes apply immediately. */
import { useEffect, useState } from 'react'
import { Button, RadioGroup } from 'react-aria-components'
import type { HistoryUsage as Usage } from '../../../electron/contract/history.ts'
import { Settings } from '../../../electron/contract/settings.ts'
import { COLUMNS, showColumn } from '../../model/groups/columns.ts'
import { INTERVALS_MS, shortSpan } from '../../model/intervals.ts'
import { usePageStore, useSession } from '../../model/store/context.ts'
import { engineNow } from '../../model/store/engine-clock.ts'
import { Checkbox, Choice } from '../../ui/choices.tsx'
import { countOf, formatBytes, formatSpan } from '../../ui/format.ts'
import page from '../../ui/page.module.css'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { buttonClass } from '../../ui/widgets.tsx'
import { NotificationChoice } from './notification-choice.tsx'
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

function OneOf(props: {
  label: string
  value: string
  change: (value: string) => void
  options: readonly (readonly [value: string, text: string])[]
}) {
  const { label, value, change, options } = props
  return (
    <RadioGroup className={css.choices} aria-label={label} orientation="horizontal" value={value} onChange={change}>
      {options.map(([value, text]) => (
        <Choice key={value} value={value} text={text} />
      ))}
    </RadioGroup>
  )
}

function Choices({ settings }: { settings: Settings }) {
  const { changeSettings } = usePageStore()
  return (
    <>
      <section>
        <h2>Refresh</h2>
        <OneOf
          label="Refresh interval"
          value={String(settings.intervalMs)}
          change={(ms) => void changeSettings({ intervalMs: Number(ms) })}
          options={INTERVALS_MS.map((ms) => [String(ms), shortSpan(ms)])}
        />
        <p>Slow refreshes lengthen the interval; the status line shows when they do.</p>
      </section>
      <section>
        <h2>Appearance</h2>
        <OneOf
          label="Theme"
          value={settings.theme}
          change={(theme) => void changeSettings({ theme: Settings.shape.theme.parse(theme) })}
          options={Object.entries(THEMES)}
        />
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
              change={(shown) => void changeSettings(showColumn(id, shown))}
            />
          ))}
        </div>
        {Object.keys(settings.columnWidths).length > 0 && (
          <Button className={buttonClass()} onPress={() => void changeSettings({ columnWidths: {} })}>
            Reset column widths
          </Button>
        )}
      </section>
      <NotificationChoice wanted={settings.notifyOnCritical} />
      <HistoryUsage />
      <About />
    </>
  )
}

/** What the engine's memory takes; read again every few seconds. */
function HistoryUsage() {
  const usage = useUsage()
  if (usage === null) return null
  const [used, usedUnit] = formatBytes(usage.bytes)
  const [most, mostUnit] = formatBytes(usage.maxBytes)
  return (
    <section>
      <h2>History</h2>
      <p>
        The engine remembers the last {formatSpan(usage.spanMs)}, also while no page is open: {used} {usedUnit} now, at
        most {most} {mostUnit}. {countOf(usage.groups, 'group')} and {countOf(usage.members, 'member')} ever had
        something in their queue; of each it has one value every {shortSpan(usage.stepMs).replaceAll(' ', '\u00a0')} for
        the last 15 minutes, and longer steps before. More groups make the steps longer, not the memory larger.
      </p>
      <p>{countOf(usage.events, 'event')} of at most 2,000. To keep more, and over restarts, record to a file.</p>
    </section>
  )
}

const USAGE_MS = 5000

function useUsage(): Usage | null {
  const client = useSession(({ client }) => client)
  const [usage, setUsage] = useState<Usage | null>(null)
  useEffect(() => {
    if (client === null) return
    const end = new AbortController()
    const ask = () => void client.history.usage(undefined, { signal: end.signal }).then(setUsage, () => undefined)
    ask()
    const timer = setInterval(ask, USAGE_MS)
    return () => {
      end.abort()
      clearInterval(timer)
    }
  }, [client])
  return usage
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
