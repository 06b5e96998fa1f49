/** Findings: the list by severity on the left, the selected finding on the right. */
import { clsx } from 'clsx'
import { useMemo, useRef, useState } from 'react'
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import { FindingCode } from '../../../electron/contract/model.ts'
import { useEventMatches } from '../../model/event-filter.ts'
import { type ClearedIncident, clearedIncidents, clearedWith } from '../../model/findings/cleared-incidents.ts'
import { incidentsOf, incidentWith } from '../../model/findings/incidents.ts'
import { hrefOf } from '../../model/route.ts'
import {
  useEvents,
  useFindings,
  usePageStore,
  useSession,
  useView,
  useVisibleGroups,
} from '../../model/store/context.ts'
import { isStale } from '../../model/store/session.ts'
import { Waiting } from '../../model/waiting.tsx'
import { CodedText } from '../../ui/coded-text.tsx'
import { FailedPane } from '../../ui/failed-pane.tsx'
import { countOf } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Pane } from '../../ui/pane.tsx'
import { Sign } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { Button, buttonClass, KeyHint } from '../../ui/widgets.tsx'
import { ClearedDocument } from './cleared-document.tsx'
import { FindingDocument } from './finding-document.tsx'
import { type Chosen, FindingListBox } from './finding-list-box.tsx'
import css from './findings-screen.module.css'
import { listItems } from './list-items.ts'

/** `chosen` is the selected finding or incident; null for the first. */
export function FindingsScreen({ chosen }: { chosen: Chosen | null }) {
  const complete = useFindings(({ complete }) => complete)
  const problem = useFindings(({ problem }) => problem)
  const reached = useSession((session) => session.complete)
  const shown = useSession((session) => session.source)
  return (
    <>
      <h1 className={text.hidden}>Findings</h1>
      {complete ? <Findings key={shown?.id} chosen={chosen} /> : problem !== null && reached ? <Failed /> : <Waiting />}
    </>
  )
}

function Failed() {
  const problem = useFindings(({ problem }) => problem)
  const { retryNow } = usePageStore().engine
  if (problem === null) return null
  return <FailedPane title="Findings are unavailable" problem={problem} again={retryNow} />
}

function Findings({ chosen }: { chosen: Chosen | null }) {
  const all = useFindings(({ list }) => list)
  const problem = useFindings(({ problem }) => problem)
  const stale = useSession(isStale)
  const live = useSession((session) => session.source === null)
  const list = useMatching(all)
  const { setFilter } = usePageStore().view
  const [withMuted, setWithMuted] = useState(false)
  const muted = useMemo(() => list.filter(({ muted }) => muted).length, [list])
  const past = useCleared(live)
  const cleared = useMatchingIncidents(past)
  const items = useMemo(() => listItems(list, withMuted, cleared), [list, withMuted, cleared])
  const shown = useShown(chosen, all, past, items.find((item) => item.kind === 'finding')?.finding ?? null)
  const hidden = all.length - list.length
  if (shown === null && chosen !== null) return <NotRaised id={chosen.finding} />
  const none = <NoFindings muted={muted} hidden={hidden} showMuted={() => setWithMuted(true)} />
  if (shown === null && items.length === 0) return none
  return (
    <div className={css.screen} data-stale={stale || problem !== null || undefined}>
      <section className={css.list} aria-label="All findings">
        {!live && <p className={css.old}>Findings at the time of this snapshot, not now.</p>}
        {problem !== null && (
          <p className={css.old} role="status">
            <Sign name="warning" label="warning" />
            Out of date: <CodedText text={problem.cause} />.
          </p>
        )}
        {items.length > 0 ? (
          <FindingListBox items={items} chosen={chosenOf(shown)} />
        ) : (
          <p className={css.old}>
            {muted > 0 || hidden > 0 ? 'All findings are muted or filtered out.' : 'All findings have cleared.'}
          </p>
        )}
        {hidden > 0 && (
          <p className={css.more}>
            {countOf(hidden, 'finding')} in groups that do not match
            <button type="button" className={clsx(text.link, css.link)} onClick={() => setFilter('')}>
              Clear the filter
            </button>
          </p>
        )}
        {muted > 0 && (
          <p className={css.more}>
            <Icon name="mute" />
            {muted} muted
            <button
              type="button"
              className={clsx(text.link, css.link)}
              aria-label={withMuted ? 'Hide muted findings' : 'Show muted findings'}
              onClick={() => setWithMuted(!withMuted)}
            >
              {withMuted ? 'Hide' : 'Show'}
            </button>
          </p>
        )}
      </section>
      {shown === null ? (
        none
      ) : 'over' in shown ? (
        <ClearedDocument key={`${shown.over.lead.id} ${shown.over.beganAt}`} incident={shown.over} />
      ) : (
        <FindingDocument
          key={shown.finding.id}
          finding={shown.finding}
          cleared={shown.cleared}
          incident={findingsOfIncident(all, shown.finding.id)}
        />
      )}
    </div>
  )
}

function chosenOf(shown: Shown | null): Chosen | null {
  if (shown === null) return null
  return 'over' in shown ? { finding: shown.over.lead.id, began: shown.over.beganAt } : { finding: shown.finding.id }
}

