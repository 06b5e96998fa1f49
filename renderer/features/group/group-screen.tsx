/** One group: which member is in trouble, and why. */
import { clsx } from 'clsx'
import { useMemo, useState } from 'react'
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import { endpointText } from '../../../electron/contract/format.ts'
import type { GroupRow } from '../../../electron/contract/live.ts'
import { getsCopies } from '../../../electron/contract/multicast.ts'
import { utilization } from '../../../electron/contract/utilization.ts'
import type { Sample } from '../../model/history/history.ts'
import { moveTo } from '../../model/route.ts'
import { useEvents, useFindings, usePageStore, useSession, useView } from '../../model/store/context.ts'
import { isStale } from '../../model/store/session.ts'
import type { TimeRange } from '../../model/time-range.ts'
import screen from '../../ui/screen.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { answerOf } from './ask/answer.ts'
import { ClientInline, ClientPanel, type ClientQuery } from './ask/ask-panel.tsx'
import { exampleClient } from './ask/endpoint-text.ts'
import { PathOverlay } from './ask/path-overlay.tsx'
import { type PathQuery, usePath } from './ask/use-path.ts'
import { SpreadSection } from './balance-section.tsx'
import type { Choice } from './choice.ts'
import { evidenceOf } from './evidence.ts'
import { EvidenceText } from './evidence-section.tsx'
import { limitText } from './facts.ts'
import { membersWithCritical, visibleFindings, withFindings } from './finding-verdict.ts'
import { fullDuration } from './full-duration.ts'
import { generationsOf } from './generations.ts'
import type { ShareOf } from './grid/grid-colors.ts'
import { GridSection } from './grid/grid-section.tsx'
import { Facts, GroupTitle, VerdictLine } from './group-head.tsx'
import { PAST_MS } from './group-past.ts'
import css from './group-screen.module.css'
import { GroupNotice, GroupPlaceholder } from './group-states.tsx'
import { groupText } from './group-text.ts'
import { type GroupVerdict, groupVerdict } from './group-verdict.ts'
import { HistoryChart } from './history-chart.tsx'
import { type HistoryChartData, historyChartData } from './history-chart-data.ts'
import { Lanes } from './lanes.tsx'
import type { MemberEntry } from './member-entry.ts'
import { MemberPanel } from './member-panel.tsx'
import type { MemberTable } from './member-table.ts'
import { NeighborsList } from './neighbors-list.tsx'
import { givenShares, type Shares, sharesOf, useBalance } from './use-balance.ts'
import { useGroupState, useGroupWatch, useMembershipCount, useReceivers } from './use-group.ts'
import { type GroupState, type GroupWatch, MAX_LANES } from './watch-group.ts'

const TEST_AGAIN_MS = 30_000

type ScreenProps = {
  id: string
  /** The id of the chosen member. */
  member: string | null
  /** Saves a snapshot. */
  save: () => Promise<void>
  copyLink: (() => void) | null
}

export function GroupScreen({ id, member, save, copyLink }: ScreenProps) {
  const { watch, again } = useGroupWatch(id)
  const row = useGroupState(watch, ({ row }) => row)
  const ended = useGroupState(watch, ({ phase }) => phase === 'ended')
  const stale = useSession(isStale)
  const live = useSession(({ source }) => source === null)
  const choice = useMemo(
    () => ({
      chosen: member,
      choose: (member: string | null) => moveTo({ screen: 'group', id, ...(member === null ? {} : { member }) }),
    }),
    [id, member],
  )
  if (!row) return <GroupPlaceholder watch={watch} again={again} />
  const entry = member === null ? undefined : watch.members.get(member)
  return (
    <div className={css.split}>
      <div className={clsx(screen.screen, css.screen)} data-screen="group" data-stale={ended || stale || undefined}>
        <GroupNotice watch={watch} again={again} />
        {live ? (
          <LiveGroup watch={watch} row={row} save={() => void save()} copyLink={copyLink} choice={choice} />
        ) : (
          <StoredGroup watch={watch} row={row} copyLink={copyLink} choice={choice} />
        )}
      </div>
      {entry && <MemberPanel watch={watch} row={row} entry={entry} close={() => choice.choose(null)} />}
    </div>
  )
}

/** The group in a stored snapshot. Nothing is looked up, since lookups would describe the current state. */
type GroupProps = { watch: GroupWatch; row: GroupRow; copyLink: (() => void) | null; choice: Choice }

