/** Every worker with its exact count and the actions on its listener, virtualized. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { clsx } from 'clsx'
import { memo, useRef } from 'react'
import type { Lab, LabMember, MemberAction } from '../../../electron/contract/lab.ts'
import { useSession } from '../../model/store/context.ts'
import { ColumnHead } from '../../ui/column-head.tsx'
import { formatCount } from '../../ui/format.ts'
import text from '../../ui/text.module.css'
import { Button, Tag, UnknownText } from '../../ui/widgets.tsx'
import css from './members-table.module.css'
import { MAX_LINES, percent } from './share-lines.ts'
import { useLabActions } from './store.ts'
import { numberOf, type WorkerRow, workerRows } from './worker-rows.ts'

/** --row of tokens.css. */
const ROW_REM = 1.75
const OVERSCAN = 8
const COLUMNS = 7

/**
 * `closed`: the lab has ended, so there are no actions. `mark` is called with the worker under the pointer or focus.
 */
export function MembersTable(props: { lab: Lab; closed: boolean; mark: (worker: number | null) => void }) {
  const { lab, closed, mark } = props
  const rows = workerRows(lab)
  const box = useRef<HTMLDivElement>(null)
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_REM * rem,
    overscan: OVERSCAN,
    useFlushSync: false,
  })
  const seen = virtualizer.getVirtualItems()
  const above = seen[0]?.start ?? 0
  const below = virtualizer.getTotalSize() - (seen.at(-1)?.end ?? 0)
  const own = lab.request.acceptModel === 'reuseport'
  return (
    // A scrollable region must be focusable, so that the keyboard can scroll it.
    <section ref={box} className={css.members} aria-label="Workers" tabIndex={0}>
      <table aria-rowcount={rows.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            <ColumnHead className={css.num}>{own ? 'Member' : 'Worker'}</ColumnHead>
            <ColumnHead>State</ColumnHead>
            <ColumnHead className={css.num}>Received</ColumnHead>
            <ColumnHead>Share</ColumnHead>
            <ColumnHead className={css.num}>Process</ColumnHead>
            <ColumnHead className={css.cookie}>Cookie</ColumnHead>
            <th scope="col">
              <span className={text.hidden}>Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {above > 0 && <Space height={above} />}
          {seen.map(({ index }) => {
            const row = rows[index]
            if (row === undefined) return null
            return (
              <Row
                key={row.worker.index}
                id={lab.id}
                row={row}
                place={index}
                even={1 / rows.length}
                lined={rows.length <= MAX_LINES && rows.length > 1}
                acts={own && !closed}
                mark={mark}
              />
            )
          })}
          {below > 0 && <Space height={below} />}
        </tbody>
      </table>
    </section>
  )
}

function Space({ height }: { height: number }) {
  return (
    <tr>
      <td colSpan={COLUMNS} style={{ height, padding: 0, border: 0 }} />
    </tr>
  )
}

type RowProps = {
  id: string
  row: WorkerRow
  place: number
  /** An even share, from 0 to 1. */
  even: number
  /** Has its own line in the chart of shares. */
  lined: boolean
  acts: boolean
  mark: (worker: number | null) => void
}

const Row = memo(
  function Row({ id, row: { worker, member, share }, place, even, lined, acts, mark }: RowProps) {
    return (
      <tr
        aria-rowindex={place + 2}
        onPointerEnter={() => mark(place)}
        onPointerLeave={() => mark(null)}
        onFocus={() => mark(place)}
        onBlur={() => mark(null)}
      >
        <th scope="row" className={css.num} title={member === null ? undefined : `Cookie ${member.cookie}`}>
          {lined && (
            <svg className={css.swatch} viewBox="0 0 12 4" aria-hidden="true">
              <path d="M0 2H12" stroke={`var(--series-${place + 1})`} />
            </svg>
          )}
          {formatCount(numberOf(worker))}
        </th>
        <td>{member === null ? <UnknownText>unknown</UnknownText> : <State member={member} />}</td>
        <td className={css.num}>{formatCount(worker.received)}</td>
        <td>{share === null ? <span className={text.quiet}>–</span> : <Share share={share} even={even} />}</td>
        <td className={clsx(css.num, text.mono)}>{worker.pid}</td>
        <td className={clsx(text.mono, css.cookie)}>{member?.cookie ?? <UnknownText />}</td>
        <td className={css.actions}>{acts && member !== null && <MemberButtons id={id} member={member} />}</td>
      </tr>
    )
  },
  (a, b) =>
    a.id === b.id &&
    a.place === b.place &&
    a.even === b.even &&
    a.lined === b.lined &&
    a.acts === b.acts &&
    a.mark === b.mark &&
    a.row.share === b.row.share &&
    a.row.worker.received === b.row.worker.received &&
    a.row.worker.pid === b.row.worker.pid &&
    a.row.member?.state === b.row.member?.state &&
    a.row.member?.cookie === b.row.member?.cookie,
)

const STATE_WORDS: Record<LabMember['state'], string> = {
  normal: 'normal',
  slow: 'slow',
  never: 'not accepting',
  stalled: 'stalled',
  closed: 'closed',
  failed: 'failed',
}

export function State({ member: { state, uid } }: { member: LabMember }) {
  const words = STATE_WORDS[state]
  if (state === 'failed') return <Tag look="critical">{words}</Tag>
  if (state === 'stalled') return <Tag look="warn">{words}</Tag>
  return (
    <span className={text.quiet} title={`uid ${uid}`}>
      {words}
    </span>
  )
}

/** A bar on a scale of twice the even share, with the even share as a line. */
function Share({ share, even }: { share: number; even: number }) {
  return (
    <span className={css.share}>
      <span className={css.track} aria-hidden="true">
        <i style={{ width: `${Math.min(100, (50 * share) / even)}%` }} />
      </span>
      {percent(share)} <span className={text.quiet}>%</span>
    </span>
  )
}

/** Stall or resume, and close. */
export function MemberButtons({ id, member }: { id: string; member: LabMember }) {
  const { index, state } = member
  const open = useSession(({ client }) => client !== null)
  const { actOnMember } = useLabActions()
  if (state === 'closed' || state === 'failed') return null
  const act = (act: MemberAction['action']) => () => void actOnMember({ id, member: index, action: act })
  const stalled = state === 'stalled'
  return (
    <>
      <Button
        look="quiet"
        className={css.action}
        isDisabled={!open}
        aria-label={`${stalled ? 'Resume' : 'Stall'} member ${numberOf(member)}`}
        onPress={act(stalled ? 'resume' : 'stall')}
      >
        {stalled ? 'Resume' : 'Stall'}
      </Button>
      <Button
        look="quiet"
        className={css.action}
        isDisabled={!open}
        aria-label={`Close member ${numberOf(member)}`}
        onPress={({ target }) => {
          // The button disappears with its member: move the focus to the table.
          target.closest<HTMLElement>('[aria-label="Workers"]')?.focus()
          act('close')()
        }}
      >
        Close
      </Button>
    </>
  )
}
