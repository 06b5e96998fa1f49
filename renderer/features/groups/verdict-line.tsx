/** The verdict above the table, with the switch for unshared sockets. */
import { memo, useMemo } from 'react'
import { verdictOf, type Where } from '../../model/groups/verdict.ts'
import { hrefOf } from '../../model/route.ts'
import { usePageStore, useSession, useView } from '../../model/store/context.ts'
import { isStale } from '../../model/store/session.ts'
import { Switch } from '../../ui/choices.tsx'
import { addressText, formatCount } from '../../ui/format.ts'
import { Sign } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { nameInText, visibleText } from '../../ui/visible-text.ts'
import css from './verdict-line.module.css'

const WORDS = { critical: 'in trouble', warning: 'with a warning', info: 'with a note' } as const

export function VerdictLine() {
  const counts = useView((view) => view.counts)
  const worst = useView((view) => view.worst)
  // The entry of a group stays the same object while its row changes.
  useView((view) => view.worst?.version)
  const all = useSession((session) => session.totals?.groups ?? 0)
  const chosen = useView((view) => view.chosen)
  const where = useWhere()
  const stale = useSession(isStale)
  const { severity, answer, example, reason } = verdictOf(counts, chosen ?? all, worst, where)
  return (
    <section className={css.verdict} data-stale={stale || undefined} aria-label="Verdict">
      {severity !== 'none' && <Sign name={severity} size="large" />}
      <p role="status">
        <b>{answer}</b>{' '}
        {example && (
          <>
            <a href={hrefOf({ screen: 'group', id: example.id })} className={text.mono}>
              {addressText(example.row.address, example.row.family, example.row.interface)}:{example.row.port}
            </a>{' '}
            {example.row.protocol}:{' '}
          </>
        )}
        {visibleText(reason)}
      </p>
      <div className={css.right}>
        {(['critical', 'warning', 'info'] as const).map((name) =>
          counts[name] > 0 ? (
            <span key={name} title={`${formatCount(counts[name])} ${WORDS[name]}`}>
              <Sign name={name} label={WORDS[name]} />
              {formatCount(counts[name])}
            </span>
          ) : null,
        )}
        <UnsharedSwitch />
      </div>
    </section>
  )
}

/** The chosen namespace by its name, or several without one. */
function useWhere(): Where | null {
  const filter = useView((view) => view.filter)
  const elsewhere = useView((view) => view.elsewhere)
  return useMemo(() => {
    const chosen = filter.terms.filter(({ key, test }) => key === 'netns' && test !== null)
    const [only] = chosen
    if (only === undefined) return null
    const named = chosen.length === 1 && !only.negated && !only.value.includes('*')
    return { name: named ? nameInText(only.value) : 'the chosen namespaces', elsewhere }
  }, [filter, elsewhere])
}

/** Not rendered again with every count. */
const UnsharedSwitch = memo(function UnsharedSwitch() {
  const plain = useSession((session) => session.totals?.unshared ?? 0)
  const shown = useSession((session) => session.settings?.unsharedSockets ?? false)
  const { changeSettings } = usePageStore()
  return (
    <Switch on={shown} change={(unsharedSockets) => void changeSettings({ unsharedSockets })}>
      Unshared sockets <span className={text.quiet}>{formatCount(plain)}</span>
    </Switch>
  )
})
