/** A comparison: the changed, added and removed groups, and how many are unchanged. */
import { clsx } from 'clsx'
import type { Comparison, GroupComparison } from '../../../electron/contract/comparison.ts'
import { protocolName } from '../../../electron/contract/format.ts'
import type { Queue } from '../../../electron/contract/model.ts'
import type { ComparisonAnswer, ComparisonInput } from '../../../electron/contract/snapshots.ts'
import { isFull, isNearlyFull } from '../../../electron/contract/utilization.ts'
import { hashOf } from '../../model/address.ts'
import { DEFAULT_LANE_SORT } from '../../model/lane-sort.ts'
import { numberOf } from '../../model/store/source.ts'
import { DEFAULT_SORT } from '../../model/store/view.ts'
import { DEFAULT_RANGE } from '../../model/time-range.ts'
import { addressText, countOf, formatCount, formatQueue } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { QueueBars } from '../../ui/queue-bars.tsx'
import { Sign, type SignName } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { nameInText, visibleText } from '../../ui/visible-text.ts'
import { UnknownText } from '../../ui/widgets.tsx'
import css from './comparison.module.css'

const KINDS = ['changed', 'added', 'removed'] as const

/** What is compared. */
type Sides = { readonly before: ComparisonInput; readonly after: ComparisonInput }

/** The kinds of change on screen and in copied text. */
export function ComparisonTable({ answer, sides }: { answer: ComparisonAnswer; sides: Sides }) {
  const { comparison, queueUtilization: slots, omitted } = answer
  return (
    // A scrollable region must be focusable, so that the keyboard can scroll it.
    <section className={css.comparison} aria-label="What changed" tabIndex={0}>
      <table aria-label="Changes">
        <colgroup>
          <col className={css.stateColumn} />
          <col className={css.groupColumn} />
          <col />
          <col className={css.membersColumn} />
          <col className={css.queueColumn} />
          <col className={css.droppedColumn} />
        </colgroup>
        <thead>
          <tr>
            <th>
              <span className={text.hidden}>State</span>
            </th>
            <th>Group</th>
            <th>Change</th>
            <th className={css.num}>Members</th>
            <th>
              Queues, A and B <span className={text.quiet}>fullest / limit</span>
            </th>
            <th className={css.num}>Dropped</th>
          </tr>
        </thead>
        {KINDS.map((kind) => (
          <Kind
            key={kind}
            kind={kind}
            sides={sides}
            groups={comparison.groups.filter(({ change }) => change === kind)}
            slots={slots}
          />
        ))}
      </table>
      {omitted > 0 && (
        <p className={css.rest}>
          and {countOf(omitted, 'more group')}. <code>reuseport-inspector diff</code> lists all.
        </p>
      )}
      <Findings comparison={comparison} />
      <p className={css.same}>
        {countOf(comparison.unchanged, 'group')} unchanged
        <span className={text.quiet}>
          {comparison.sysctls.length === 0
            ? 'kernel settings unchanged'
            : comparison.sysctls
                .map(({ name, before, after }) => visibleText(`${name}: ${before ?? 'absent'} → ${after ?? 'absent'}`))
                .join('; ')}
        </span>
      </p>
    </section>
  )
}

function Kind(props: {
  kind: (typeof KINDS)[number]
  sides: Sides
  groups: readonly GroupComparison[]
  slots: ComparisonAnswer['queueUtilization']
}) {
  if (props.groups.length === 0) return null
  return (
    <tbody>
      <tr>
        <th colSpan={6} scope="rowgroup">
          {formatCount(props.groups.length)} {props.kind}
        </th>
      </tr>
      {props.groups.map((group) => (
        <Row key={group.key.id} group={group} sides={props.sides} slots={props.slots[group.key.id]} />
      ))}
    </tbody>
  )
}

function signOf({ change, dropped, fullest, removed }: GroupComparison): SignName {
  if (change === 'added') return 'new'
  if (change === 'removed') return 'gone'
  const { after } = fullest
  if ((dropped ?? 0) > 0 || (after !== null && isFull(after))) return 'critical'
  return removed.some(({ queue }) => (queue.length ?? 0) > 0) ? 'warning' : 'changed'
}