/** The incidents that are over, as far as the engine remembers them; none in a snapshot. */
function useCleared(live: boolean): readonly ClearedIncident[] {
  const events = useEvents(({ list }) => list)
  return useMemo(() => (live ? clearedIncidents(events) : []), [live, events])
}

/** Those that match the filter: by the group as it is, or, where it is gone, by what their last event knows of it. */
function useMatchingIncidents(incidents: readonly ClearedIncident[]): readonly ClearedIncident[] {
  const matches = useEventMatches()
  return useMemo(
    () => (matches === null ? incidents : incidents.filter(({ last }) => matches(last))),
    [matches, incidents],
  )
}

/** The findings that have the same cause as this one, it among them; none where it has cleared. */
function findingsOfIncident(all: readonly FindingRow[], id: string): readonly FindingRow[] {
  const incident = incidentWith(incidentsOf(all), id)
  return incident === undefined ? [] : [incident.lead, ...incident.also]
}

/** Findings of the groups that match the filter. */
function useMatching(list: readonly FindingRow[]): readonly FindingRow[] {
  const filtered = useView((view) => view.filter.terms.some(({ test }) => test !== null))
  const order = useVisibleGroups()
  return useMemo(() => {
    if (!filtered) return list
    const matching = new Set(order.map(({ id }) => id))
    return list.filter(({ group }) => matching.has(group))
  }, [filtered, order, list])
}

/** `over`: an incident that was over when it was chosen. */
type Shown = { finding: FindingRow; cleared: boolean } | { over: ClearedIncident }

/**
 * The finding being read stays, even when it clears or another becomes first. null where there is none, and where the
 * chosen one is not known to this page: a link to it came too late.
 */
function useShown(
  chosen: Chosen | null,
  all: readonly FindingRow[],
  past: readonly ClearedIncident[],
  first: FindingRow | null,
): Shown | null {
  const kept = useRef<FindingRow | null>(null)
  const wanted = chosen?.finding ?? kept.current?.id ?? null
  const found = chosen?.began === undefined ? all.find(({ id }) => id === wanted) : undefined
  if (found) kept.current = found
  else if (chosen !== null && (chosen.began !== undefined || kept.current?.id !== chosen.finding)) {
    const over = clearedWith(past, chosen.finding, chosen.began ?? null)
    return over === undefined ? null : { over }
  } else if (kept.current === null || kept.current.id !== wanted) kept.current = first
  const finding = kept.current
  return finding === null ? null : { finding, cleared: !all.some(({ id }) => id === finding.id) }
}

/** In place of a chosen finding that is not raised, never another one without a word. `id` is `code:group`. */
function NotRaised({ id }: { id: string }) {
  const [code = '', group = ''] = id.split(':')
  const live = useSession((session) => session.source === null)
  return (
    <Pane
      icon={<Sign name="ok" label="" />}
      title={live ? 'This finding has cleared' : 'This finding was not raised then'}
      ways={
        <>
          <a className={buttonClass('primary')} href={hrefOf({ screen: 'group', id: group })}>
            Open its group
          </a>
          <a className={buttonClass('quiet')} href={hrefOf({ screen: 'findings' })}>
            Show all findings
          </a>
        </>
      }
    >
      <p>
        <code>{code}</code> is not raised for this group{live ? ' now' : ' at that time'}. The link may also come from
        another machine or another boot.
      </p>
    </Pane>
  )
}

function NoStoredFindings() {
  return (
    <Pane icon={<Icon name="findings" />} title="No findings at that time">
      <p>
        This data was saved without findings. Some findings need several refreshes to rule out momentary noise, so a
        single snapshot cannot raise them.
      </p>
    </Pane>
  )
}

/** The empty state: nothing was found, or all findings are muted or filtered out. */
function NoFindings({ muted, hidden, showMuted }: { muted: number; hidden: number; showMuted: () => void }) {
  const live = useSession((session) => session.source === null)
  const { setFilter } = usePageStore().view
  if (muted === 0 && hidden === 0 && !live) return <NoStoredFindings />
  if (muted === 0 && hidden === 0) {
    return (
      <Pane icon={<Icon name="findings" />} title="Nothing is wrong">
        <p>
          Every refresh is checked for {FindingCode.options.length} kinds of trouble, from full queues to connections
          lost at a reload. Some need several refreshes to rule out momentary noise.
        </p>
      </Pane>
    )
  }
  return (
    <Pane
      icon={<Icon name={hidden > 0 ? 'findings' : 'mute'} />}
      title={`Nothing is wrong${hidden > 0 ? ' in the matching groups' : ''}${muted > 0 ? ' except muted findings' : ''}`}
      ways={
        <>
          {muted > 0 && <Button onPress={showMuted}>Show {countOf(muted, 'muted finding')}</Button>}
          {hidden > 0 && <Button onPress={() => setFilter('')}>Clear the filter</Button>}
        </>
      }
    >
      {muted > 0 && <p>Muted findings are still checked, and stay muted until you unmute them.</p>}
      {hidden > 0 && (
        <p>
          {countOf(hidden, 'finding')} in other groups {hidden === 1 ? 'is' : 'are'} hidden by the filter.{' '}
          <KeyHint>Esc</KeyHint> clears it.
        </p>
      )}
    </Pane>
  )
}
