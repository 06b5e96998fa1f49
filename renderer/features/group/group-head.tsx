/** Header of a group: its endpoint, its verdict, and the facts that all members share. */
import { clsx } from 'clsx'
import { type ReactNode, useMemo } from 'react'
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import { isLabGroup } from '../../../electron/contract/constants.ts'
import { protocolName } from '../../../electron/contract/format.ts'
import type { GroupRow } from '../../../electron/contract/live.ts'
import { getsCopies } from '../../../electron/contract/multicast.ts'
import { hrefOf } from '../../model/route.ts'
import { CopyButton } from '../../ui/copying.tsx'
import { addressText, countOf, formatClock, formatCount, formatRate, sharingName } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Name } from '../../ui/name.tsx'
import { SharingIcon } from '../../ui/sharing-icon.tsx'
import { Sign } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { Button, LabTag, UnknownText } from '../../ui/widgets.tsx'
import { ClientsFact } from './clients-fact.tsx'
import type { EvidenceSummary } from './evidence.ts'
import { EvidenceText } from './evidence-section.tsx'
import { FactPopover } from './fact-popover.tsx'
import { formatHolders, servicesOf, usersOf } from './facts.ts'
import css from './group-head.module.css'
import type { GroupVerdict } from './group-verdict.ts'
import { PlacesFact, ProgramFact } from './kernel-facts.tsx'
import type { MemberEntry } from './member-entry.ts'
import type { MemberTable } from './member-table.ts'
import { useWaiting } from './use-waiting.ts'
import { WaitingFact } from './waiting-fact.tsx'
import type { GroupState } from './watch-group.ts'

/** Programs and services named; the rest is counted, and named in the tooltip. */
const MAX_NAMED = 3
const MAX_MEMBERS = 32_768

export function GroupTitle({
  row,
  copy,
  save,
  copyLink,
}: {
  row: GroupRow
  copy: (() => string) | null
  /** null for what is saved already. */
  save: (() => void) | null
  /** Copies the address; null where it leads nowhere else, as in a window of its own. */
  copyLink: (() => void) | null
}) {
  return (
    <div className={css.title}>
      <BackLink />
      <span className={text.quiet}>/</span>
      <h1>
        <span>{addressText(row.address, row.family, row.interface)}:</span>
        {row.port}
      </h1>
      <span className={clsx(text.mono, css.protocol)}>{protocolName(row)}</span>
      {isLabGroup(row) && <LabTag />}
      {copy && (
        <div className={css.actions}>
          {copyLink && (
            <Button look="quiet" onPress={copyLink}>
              <Icon name="link" />
              Copy link
            </Button>
          )}
          {save && (
            <Button onPress={save}>
              <Icon name="snapshot" />
              Save snapshot
            </Button>
          )}
          <CopyButton text={copy}>Copy</CopyButton>
        </div>
      )}
    </div>
  )
}

export function BackLink() {
  return (
    <a className={css.back} href={hrefOf({ screen: 'groups' })}>
      <Icon name="back" />
      Groups
    </a>
  )
}

export function VerdictLine({
  verdict,
  findings,
}: {
  /** null while the members are not known: the line is there, and empty. */
  verdict: GroupVerdict | null
  /** Unmuted findings of the group, most severe first. */
  findings: readonly FindingRow[]
}) {
  const [top] = findings
  if (verdict === null) return <p className={css.verdict} />
  return (
    <p className={css.verdict}>
      {verdict.severity !== 'none' && <Sign name={verdict.severity} />}
      <span>
        <b>{verdict.answer}</b> {verdict.reason}
        {top && (
          <a className={css.found} href={hrefOf({ screen: 'findings', finding: top.id })}>
            {countOf(findings.length, 'finding')}
          </a>
        )}
      </span>
    </p>
  )
}

