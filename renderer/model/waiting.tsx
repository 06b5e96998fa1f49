/**
 * Before the first data of a screen: nothing for a moment, then the loading progress of the groups, or why there is no
 * data.
 */
import { useEffect, useState } from 'react'
import { CodedText } from '../ui/coded-text.tsx'
import { FailedPane } from '../ui/failed-pane.tsx'
import { formatCount, formatSpan } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { Pane } from '../ui/pane.tsx'
import { ProgressBar } from '../ui/progress-bar.tsx'
import { Retrying } from '../ui/retrying.tsx'
import { Sign } from '../ui/sign.tsx'
import states from '../ui/states.module.css'
import { Button, buttonClass } from '../ui/widgets.tsx'
import { usePageStore, useSession } from './store/context.ts'
import { engineNow } from './store/engine-clock.ts'
import css from './waiting.module.css'

/** A message shown sooner would only flicker. */
const QUIET_MS = 300

export function Waiting() {
  const link = useSession((session) => session.link)
  const refusal = useSession((session) => session.failure)
  const { retryNow } = usePageStore().engine
  if (refusal) return <Refused />
  if (link.phase === 'lost') {
    return (
      <Pane
        icon={<Sign name="critical" label="" />}
        title="The engine cannot be reached"
        ways={
          <Button look="primary" onPress={retryNow} isDisabled={link.retryAt === null}>
            <Icon name="refresh" />
            Try now
          </Button>
        }
      >
        <p>
          <CodedText text={link.reason} />
        </p>
        <p aria-hidden="true">
          <Retrying at={link.retryAt} />
        </p>
      </Pane>
    )
  }
  return <Loading />
}

function Loading() {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), QUIET_MS)
    return () => clearTimeout(timer)
  }, [])
  const total = useSession((session) => session.totals?.groups ?? 0)
  const complete = useSession((session) => session.complete)
  const { table } = usePageStore().groups
  if (!slow) return null
  if (complete)
    return (
      <p className={states.rest} role="status">
        Waiting for the engine.
      </p>
    )
  const share = total > 0 ? Math.min(1, table.size / total) : 0
  return (
    <>
      <ProgressBar label="Reading" share={share} />
      <p className={states.rest} role="status">
        {total > 0
          ? `${formatCount(table.size)} of ${formatCount(total)} groups read.`
          : 'Reading every socket from the kernel. The first answer takes as long as one refresh.'}
      </p>
      <ul className={css.rows} aria-hidden="true">
        {[52, 44, 58, 48, 54, 42, 50, 46].map((width) => (
          <li key={width}>
            <Sign name="none" label="" />
            <i style={{ width: '2rem' }} />
            <i style={{ width: `${width / 8}rem` }} />
            <i style={{ width: `${width / 14}rem` }} />
          </li>
        ))}
      </ul>
    </>
  )
}

/** The engine answers with an error. */
function Refused() {
  const refusal = useSession((session) => session.failure)
  const takenAt = useSession((session) => session.sampling?.takenAt ?? null)
  const { engine, session } = usePageStore()
  const { refresh, retryNow } = engine
  if (!refusal) return null
  const { problem, forbidden } = refusal
  const shown =
    takenAt === null ? 'nothing yet' : `data from ${formatSpan(engineNow(session) - Date.parse(takenAt))} ago`
  return (
    <FailedPane
      {...(forbidden ? { icon: <Icon name="lock" /> } : {})}
      title={forbidden ? 'The kernel denies access to this user' : 'The last refresh failed'}
      problem={problem}
      shown={shown}
      again={() => void refresh().finally(retryNow)}
    >
      {forbidden && (
        <a className={buttonClass('quiet')} href="#/permissions">
          Check permissions
        </a>
      )}
    </FailedPane>
  )
}
