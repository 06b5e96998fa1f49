/** One group: which member is in trouble, and why. */
import { useMemo } from 'react'
import type { GroupRow } from '../../electron/contract/live.ts'
import { history } from '../store/groups.ts'
import { useSession } from '../store/session.ts'
import { formatCount } from '../ui/format.ts'
import { evidenceOf } from './evidence.ts'
import { isFullMember } from './fullness.ts'
import { generationsOf } from './generations.ts'
import { Facts, GroupTitle, VerdictLine } from './group-head.tsx'
import { fullForOf } from './group-past.ts'
import { groupText } from './group-text.ts'
import { groupVerdict } from './group-verdict.ts'
import { Lanes } from './lanes.tsx'
import type { MemberEntry } from './member-table.ts'
import { Ring } from './ring.tsx'
import { useGroupState, useGroupWatch, useReceivers } from './use-group.ts'
import { type GroupWatch, MOST_LANES } from './watch-group.ts'
import './group.css'

export function GroupScreen({ id }: { id: string }) {
  const { watch } = useGroupWatch(id)
  const row = useGroupState(watch, ({ row }) => row)
  return <div className="group-screen">{row && <GroupPicture watch={watch} row={row} />}</div>
}

function GroupPicture({ watch, row }: { watch: GroupWatch; row: GroupRow }) {
  const members = useReceivers(watch.members)
  // What sums up all members is made anew with each complete picture.
  useGroupState(watch, ({ picture }) => picture)
  const takenAt = useGroupState(watch, ({ takenAt }) => takenAt)
  const namespaces = useSession(({ namespaces }) => namespaces)
  const namespace = namespaces.find(({ inode }) => inode === row.netns)?.name ?? String(row.netns)
  const rows = useMemo(() => members.map(({ row }) => row), [members])
  const verdict = groupVerdict(row, members, fullForOf(history, row, takenAt))
  const evidence = evidenceOf(row, rows)
  const generations = generationsOf(members)
  return (
    <>
      <header className="group-head">
        <GroupTitle row={row} copy={() => groupText(row, members, verdict, evidence)} />
        <VerdictLine verdict={verdict} />
        <Facts row={row} members={members} evidence={evidence} namespace={namespace} />
      </header>
      {members.length <= MOST_LANES && (
        <div className="zone">
          <RingPanel row={row} members={members} />
          <Lanes watch={watch} members={members} generations={generations.length} />
        </div>
      )}
    </>
  )
}

function RingPanel({ row, members }: { row: GroupRow; members: readonly MemberEntry[] }) {
  const here = members.filter(({ presence }) => presence !== 'gone')
  const items = here.map((entry) => ({
    key: entry.cookie,
    label: String(entry.number),
    look: isFullMember(entry.row) ? ('full' as const) : ('plain' as const),
  }))
  return (
    <section className="ask" aria-label="The hash space">
      <Ring
        items={items}
        label={`The hash space, one equal arc for each of ${formatCount(here.length)} members of port ${row.port}`}
      />
    </section>
  )
}