export function Facts({
  row,
  members,
  limit,
  evidence,
  namespace,
  kernel,
  counting,
  watched,
}: {
  row: GroupRow
  members: readonly MemberEntry[]
  /** Limit of each queue (facts.ts); null if unknown. */
  limit: [string, string] | null
  evidence: EvidenceSummary
  namespace: string
  kernel: GroupState['kernel']
  counting: GroupState['counting']
  /** The members of a live group; null in a snapshot. */
  watched: MemberTable | null
}) {
  // The user of a socket never changes.
  const users = useMemo(() => usersOf(members.map(({ row }) => row)), [members])
  const heldBy = formatHolders(row)
  const services = servicesOf(row)
  const waiting = useWaiting(row)
  const steered = row.sharing === 'reuseport' || row.sharing === 'unknown'
  return (
    <dl className={css.facts}>
      <Fact name="Sharing">
        <SharingIcon sharing={row.sharing} />
        {row.sharing === 'unknown' ? <UnknownText /> : sharingName(row.sharing)}
      </Fact>
      <Fact name="Evidence">
        <FactPopover short={evidence.short} title="Evidence">
          <EvidenceText evidence={evidence} />
        </FactPopover>
      </Fact>
      <Fact name="User">
        <UserFact row={row} users={users} />
      </Fact>
      <Fact name="Namespace">
        <Name>{namespace}</Name>
      </Fact>
      <Fact name="Limit">
        {limit ? (
          <>
            {limit[0]} <span className={text.quiet}>{limit[1]}</span>
          </>
        ) : (
          <UnknownText />
        )}
      </Fact>
      <Fact name="Held by">
        {heldBy === null ? (
          <UnknownText why="No readable process has a descriptor of a member" />
        ) : (
          <span title={heldBy}>{formatHolders(row, MAX_NAMED)}</span>
        )}
        {heldBy !== null && row.ownersHidden > 0 && (
          <span className={text.quiet}>and hidden owners of {countOf(row.ownersHidden, 'member')}</span>
        )}
      </Fact>
      {services.length > 0 && (
        <Fact name="Service">
          <span title={services.join(', ')}>{services.slice(0, MAX_NAMED).join(', ')}</span>
          {services.length > MAX_NAMED && (
            <span className={text.quiet}>and {formatCount(services.length - MAX_NAMED)} more</span>
          )}
        </Fact>
      )}
      {row.receiving > 48 && (
        <Fact name="Members">
          {formatCount(row.receiving)}
          {row.receiving >= MAX_MEMBERS && <span className={text.quiet}>the maximum for a group</span>}
        </Fact>
      )}
      {steered && counting !== null && (
        <Fact name="Given">
          <GivenFact row={row} counting={counting} />
        </Fact>
      )}
      {steered && (
        <Fact name="BPF program">
          <ProgramFact kernel={kernel} picks={!getsCopies(row)} />
        </Fact>
      )}
      {kernel?.groups && kernel.groups.length > 0 && (
        <Fact name="Kernel group">
          <PlacesFact groups={kernel.groups} />
        </Fact>
      )}
      {steered && watched !== null && (
        <Fact name="Clients">
          <ClientsFact row={row} members={watched} />
        </Fact>
      )}
      {waiting !== null && (
        <Fact name="Waiting">
          <WaitingFact waiting={waiting} queues={row.receiving} />
        </Fact>
      )}
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** "256 /s since 14:43:10": what the kernel puts into the members' queues, counted. */
function GivenFact({ row, counting }: { row: GroupRow; counting: NonNullable<GroupState['counting']> }) {
  const { given } = row
  if (given === undefined) {
    const cause =
      counting.unknownBecause ?? (counting.since === null ? 'counting has not begun' : 'it is not counted yet')
    return (
      <UnknownText why={`What the members are really given is counted by a BPF program. Unknown because ${cause}.`} />
    )
  }
  const what = row.protocol === 'tcp' ? 'connections' : 'datagrams'
  return (
    <span
      title={`${formatCount(given.sample)} ${what} since ${formatClock(Date.parse(given.sampleSince))}, when counting began or a member joined or left`}
    >
      {given.perSecond === null ? <UnknownText /> : formatRate(given.perSecond)}/s{' '}
      <span className={text.quiet}>since {formatClock(Date.parse(given.sampleSince))}</span>
    </span>
  )
}

function UserFact({ row, users }: { row: GroupRow; users: readonly string[] }) {
  if (row.uid === null) {
    return <span title={users.join(', ')}>{users.length === 0 ? <UnknownText /> : `${users.length} users`}</span>
  }
  return (
    <>
      {row.user !== null && <Name>{row.user}</Name>} <span className={text.quiet}>uid {row.uid}</span>
    </>
  )
}
