/** Running test listeners: their sockets, the counts per worker, and traffic to them. */
import { clsx } from 'clsx'
import { useEffect, useRef, useState } from 'react'
import { isLabGroup } from '../../../electron/contract/constants.ts'
import { endpointText } from '../../../electron/contract/format.ts'
import type { Lab } from '../../../electron/contract/lab.ts'
import { hrefOf } from '../../model/route.ts'
import { useEngineNow, useLab, useSession } from '../../model/store/context.ts'
import { useGroupsOnPort } from '../../model/store/groups-on-port.ts'
import banner from '../../ui/banner.module.css'
import control from '../../ui/control.module.css'
import { formatCount } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Pane } from '../../ui/pane.tsx'
import { Sign } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { Button, buttonClass, LabTag, UnknownText } from '../../ui/widgets.tsx'
import { AddMember } from './add-member.tsx'
import { ErrorText } from './error-text.tsx'
import labHead from './lab-head.module.css'
import css from './lab-page.module.css'
import { arrivals, labSentence, timeLeft } from './lab-texts.ts'
import { MemberButtons, MembersTable, State } from './members-table.tsx'
import { useLabActions, useRequests } from './store.ts'
import { TrafficPanel } from './traffic-panel.tsx'
import { receivedByAll } from './worker-rows.ts'

export function LabPage({ id }: { id: string }) {
  const lab = useLab(({ labs }) => labs.find((one) => one.id === id) ?? null)
  // The last state stays on screen when the lab ends: the counts are the result.
  const last = useRef<Lab | null>(null)
  if (lab !== null) last.current = lab
  const shown = last.current
  if (shown === null) return <Missing id={id} />
  return <LabDetails lab={shown} closed={lab === null} />
}

function Missing({ id }: { id: string }) {
  return (
    <>
      <h1 className={text.hidden}>Test listeners {id}</h1>
      <Pane
        icon={<Sign name="unknown" label="" />}
        title="There are no such test listeners"
        ways={
          <a className={buttonClass('primary')} href={hrefOf({ screen: 'lab', page: 'new' })}>
            New test listeners
          </a>
        }
      >
        <p>
          No test listeners have the id <code>{id}</code>. Test listeners close when they are stopped, when their time
          is up, and when the program that started them exits.
        </p>
      </Pane>
    </>
  )
}

function LabDetails({ lab, closed }: { lab: Lab; closed: boolean }) {
  const [marked, setMarked] = useState<number | null>(null)
  const refused = useRequests(({ problems }) => problems.lab ?? null)
  return (
    <>
      {closed && (
        <div className={banner.banner} role="status">
          <Sign name="gone" label="" />
          <p>
            <b>These test listeners are closed.</b> The last known state stays here.
          </p>
          <a className={buttonClass()} href={hrefOf({ screen: 'lab', page: 'new' })}>
            New test listeners
          </a>
        </div>
      )}
      <Head lab={lab} closed={closed} />
      {refused !== null && <ErrorText problem={refused} />}
      <div className={css.standing}>
        <section className={css.received} aria-label="Received per worker">
          <h2>
            Received per worker{' '}
            <span className={text.quiet}>
              {formatCount(receivedByAll(lab))} {arrivals(lab.request.protocol)}s received
            </span>
          </h2>
          {lab.request.acceptModel !== 'reuseport' && <OneSocket lab={lab} closed={closed} />}
          <MembersTable lab={lab} closed={closed} mark={setMarked} />
        </section>
        {closed ? null : <TrafficPanel lab={lab} full marked={marked} />}
      </div>
    </>
  )
}

function Head({ lab, closed }: { lab: Lab; closed: boolean }) {
  const open = useSession(({ client }) => client !== null)
  const { stopLab } = useLabActions()
  const now = useEngineNow(1000)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    // After Start its button no longer exists: move the focus to the heading.
    if (document.activeElement === document.body) heading.current?.focus()
  }, [])
  return (
    <header className={labHead.head}>
      <h1 ref={heading} tabIndex={-1}>
        <span className={clsx(text.mono, labHead.endpoint)}>{visibleText(endpointText(lab.address, lab.port))}</span>{' '}
        <span className={labHead.protocol}>{lab.request.protocol}</span> <LabTag className={labHead.tag} />
      </h1>
      <div className={clsx(control.row, labHead.actions)}>
        <GroupLink lab={lab} />
        {!closed && (
          <>
            {lab.request.acceptModel === 'reuseport' && <AddMember lab={lab} />}
            <Button look="stop" isDisabled={!open} onPress={() => void stopLab(lab.id)}>
              <Icon name="stop" />
              Close all
            </Button>
          </>
        )}
      </div>
      <p>
        {labSentence(lab)}. {lab.ownNamespace && `They run in their own network namespace (${lab.netns}). `}
        {!lab.own && 'Another program of yours started them. '}
        {!closed && (
          <span title={new Date(lab.endsAt).toLocaleString('en-GB')}>
            They close automatically: {timeLeft(lab.endsAt, now)}.
          </span>
        )}
      </p>
    </header>
  )
}

/** Link to the group with the same sockets; nothing until it is in the table. */
function GroupLink({ lab }: { lab: Lab }) {
  const row = useGroupsOnPort(lab.port).find(
    (one) =>
      one.protocol === lab.request.protocol &&
      one.netns === lab.netns &&
      one.address === lab.address &&
      isLabGroup(one),
  )
  if (row === undefined) return null
  return (
    <a className={buttonClass()} href={hrefOf({ screen: 'group', id: row.id })}>
      Open group
    </a>
  )
}

/** The single socket that all workers share. */
function OneSocket({ lab, closed }: { lab: Lab; closed: boolean }) {
  const [member] = lab.members
  if (member === undefined) return null
  return (
    <p className={css.socket}>
      One socket, cookie <span className={text.mono}>{member.cookie === '' ? <UnknownText /> : member.cookie}</span>,
      process <span className={text.mono}>{member.pid}</span> <State member={member} />
      {!closed && <MemberButtons id={lab.id} member={member} />}
    </p>
  )
}
