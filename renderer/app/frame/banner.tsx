/** Banners on every screen: the engine is lost, a request failed, or the data is not live. */
import { clsx } from 'clsx'
import { useState } from 'react'
import type { ComparisonInput } from '../../../electron/contract/snapshots.ts'
import { formatTaken } from '../../features/snapshots/format.ts'
import { useSnapshotsStore } from '../../features/snapshots/store.ts'
import { useShownConnection } from '../../model/hosts/hosts.ts'
import { goTo } from '../../model/route.ts'
import { usePageStore, useSession } from '../../model/store/context.ts'
import { isStale } from '../../model/store/session.ts'
import { snapshotIdOf } from '../../model/store/source.ts'
import banner from '../../ui/banner.module.css'
import { CodedText } from '../../ui/coded-text.tsx'
import { formatClock } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Name } from '../../ui/name.tsx'
import { CopyProblem, problemText } from '../../ui/problem-list.tsx'
import { Retrying } from '../../ui/retrying.tsx'
import { Sign } from '../../ui/sign.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { Button } from '../../ui/widgets.tsx'
import { useLater } from '../use-later.ts'
import { HostBanner } from './host-banner.tsx'

export function Banner() {
  const stale = useSession(isStale)
  const host = useShownConnection()
  const away = host !== null && host.state.phase !== 'connected'
  return (
    <>
      {away ? <HostBanner connection={host} /> : stale ? <LostBanner /> : <ProblemBanner />}
      <NotLiveBanner />
    </>
  )
}

/** A snapshot or recording is shown in place of live data. */
function NotLiveBanner() {
  const shown = useSession((session) => session.source)
  const source = useSession((session) => session.snapshotId)
  const { showLive } = usePageStore().source
  const { choose } = useSnapshotsStore()
  const later = useLater()
  if (shown === null || source === null) return null
  const recording = shown.kind === 'recording'
  const compareWith = (before: ComparisonInput, after: ComparisonInput) => () => {
    choose({ before, after })
    goTo({ screen: 'snapshots' })
  }
  return (
    <>
      <div className={clsx(banner.banner, banner.notLive)} role="status">
        <Icon name={recording ? 'record' : 'snapshot'} />
        <p>
          <b>
            Not live: <Name>{shown.hostname ?? 'a machine'}</Name>
            {shown.takenAt === null ? '' : `, ${formatTaken(shown.takenAt)}`}.
          </b>{' '}
          {recording ? 'A recording.' : 'A snapshot: it does not update.'}
        </p>
        {recording && source !== snapshotIdOf(shown, 0) && (
          <Button onPress={compareWith(snapshotIdOf(shown, 0), source)}>Compare with start</Button>
        )}
        <Button onPress={compareWith(source, 'now')}>Compare with now</Button>
        <Button onPress={showLive}>Back to live</Button>
      </div>
      {recording && later !== null && <later.Player />}
    </>
  )
}

function LostBanner() {
  const link = useSession((session) => session.link)
  const host = useSession((session) => session.machine?.host.hostname ?? 'The engine')
  const { retryNow } = usePageStore().engine
  if (link.phase !== 'lost') return null
  return (
    <div className={clsx(banner.banner, banner.critical)} role="alert">
      <Sign name="critical" label="" />
      <p>
        <b>
          <Name>{host}</Name> has not answered since {formatClock(link.since)}.
        </b>{' '}
        <CodedText text={link.reason} />{' '}
        <span aria-hidden="true">
          <Retrying at={link.retryAt} />
        </span>
      </p>
      <Button onPress={retryNow} isDisabled={link.retryAt === null}>
        <Icon name="refresh" />
        Try now
      </Button>
    </div>
  )
}

function ProblemBanner() {
  const problem = useSession((session) => session.sampling?.problem ?? session.problem)
  const { refresh } = usePageStore().engine
  const [dismissed, setDismissed] = useState('')
  if (!problem || problemText(problem) === dismissed) return null
  return (
    <div className={clsx(banner.banner, banner.warning)} role="status">
      <Sign name="warning" label="warning" />
      <p>
        <b>Request failed ({visibleText(problem.operation)}):</b>{' '}
        <CodedText text={`${problem.cause}. ${problem.hint ?? ''}`} />
      </p>
      <CopyProblem problem={problem} />
      <Button onPress={() => void refresh()}>
        <Icon name="refresh" />
        Try again
      </Button>
      <Button look="quiet" aria-label="Hide this message" onPress={() => setDismissed(problemText(problem))}>
        <Icon name="close" />
      </Button>
    </div>
  )
}
