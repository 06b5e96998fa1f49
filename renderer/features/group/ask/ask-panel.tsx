/** "Who gets this client?": the form, the candidates and the ring, beside the lanes. */
import { clsx } from 'clsx'
import { Fragment } from 'react'
import type { Candidate } from '../../../../electron/contract/analysis.ts'
import type { GroupRow } from '../../../../electron/contract/live.ts'
import type { Family } from '../../../../electron/contract/model.ts'
import { hrefOf } from '../../../model/route.ts'
import control from '../../../ui/control.module.css'
import { addressText, formatCount } from '../../../ui/format.ts'
import { Icon } from '../../../ui/icon.tsx'
import { Sign } from '../../../ui/sign.tsx'
import text from '../../../ui/text.module.css'
import { visibleText } from '../../../ui/visible-text.ts'
import { Badge } from '../badge.tsx'
import type { Choice } from '../choice.ts'
import type { MemberEntry } from '../member-entry.ts'
import { RingPanel } from '../ring-panel.tsx'
import { type Answer, arrivalOf, outcomeText } from './answer.ts'
import css from './ask-panel.module.css'
import type { PathField, PathQuery } from './use-path.ts'

/** Candidates listed; the winner is always among them. */
const MAX_LISTED = 5

export type ClientQuery = {
  client: string
  local: string
  setClient: (text: string) => void
  setLocal: (text: string) => void
  asked: PathQuery
  answer: Answer
}

export function ClientPanel({
  row,
  members,
  program,
  question,
  choice,
}: {
  row: GroupRow
  members: readonly MemberEntry[]
  /** A BPF program decides instead of the hash. */
  program: boolean
  question: ClientQuery
  choice: Choice
}) {
  const { asked, answer } = question
  const path = asked.state === 'answered' ? asked.path : null
  const arrival = arrivalOf(asked)
  return (
    <section className={css.ask} aria-label="Who gets this client?">
      <div className={css.head}>
        <h2>Who gets this client?</h2>
        <p className={css.answer} role="status">
          {answer.words}
        </p>
      </div>
      <ClientForm question={question} family={row.family} />
      {arrival !== null && <p className={css.arrival}>{visibleText(arrival)}</p>}
      {answer.reason !== null && <p className={css.reason}>{visibleText(answer.reason)}</p>}
      {path && (
        <Candidates candidates={path.candidates} row={row} port={path.local.port} drawn={answer.member !== null} />
      )}
      {path?.agrees === false && (
        <p className={css.reason}>
          <Sign name="warning" label="warning" /> By score another group wins, but the kernel lookup returned this one.
          The kernel decides.
        </p>
      )}
      {/* Not before the first answer, which would move it down. */}
      {asked.state !== 'asking' && (
        <RingPanel row={row} members={members} program={program} picked={answer.member?.id ?? null} choice={choice} />
      )}
      {path && (
        <ol className={text.hidden} aria-label="Packet path">
          {path.steps.map((step) => (
            <li key={step}>{visibleText(step)}</li>
          ))}
        </ol>
      )}
    </section>
  )
}

function ClientForm({ question, family }: { question: ClientQuery; family: Family }) {
  const { client, local, setClient, setLocal, asked } = question
  const isWrong = (field: PathField) => asked.state === 'wrong' && (asked.field ?? field) === field
  return (
    <div className={clsx(css.form, family === 'ipv6' && css.ipv6)}>
      <EndpointInput of="Client" value={client} change={setClient} wrong={isWrong('client')} />
      <Icon name="arrow" dim />
      <EndpointInput of="Server" value={local} change={setLocal} wrong={isWrong('server')} />
    </div>
  )
}

function EndpointInput(props: { of: string; value: string; change: (value: string) => void; wrong: boolean }) {
  const { of, value, change, wrong } = props
  return (
    <input
      className={clsx(control.control, css.endpoint)}
      type="text"
      aria-label={`${of}: address and port`}
      aria-invalid={wrong}
      value={value}
      title={value}
      spellCheck={false}
      maxLength={80}
      onChange={(event) => change(event.target.value)}
    />
  )
}

/** The form in one line, above the grid. */
export function ClientInline({ question, family }: { question: ClientQuery; family: Family }) {
  const { answer, asked } = question
  const steps = asked.state === 'answered' ? visibleText(asked.path.steps.join(' ')) : undefined
  return (
    <div className={clsx(control.row, css.inline)}>
      <span>Who gets this client?</span>
      <ClientForm question={question} family={family} />
      <span className={css.answer} role="status" title={steps}>
        {answer.words}
      </span>
      {answer.reason !== null && <span className={text.quiet}>{visibleText(answer.reason)}</span>}
    </div>
  )
}

/** `drawn`: the packet path is drawn over them, with numbered steps. */
function Candidates(props: {
  candidates: readonly Candidate[]
  row: GroupRow
  /** The port that was asked about. */
  port: number
  drawn: boolean
}) {
  const { candidates, row, port, drawn } = props
  const receiving = candidates.filter(({ state }) => state === 'listening' || state === 'unconnected')
  const ordered = [...receiving].sort((a, b) => Number(a.outcome === 'won') - Number(b.outcome === 'won'))
  const listed = ordered.slice(-MAX_LISTED)
  const left = ordered.length - listed.length
  return (
    <ol className={css.candidates}>
      <li className={css.title} data-step="1">
        Candidates on port {port}
        {left > 0 && ` (${formatCount(left)} more)`}
        <span className={css.why}>
          {drawn && <Badge step={2} className={css.step} />}
          Score
        </span>
      </li>
      {listed.map((candidate) => (
        <CandidateRow
          key={`${candidate.group.id} ${candidate.state}`}
          candidate={candidate}
          own={row.id}
          shared={listed.filter((other) => endpointOf(other) === endpointOf(candidate)).length > 1}
        />
      ))}
    </ol>
  )
}

/** Allows line breaks after colons. */
function EndpointName({ children }: { children: string }) {
  const parts = children.split(/(?<=:)/)
  return parts.map((part, index) => (
    <Fragment key={parts.slice(0, index).join('')}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ))
}

function endpointOf({ group }: Candidate): string {
  return `${addressText(group.address, group.family, group.interface)}:${group.port}`
}

/** `shared`: another candidate has the same endpoint. */
function CandidateRow({ candidate, own, shared }: { candidate: Candidate; own: string; shared: boolean }) {
  const { group, sockets, outcome, reason, points } = candidate
  const name = <EndpointName>{endpointOf(candidate)}</EndpointName>
  const made = points.map(({ name, points }) => `${name} ${points}`).join(', ')
  const won = outcome === 'won'
  return (
    <li
      className={won ? css.won : undefined}
      data-step={won ? '3' : ''}
      title={visibleText(made === '' ? reason : `${reason} ${made}`)}
    >
      {group.id === own ? (
        <span className={clsx(text.mono, css.name)}>{name}</span>
      ) : (
        <a className={clsx(text.mono, css.name)} href={hrefOf({ screen: 'group', id: group.id })}>
          {name}
        </a>
      )}
      {(won || shared) && (
        <span className={css.sockets}>{sockets === 1 ? 'one socket' : `${formatCount(sockets)} members`}</span>
      )}
      <span className={css.why}>{visibleText(outcomeText(candidate))}</span>
    </li>
  )
}
