/** The sections, with counts. */

import { useRecording, useSnapshots } from '../../features/snapshots/store.ts'
import { useHosts } from '../../model/hosts/hosts.ts'
import { hrefOf, type Route, useRoute } from '../../model/route.ts'
import { useEvents, useFindings, useLab, useSession, useView } from '../../model/store/context.ts'
import { runningOf } from '../../model/store/lab.ts'
import { isStale } from '../../model/store/session.ts'
import { formatCount } from '../../ui/format.ts'
import { Icon, type IconName } from '../../ui/icon.tsx'
import { Sign } from '../../ui/sign.tsx'
import { KeyHint, RunningDot } from '../../ui/widgets.tsx'
import { useDialog } from '../page.tsx'
import css from './navigation.module.css'

export function Navigation() {
  const [, setHelp] = useDialog('help')
  const offered = useHosts(({ client }) => client !== null)
  const hosts = useHosts(({ connections }) => connections.length)
  const stale = useSession(isStale)
  return (
    <nav className={css.nav} aria-label="Sections" data-old={stale || undefined}>
      <ul>
        {SECTIONS.map(({ Count, ...section }) => (
          <Section key={section.to} {...section}>
            <Count />
          </Section>
        ))}
      </ul>
      <ul className={css.foot}>
        {offered && (
          <Section to="hosts" icon="hosts" name="All hosts">
            {formatCount(hosts + 1)}
          </Section>
        )}
        <Section to="settings" icon="settings" name="Settings" />
        <li>
          <button type="button" aria-haspopup="dialog" onClick={() => setHelp(true)}>
            <Icon name="help" />
            <span className={css.name}>Help</span>
            <span className={css.count}>
              <KeyHint>?</KeyHint>
            </span>
          </button>
        </li>
      </ul>
    </nav>
  )
}

const SECTIONS = [
  { to: 'groups', icon: 'groups', name: 'Groups', within: ['group', 'port'], Count: GroupCount },
  { to: 'findings', icon: 'findings', name: 'Findings', Count: FindingCount },
  { to: 'events', icon: 'events', name: 'Events', Count: EventCount },
  { to: 'lab', icon: 'lab', name: 'Lab', Count: LabCount },
  { to: 'snapshots', icon: 'snapshot', name: 'Snapshots', Count: SnapshotCount },
] as const

type SectionProps = {
  to: 'groups' | 'findings' | 'events' | 'lab' | 'snapshots' | 'hosts' | 'settings'
  icon: IconName
  name: string
  /** Screens that belong to it. */
  within?: readonly Route['screen'][]
  children?: React.ReactNode
}

function Section({ to, icon, name, within = [], children }: SectionProps) {
  const { screen } = useRoute()
  return (
    <li>
      <a
        href={hrefOf({ screen: to })}
        aria-current={[to, ...within].includes(screen) ? 'page' : undefined}
        title={name}
      >
        <Icon name={icon} />
        <span className={css.name}>{name}</span>
        {children !== undefined && <span className={css.count}>{children}</span>}
      </a>
    </li>
  )
}

/** Count of unmuted findings, with the sign of the most severe one. */
function FindingCount() {
  const complete = useFindings(({ complete }) => complete)
  const count = useFindings(({ list }) => list.reduce((sum, { muted }) => sum + (muted ? 0 : 1), 0))
  const severity = useFindings(({ list }) => list.find(({ muted }) => !muted)?.severity ?? null)
  if (!complete) return null
  return (
    <>
      {(severity === 'critical' || severity === 'warning') && (
        <Sign name={severity} size="small" label={`most severe: ${severity}, of`} />
      )}
      {formatCount(count)}
    </>
  )
}

/** The events that are remembered. */
function EventCount() {
  const complete = useEvents(({ complete }) => complete)
  const count = useEvents(({ list }) => list.length)
  return complete ? formatCount(count) : null
}

/** Open test listeners, and whether a recipe is running. */
function LabCount() {
  const open = useLab(({ labs }) => labs.length)
  const runs = useLab((state) => runningOf(state) !== null)
  const complete = useLab(({ complete }) => complete)
  if (!complete) return null
  return (
    <>
      {runs && <RunningDot label="a recipe is running" />}
      {(open > 0 || !runs) && formatCount(open)}
    </>
  )
}

/** Saved and opened ones, and whether this engine is recording. */
function SnapshotCount() {
  const count = useSnapshots(({ items }) => items?.length ?? null)
  const recording = useRecording()
  if (count === null) return null
  return (
    <>
      {recording?.running === true && <RunningDot label="recording" />}
      {formatCount(count)}
    </>
  )
}

function GroupCount() {
  const groups = useSession((session) => session.totals?.groups)
  const critical = useView((view) => view.counts.critical)
  if (groups === undefined) return null
  return (
    <>
      {critical > 0 && <Sign name="critical" size="small" label={`${critical} in trouble, of`} />}
      {formatCount(groups)}
    </>
  )
}
