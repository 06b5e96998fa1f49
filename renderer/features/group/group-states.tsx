/** States of a group that does not exist or is not loaded yet. */
import { clsx } from 'clsx'
import { useEffect, useState } from 'react'
import { hrefOf } from '../../model/route.ts'
import { useSession } from '../../model/store/context.ts'
import { Waiting } from '../../model/waiting.tsx'
import banner from '../../ui/banner.module.css'
import { CodedText } from '../../ui/coded-text.tsx'
import { FailedPane } from '../../ui/failed-pane.tsx'
import { formatClock, formatCount } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Pane } from '../../ui/pane.tsx'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import { Sign } from '../../ui/sign.tsx'
import states from '../../ui/states.module.css'
import text from '../../ui/text.module.css'
import { Button, buttonClass } from '../../ui/widgets.tsx'
import { BackLink } from './group-head.tsx'
import css from './group-states.module.css'
import { useGroupState } from './use-group.ts'
import type { GroupWatch } from './watch-group.ts'

/** A message shown sooner would only flicker. */
const QUIET_MS = 300

/** Nothing is known of the group: why, and what to do next. */
export function GroupPlaceholder({ watch, again }: { watch: GroupWatch; again: () => void }) {
  const { phase, problem } = useGroupState(watch, (state) => state)
  const reached = useReached()
  return (
    <div className={css.state}>
      <h1 className={text.hidden}>Group {watch.id}</h1>
      {!reached ? (
        <Waiting />
      ) : phase === 'unknown' ? (
        <Pane
          icon={<Sign name="unknown" label="" />}
          title="There is no such group"
          ways={
            <a className={buttonClass('primary')} href={hrefOf({ screen: 'groups' })}>
              Show all groups
            </a>
          }
        >
          <p>
            No group on this machine has the id <code>{watch.id}</code>. It may have ended a while ago, or the link may
            come from another machine or another boot.
          </p>
        </Pane>
      ) : phase === 'failed' && problem ? (
        <FailedPane title="The members could not be read" problem={problem} again={again}>
          <BackLink />
        </FailedPane>
      ) : (
        <Delayed>
          <ProgressBar label="Reading the members" share={null} />
          <p className={clsx(states.rest, css.rest)} role="status">
            Reading the members of this group.
          </p>
        </Delayed>
      )}
    </div>
  )
}

/** Whether the engine answers. Where it does not, the frame says why. */
function useReached(): boolean {
  return useSession(({ client, failure }) => client !== null && failure === null)
}

/** Notice above the group: that it ended, that reading failed, or the loading progress. */
export function GroupNotice({ watch, again }: { watch: GroupWatch; again: () => void }) {
  const phase = useGroupState(watch, ({ phase }) => phase)
  const takenAt = useGroupState(watch, ({ takenAt }) => takenAt)
  const problem = useGroupState(watch, ({ problem }) => problem)
  const expected = useGroupState(watch, ({ row }) => (row ? row.receiving + row.bound + row.connected : 0))
  const loaded = useGroupState(watch, ({ loaded }) => loaded)
  const reached = useReached()
  if (phase === 'ended') {
    return (
      <div className={clsx(banner.banner, css.ended)} role="status">
        <Sign name="gone" label="" />
        <p>
          <b>This group has ended.</b> Its last socket was closed after {formatClock(takenAt)}. The last known state
          stays here.
        </p>
        <a className={buttonClass()} href={hrefOf({ screen: 'groups' })}>
          Show all groups
        </a>
      </div>
    )
  }
  if (phase === 'failed' && problem) {
    if (!reached) return null
    return (
      <div className={clsx(banner.banner, banner.warning)} role="status">
        <Sign name="warning" label="warning" />
        <p>
          <b>Request failed ({problem.operation}):</b>{' '}
          <CodedText text={`${problem.cause.replace(/\.$/, '')}. ${problem.hint ?? ''}`} />
        </p>
        <Button onPress={again}>
          <Icon name="refresh" />
          Try again
        </Button>
      </div>
    )
  }
  if (phase === 'live' || expected === 0) return null
  const share = Math.min(1, loaded / expected)
  return (
    <Delayed>
      <ProgressBar label="Reading the members" share={share} />
      <p className={clsx(states.rest, css.rest)} role="status">
        {formatCount(loaded)} of {formatCount(expected)} members read.
      </p>
    </Delayed>
  )
}

/** Shows its children only after QUIET_MS. */
function Delayed({ children }: { children: React.ReactNode }) {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), QUIET_MS)
    return () => clearTimeout(timer)
  }, [])
  return slow ? children : null
}