/** The group where it is: live, or in the snapshot or recording. */
function groupHref(side: ComparisonInput, id: string): string {
  const shown = side === 'now' ? null : { id: side.replace(/#\d+$/, ''), snapshot: numberOf(side) }
  return hashOf(
    { screen: 'group', id },
    { filter: '', sort: DEFAULT_SORT, lanes: DEFAULT_LANE_SORT, range: DEFAULT_RANGE, shown },
    true,
  )
}

function Row({
  group,
  sides,
  slots,
}: {
  group: GroupComparison
  sides: Sides
  slots: ComparisonAnswer['queueUtilization'][string] | undefined
}) {
  const { key, change, members, fullest, dropped, owners } = group
  const endpoint = `${addressText(key.address, key.family, key.interface)}:${key.port}`
  const href = groupHref(change === 'removed' ? sides.before : sides.after, key.id)
  const sign = signOf(group)
  const holding = change === 'removed' ? owners.before : owners.after
  const [first, ...rest] = group.summary
  const moved = change === 'changed' && members.before !== members.after
  return (
    <tr className={sign === 'critical' ? css.critical : change === 'changed' ? undefined : css[change]}>
      <td className={css.state}>
        <Sign name={sign} />
      </td>
      <td>
        <a className={clsx(text.mono, css.endpoint)} href={href} aria-label={`Open ${endpoint}`}>
          {addressText(key.address, key.family, key.interface)}:<b>{key.port}</b>
        </a>{' '}
        <span className={clsx(text.mono, text.quiet)}>{protocolName(key)}</span>
        <span className={clsx(css.owners, text.quiet)}>
          {holding.length === 0 ? (
            <UnknownText why="No process with readable descriptors holds it" />
          ) : (
            holding.map(({ command }) => nameInText(command)).join(', ')
          )}
        </span>
      </td>
      <td>
        {sign === 'critical' || sign === 'warning' ? <b>{visibleText(first ?? '')}</b> : visibleText(first ?? '')}{' '}
        {visibleText(rest.join(' '))}
      </td>
      <td className={clsx(css.num, css.members)}>
        {moved && (
          <>
            {formatCount(members.before)}
            <Icon name="arrow" />
            <span className={text.hidden}>, now </span>
          </>
        )}
        <b>{formatCount(change === 'removed' ? members.before : members.after)}</b>
      </td>
      <td>
        <span className={css.two}>
          <OneSide queue={fullest.before} slots={slots?.before ?? []} absent={change === 'added'} name="before" />
          <Icon name="arrow" />
          <OneSide queue={fullest.after} slots={slots?.after ?? []} absent={change === 'removed'} name="after" />
        </span>
      </td>
      <td className={css.num}>
        {dropped === null ? (
          change === 'changed' ? (
            <UnknownText>–</UnknownText>
          ) : (
            '–'
          )
        ) : dropped > 0 ? (
          <b className={css.bad}>+{formatCount(dropped)}</b>
        ) : (
          <span className={text.quiet}>0</span>
        )}
      </td>
    </tr>
  )
}

function OneSide(props: { queue: Queue | null; slots: readonly number[]; absent: boolean; name: string }) {
  const { queue, slots, absent, name } = props
  if (absent) return <span className={css.none}>–</span>
  if (queue === null) return <UnknownText>queue unknown</UnknownText>
  const { length, limit, unit } = formatQueue(queue.length, queue.limit, queue.unit)
  const words = `${length ?? 'unknown'}${limit === null ? '' : ` of ${limit}`} ${unit}`.trim()
  const look = isFull(queue) ? css.full : isNearlyFull(queue) && css.near
  return (
    <span>
      <QueueBars slots={slots} label={`${name}: the fullest holds ${words}`} />
      <span className={clsx(css.value, look)} aria-hidden="true">
        {words}
      </span>
    </span>
  )
}

function Findings({ comparison: { raised, cleared } }: { comparison: Comparison }) {
  if (raised.length + cleared.length === 0) return null
  return (
    <ul className={css.findings} aria-label="Findings raised and cleared">
      {raised.map((finding) => (
        <li key={`raised ${finding.code} ${finding.group}`}>
          <Sign name={finding.severity} /> <b>Raised:</b> {visibleText(finding.summary)}
        </li>
      ))}
      {cleared.map((finding) => (
        <li key={`cleared ${finding.code} ${finding.group}`}>
          <Sign name="ok" label="" /> <b>Cleared:</b> {visibleText(finding.summary)}
        </li>
      ))}
    </ul>
  )
}
