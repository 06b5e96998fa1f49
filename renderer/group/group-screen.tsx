/** One group: which member is in trouble, and why. */
import { useMemo, useRef } from 'react'
import type { GroupRow } from '../../electron/contract/live.ts'
import { history } from '../store/groups.ts'
import { isStale, useSession } from '../store/session.ts'
import { evidenceOf } from './evidence.ts'
import { EvidenceText } from './evidence-section.tsx'
import { limitText } from './facts.ts'
import { generationsOf } from './generations.ts'
import { GridSection } from './grid/grid-section.tsx'
import { Facts, GroupTitle, VerdictLine } from './group-head.tsx'
import { fullForOf } from './group-past.ts'
import { GroupNotice, NoPicture } from './group-states.tsx'
import { groupText } from './group-text.ts'
import { groupVerdict } from './group-verdict.ts'
import { HistoryChart } from './history-chart.tsx'
import { type HistoryPicture, historyPicture } from './history-picture.ts'
import { Lanes } from './lanes.tsx'
import type { MemberEntry } from './member-table.ts'
import { NeighboursList } from './neighbours-list.tsx'
import { RingPanel } from './ring-panel.tsx'
import { useGroupState, useGroupWatch, useReceivers } from './use-group.ts'
import { type GroupWatch, MOST_LANES } from './watch-group.ts'
import './group.css'

export function GroupScreen({ id }: { id: string }) {
  const { watch, again } = useGroupWatch(id)
  const row = useGroupState(watch, ({ row }) => row)
  const ended = useGroupState(watch, ({ phase }) => phase === 'ended')
  const stale = useSession(isStale)
  if (!row) return <NoPicture watch={watch} again={again} />
  return (
    <div className={ended || stale ? 'group-screen stale' : 'group-screen'}>
      <GroupNotice watch={watch} again={again} />
      <GroupPicture watch={watch} row={row} />
    </div>
  )
}

function GroupPicture({ watch, row }: { watch: GroupWatch; row: GroupRow }) {
  const members = useReceivers(watch.members)
  // What sums up all members is made anew with each complete picture.
  const takenAt = useGroupState(watch, ({ takenAt }) => takenAt)
  const picture = useGroupState(watch, ({ picture }) => picture)
  const namespaces = useSession(({ namespaces }) => namespaces)
  const namespace = namespaces.find(({ inode }) => inode === row.netns)?.name ?? String(row.netns)
  const rows = useMemo(() => members.map(({ row }) => row), [members])
  const generations = useMemo(() => generationsOf(members), [members])
  const evidence = evidenceOf(row, rows)
  const verdict = groupVerdict(row, members, fullForOf(history, row, takenAt))
  const limit = limitText(rows)
  const past = usePast(watch, row, generations, picture, takenAt)
  return (
    <>
      <header className="group-head">
        <GroupTitle row={row} copy={() => groupText(row, members, verdict, evidence)} />
        {watch.members.complete && <VerdictLine verdict={verdict} />}
        <Facts row={row} members={members} evidence={evidence} namespace={namespace} />
      </header>
      {watch.members.complete && members.length <= MOST_LANES && (
        <div className="zone">
          <section className="ask" aria-label="The hash space">
            <RingPanel row={row} members={members} picked={null} />
          </section>
          <Lanes watch={watch} members={members} generations={generations.length} />
        </div>
      )}
      {watch.members.complete && members.length > MOST_LANES && (
        <GridSection watch={watch} members={members} shareOf={null} picked={null} ask={null} />
      )}
      <div className="bottom">
        <section className="sure" aria-label="How we know">
          <h2>How we know</h2>
          <EvidenceText evidence={evidence} />
        </section>
        <HistoryChart picture={past} row={row} limit={limit?.[0] ?? null} departures={watch.members.departures} />
        <NeighboursList row={row} />
      </div>
    </>
  )
}

/** Made anew with each picture; a group that ended keeps the last one. */
function usePast(
  watch: GroupWatch,
  { id }: GroupRow,
  generations: ReturnType<typeof generationsOf>,
  picture: number,
  takenAt: number,
): HistoryPicture {
  const kept = useRef<{ picture: number; members: readonly MemberEntry[]; past: HistoryPicture } | null>(null)
  const members = watch.members.receivers()
  if (kept.current?.picture !== picture || kept.current.members !== members) {
    const { windowMs, stepMs } = history
    const samples = history.read(id, takenAt - windowMs, takenAt)
    const past = historyPicture(samples, history.membership.read(id), generations, stepMs, windowMs, takenAt)
    if (kept.current === null || samples.length > 0) kept.current = { picture, members, past }
    else return kept.current.past
  }
  return kept.current.past
}
