/** Details of the member under the pointer or keyboard focus. */
import { clsx } from 'clsx'
import type { ReactNode } from 'react'
import type { MemberGiven } from '../../../electron/contract/given.ts'
import { usePageStore } from '../../model/store/context.ts'
import { engineNow } from '../../model/store/engine-clock.ts'
import { formatClock, formatCount, formatRate, formatSpan, formatWait } from '../../ui/format.ts'
import { Name } from '../../ui/name.tsx'
import { Sign } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { UnknownText } from '../../ui/widgets.tsx'
import css from './member-card.module.css'
import type { MemberEntry } from './member-entry.ts'
import { DropsFact, QueueFact } from './member-facts.tsx'
import { ownerText } from './member-owner.ts'
import { useProcess } from './process-details.ts'
import { useMember } from './use-group.ts'
import { isFullMember } from './utilization.ts'
import type { GroupWatch } from './watch-group.ts'

/** `children` is shown below the facts. */
export function MemberCard({
  watch,
  entry,
  children,
}: {
  watch: GroupWatch
  entry: MemberEntry
  children?: ReactNode
}) {
  useMember(watch.members, entry)
  const { session } = usePageStore()
  const { row, owner } = entry
  const process = useProcess(watch.processes, owner?.pid ?? null)
  const full = isFullMember(row)
  const startedAt = owner?.startedAt ? Date.parse(owner.startedAt) : null
  const service = process?.container ? `${process.container.runtime} ${process.container.id}` : process?.unit
  return (
    <div className={css.card}>
      <h2>
        {full && <Sign name="critical" label="full" />}
        Member {formatCount(entry.number)}
        {owner && <span className={text.quiet}>{ownerText(owner)}</span>}
      </h2>
      <dl>
        <dt>Queue</dt>
        <dd>
          <QueueFact row={row} />
        </dd>
        <dt>Drops</dt>
        <dd>
          <DropsFact row={row} />
        </dd>
        {row.given && <GivenFacts given={row.given} tcp={row.queue.unit === 'connections'} />}
        <dt>{owner?.how === 'polls' ? 'Polled by' : 'Held by'}</dt>
        <dd>{owner ? `${ownerText(owner)}${owner.others > 0 ? ` and ${owner.others} more` : ''}` : <UnknownText />}</dd>
        {startedAt !== null && (
          <>
            <dt>Process started</dt>
            <dd title={new Date(startedAt).toString()}>
              {formatClock(startedAt)}, {formatSpan(engineNow(session) - startedAt)} ago
            </dd>
          </>
        )}
        {service && (
          <>
            <dt>Service</dt>
            <dd>
              <Name>{service}</Name>
            </dd>
          </>
        )}
        <dt>Cookie</dt>
        <dd className={text.mono}>{row.cookie ?? <UnknownText />}</dd>
        <dt>Inode</dt>
        <dd className={text.mono}>{row.inode}</dd>
      </dl>
      {process?.commandLine && (
        <p className={clsx(text.mono, css.command)}>{visibleText(process.commandLine.join(' '))}</p>
      )}
      {children}
    </div>
  )
}

/** What the kernel puts into its queue, counted; and for TCP, how it is accepted. */
function GivenFacts({ given, tcp }: { given: MemberGiven; tcp: boolean }) {
  const { count, perSecond, acceptedPerSecond, meanWaitMs } = given
  return (
    <>
      <dt>Given</dt>
      <dd>
        {perSecond === null ? <UnknownText /> : formatRate(perSecond)}/s, {formatCount(count)} counted
      </dd>
      {tcp && (
        <>
          <dt>Accepted</dt>
          <dd>{acceptedPerSecond === null ? <UnknownText /> : formatRate(acceptedPerSecond)}/s</dd>
          <dt>Mean wait</dt>
          <dd>{meanWaitMs === null ? '–' : `${formatWait(meanWaitMs)} by Little's law`}</dd>
        </>
      )}
    </>
  )
}