function StoredGroup({ watch, row, copyLink, choice }: GroupProps) {
  const facts = useMemberFacts(watch, row)
  const { members, generations, columns, evidence, given } = facts
  const sort = useView(({ lanes }) => lanes)
  const verdict = groupVerdict(row, columns, null)
  return (
    <>
      <GroupHead
        watch={watch}
        row={row}
        facts={facts}
        verdict={verdict}
        findings={[]}
        save={null}
        watched={null}
        copyLink={copyLink}
      />
      {members.length > MAX_LANES ? (
        <GridSection watch={watch} members={members} shareOf={null} picked={null} ask={null} {...choice} />
      ) : (
        <div className={clsx(css.zone, css.wide)}>
          <Lanes
            watch={watch}
            members={members}
            sort={sort}
            generations={generations.length}
            shares={given}
            given={row.given ?? null}
            picked={null}
            {...choice}
          />
        </div>
      )}
      <div className={css.bottom}>
        <section aria-label="Evidence">
          <h2>Evidence</h2>
          <EvidenceText evidence={evidence} />
        </section>
      </div>
    </>
  )
}

function GroupHead(
  props: Omit<GroupProps, 'choice'> & {
    facts: Pick<ReturnType<typeof useMemberFacts>, 'members' | 'evidence' | 'limit'>
    verdict: GroupVerdict
    findings: readonly FindingRow[]
    save: (() => void) | null
    /** Whose clients are sampled while somebody looks; null for a stored group. */
    watched: MemberTable | null
  },
) {
  const { watch, row, facts, verdict, findings, save, watched, copyLink } = props
  const { members, evidence, limit } = facts
  const kernel = useGroupState(watch, ({ kernel }) => kernel)
  const counting = useGroupState(watch, ({ counting }) => counting)
  const namespaces = useSession(({ namespaces }) => namespaces)
  const namespace = namespaces.find(({ inode }) => inode === row.netns)?.name ?? String(row.netns)
  return (
    <header className={css.head}>
      <GroupTitle row={row} copy={() => groupText(row, members, verdict, evidence)} save={save} copyLink={copyLink} />
      <VerdictLine verdict={watch.members.complete ? verdict : null} findings={findings} />
      <Facts
        row={row}
        members={members}
        limit={limit}
        evidence={evidence}
        namespace={namespace}
        kernel={kernel}
        counting={counting}
        watched={watched}
      />
    </header>
  )
}

function LiveGroup({ watch, row, save, copyLink, choice }: GroupProps & { save: () => void }) {
  // Summaries of all members are recomputed for each complete frame.
  const takenAt = useGroupState(watch, ({ takenAt }) => takenAt)
  const failed = useGroupState(watch, ({ problem }) => problem !== null)
  const frame = useGroupState(watch, ({ frame }) => frame)
  const facts = useMemberFacts(watch, row)
  const { members, generations, columns, evidence, limit, given } = facts
  const samples = useSamples(watch, row, takenAt)
  const list = useFindings(({ list }) => list)
  const findings = useMemo(() => visibleFindings(list.filter(({ group }) => group === row.id)), [list, row.id])
  const numberOf = (id: string) => watch.members.get(id)?.number
  const verdict = withFindings(groupVerdict(row, columns, fullDuration(samples, takenAt, findings)), findings, numberOf)
  const accused = useMemo(() => membersWithCritical(findings), [findings])
  const membership = useMembershipCount(watch.members)
  const spreads = row.sharing === 'reuseport' && row.receiving > 1 && !getsCopies(row)
  // What was really given is tested again and again, while it is counted.
  const tested = row.given === undefined ? 0 : Math.floor(takenAt / TEST_AGAIN_MS)
  const { balance } = useBalance(row.id, spreads ? row.receiving : 0, `${membership} ${tested}`)
  const sampled = useMemo(() => sharesOf(balance), [balance])
  // Colors of a grid are painted anew for other shares: those of a sample stay.
  const shares = members.length > MAX_LANES ? (sampled ?? given) : (given ?? sampled)
  const range = useView(({ range }) => range)
  const { showRange } = usePageStore().view
  const past = useHistoryChartData(watch, samples, generations, range, frame, takenAt)
  return (
    <>
      <GroupHead
        watch={watch}
        row={row}
        facts={facts}
        verdict={verdict}
        findings={findings}
        save={save}
        watched={watch.members}
        copyLink={copyLink}
      />
      {watch.members.complete && members.length > 0 && (
        <MembersSection
          watch={watch}
          row={row}
          members={members}
          generations={generations.length}
          shares={shares}
          accused={accused}
          choice={choice}
        />
      )}
      {/* Not before the members: it would move when they come. */}
      {(watch.members.complete || failed) && (
        <div className={css.bottom}>
          {balance ? (
            <SpreadSection balance={balance} shares={shares} columns={columns} />
          ) : (
            <section aria-label="Evidence">
              <h2>Evidence</h2>
              <EvidenceText evidence={evidence} />
            </section>
          )}
          <HistoryChart
            data={past}
            row={row}
            limit={limit?.[0] ?? null}
            removals={watch.members.removals}
            range={range}
            setRange={showRange}
          />
          <NeighborsList row={row} />
        </div>
      )}
    </>
  )
}

