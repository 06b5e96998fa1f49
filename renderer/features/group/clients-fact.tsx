/**
 * Which client went to which member: sampled while it is open, because that costs each datagram some 0.2 µs and shows
 * addresses of people.
 */
import { describeSample } from '../../../electron/contract/flow-text.ts'
import type { FlowsAnswer, RecentFlow } from '../../../electron/contract/flows.ts'
import { endpoint } from '../../../electron/contract/format.ts'
import type { GroupRow } from '../../../electron/contract/live.ts'
import { hrefOf } from '../../model/route.ts'
import { formatClock, formatCount } from '../../ui/format.ts'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { UnknownText } from '../../ui/widgets.tsx'
import css from './clients-fact.module.css'
import { FactPopover } from './fact-popover.tsx'
import table from './fact-table.module.css'
import { ownerText } from './member-owner.ts'
import type { MemberTable } from './member-table.ts'
import { useFlows } from './use-flows.ts'

export function ClientsFact({ row, members }: { row: GroupRow; members: MemberTable }) {
  return (
    <FactPopover short="sample" title="Recent clients" wide>
      <Sampled row={row} members={members} />
    </FactPopover>
  )
}

/** Samples while it is on screen. */
function Sampled({ row, members }: { row: GroupRow; members: MemberTable }) {
  const answer = useFlows(row.id)
  const flows = answer?.recent?.flows ?? []
  return (
    <>
      <p>{sampleText(answer, row)}</p>
      {flows.length > 0 && <Clients id={row.id} flows={flows} members={members} />}
    </>
  )
}

function sampleText(answer: FlowsAnswer | null, { protocol }: GroupRow) {
  if (answer === null) return 'Sampling starts …'
  if (answer.recent !== null) return describeSample(answer.recent, protocol, formatClock)
  return (
    <>
      <UnknownText /> because {visibleText(answer.unknownBecause ?? 'nothing was sampled')}.
    </>
  )
}

function Clients({ id, flows, members }: { id: string; flows: readonly RecentFlow[]; members: MemberTable }) {
  return (
    <section className={css.clients} aria-label="Clients" tabIndex={0}>
      <table className={table.table}>
        <thead>
          <tr>
            <th>Client</th>
            <th>Member</th>
            <th>Process</th>
            <th>Last</th>
            <th>Sampled</th>
          </tr>
        </thead>
        <tbody>
          {flows.map(({ address, port, cookie, at, sampled }) => {
            const member = members.get(cookie)
            return (
              <tr key={`${cookie} ${address} ${port}`}>
                <td className={text.mono}>{visibleText(endpoint({ address, port, interface: null }))}</td>
                <td>
                  {member === undefined ? (
                    <span className={text.quiet}>closed</span>
                  ) : (
                    <a href={hrefOf({ screen: 'group', id, member: cookie })}>{formatCount(member.number)}</a>
                  )}
                </td>
                <td>{member === undefined ? '–' : member.owner ? ownerText(member.owner) : <UnknownText />}</td>
                <td>{formatClock(Date.parse(at))}</td>
                <td>{formatCount(sampled)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </section>
  )
}