/** Lanes beside the ring, or the grid; both with the form for one client. */
function MembersSection({
  watch,
  row,
  members,
  generations,
  shares,
  accused,
  choice,
}: {
  watch: GroupWatch
  row: GroupRow
  members: readonly MemberEntry[]
  generations: number
  shares: Shares | null
  /** Members with critical findings, and the tag of the finding (finding-verdict.ts). */
  accused: ReadonlyMap<string, string>
  choice: Choice
}) {
  const program = useGroupState(watch, ({ kernel }) => isSteered(kernel))
  const question = useQuestion(watch, row)
  // The path leads to a lane, and is drawn anew when the order changes.
  const sort = useView(({ lanes }) => lanes)
  const { member } = question.answer
  const shareOf = useMemo(() => (shares ? relativeShare(shares) : null), [shares])
  if (members.length > MAX_LANES) {
    return (
      <GridSection
        watch={watch}
        members={members}
        shareOf={shareOf}
        picked={member?.id ?? null}
        ask={<ClientInline question={question} family={row.family} />}
        {...choice}
      />
    )
  }
  const here = members.filter(({ presence }) => presence !== 'gone')
  const place = member ? here.indexOf(member) : -1
  return (
    <div className={css.zone}>
      <ClientPanel row={row} members={members} program={program} question={question} choice={choice} />
      <Lanes
        watch={watch}
        members={members}
        sort={sort}
        generations={generations}
        shares={shares}
        given={row.given ?? null}
        picked={member?.id ?? null}
        accused={accused}
        {...choice}
      />
      {member && place >= 0 && (
        <PathOverlay turn={(place + 0.5) / here.length} member={member.id} label={pathText(question.asked)} />
      )}
    </div>
  )
}

function useQuestion(watch: GroupWatch, row: GroupRow): ClientQuery {
  const [client, setClient] = useState(() => exampleClient(row.family, row.address))
  const [local, setLocal] = useState(() => endpointText(row.address, row.port))
  const membership = useMembershipCount(watch.members)
  const asked = usePath(row, client, local, membership)
  return { client, local, setClient, setLocal, asked, answer: answerOf(asked, watch.members, row.id) }
}

/** What a live and a stored group tell of their members. */
function useMemberFacts(watch: GroupWatch, row: GroupRow) {
  const members = useReceivers(watch.members)
  const steered = useGroupState(watch, ({ kernel }) => isSteered(kernel))
  const generations = useMemo(() => generationsOf(members), [members])
  const columns = watch.members.columns()
  const [evidence, limit] = [evidenceOf(row, columns), limitText(columns)]
  return { members, generations, columns, evidence, limit, given: givenShares(row, watch.members, steered) }
}

/** Whether a BPF program is known to decide instead of the hash. */
function isSteered(kernel: GroupState['kernel']): boolean {
  return kernel?.groups?.some(({ decides }) => decides) ?? false
}

function relativeShare(shares: Shares): ShareOf {
  return (id) => {
    const clients = shares.of(id)
    return clients === null ? null : (clients * shares.members) / shares.clients
  }
}

function pathText(asked: PathQuery): string {
  return asked.state === 'answered' ? visibleText(`The packet's path: ${asked.path.steps.join(' ')}`) : ''
}

/** The history of the group: what the engine remembers, or, until it has answered, what this page recorded. */
function useSamples(watch: GroupWatch, row: GroupRow, takenAt: number): readonly Sample[] {
  useGroupState(watch, ({ pasts }) => pasts)
  const { history } = usePageStore().groups
  const { past } = watch
  if (!past.known) return history.read(row.id, takenAt - history.windowMs, takenAt)
  return past.samples.length > 0 ? past.samples : idleSamples(row, takenAt)
}

/** A queue of which nothing is remembered was empty, since the group was first seen. */
function idleSamples({ fullest, firstSeenAt }: GroupRow, takenAt: number): Sample[] {
  const from = Math.max(Date.parse(firstSeenAt), takenAt - PAST_MS)
  const level = Math.min(utilization(fullest), 0)
  return [from, takenAt].map((at) => ({ at, utilization: level, lost: 0 }))
}

/** Recomputed for each frame; a group that ended keeps the last one. */
function useHistoryChartData(
  watch: GroupWatch,
  samples: readonly Sample[],
  generations: ReturnType<typeof generationsOf>,
  range: TimeRange,
  frame: number,
  takenAt: number,
): HistoryChartData {
  const { gaps, membership } = watch.past
  const list = useEvents(({ list }) => list)
  const events = useMemo(() => list.filter(({ key }) => key?.id === watch.id), [list, watch])
  return useMemo(
    () =>
      historyChartData({
        samples,
        gaps,
        changes: membership,
        generations,
        events,
        range,
        now: takenAt,
        frame,
      }),
    [samples, gaps, membership, events, generations, range, takenAt, frame],
  )
}
