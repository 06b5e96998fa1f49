/** A port: who has it, which socket answers, whether a bind would succeed. */
import { clsx } from 'clsx'
import type { Protocol } from '../../../electron/contract/model.ts'
import type { PortUse } from '../../../electron/contract/port.ts'
import { uncheckedOf } from '../../../electron/contract/port-rows.ts'
import { NotLive } from '../../model/not-live.tsx'
import { goTo } from '../../model/route.ts'
import { useSession } from '../../model/store/context.ts'
import { isStale } from '../../model/store/session.ts'
import { Waiting } from '../../model/waiting.tsx'
import { CodedText } from '../../ui/coded-text.tsx'
import { FailedPane } from '../../ui/failed-pane.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Pane } from '../../ui/pane.tsx'
import { problemText } from '../../ui/problem-list.tsx'
import screen from '../../ui/screen.module.css'
import { Sign } from '../../ui/sign.tsx'
import states from '../../ui/states.module.css'
import text from '../../ui/text.module.css'
import { BindMatrix } from './bind-matrix.tsx'
import { InFront } from './in-front.tsx'
import { PortFindings } from './port-findings.tsx'
import { PortHead } from './port-head.tsx'
import { PortInput } from './port-input.tsx'
import css from './port-screen.module.css'
import { rangeFacts } from './port-texts.ts'
import { usePort } from './use-port.ts'
import { WhoAnswers } from './who-answers.tsx'
import { WhoHasIt } from './who-has-it.tsx'

/** `port` null asks for one; `protocol` null shows both. */
export function PortScreen({
  port,
  protocol,
  copyLink,
}: {
  port: number | null
  protocol: Protocol | null
  /** Copies the address; null where it leads nowhere else. */
  copyLink: (() => void) | null
}) {
  const live = useSession(({ source }) => source === null)
  if (live && port !== null) return <OnePort port={port} protocol={protocol} copyLink={copyLink} />
  return (
    <>
      <h1 className={text.hidden}>Port</h1>
      {live ? (
        <WhichPort />
      ) : (
        <NotLive icon="search" title="A port is asked of the live machine">
          <p>Whether a bind would succeed depends on what is there now. A snapshot has the groups on the port.</p>
        </NotLive>
      )}
    </>
  )
}

function WhichPort() {
  return (
    <Pane icon={<Icon name="search" />} title="Which port?" ways={<PortInput focused />}>
      <p>
        Type a number, or a form such as <code>8080/udp</code>: who has it, which socket a client reaches on each
        address, and whether another socket could bind it.
      </p>
    </Pane>
  )
}

function OnePort({
  port,
  protocol,
  copyLink,
}: {
  port: number
  protocol: Protocol | null
  copyLink: (() => void) | null
}) {
  const { use, problem } = usePort(port, protocol)
  const stale = useSession(isStale)
  const reached = useSession((session) => session.complete)
  const choose = (chosen: Protocol | 'both') =>
    goTo({ screen: 'port', port, ...(chosen === 'both' ? {} : { protocol: chosen }) })
  const head = <PortHead port={port} protocol={protocol} use={use} choose={choose} copyLink={copyLink} />
  if (use === null) {
    return (
      <div className={clsx(screen.screen, css.screen)} data-screen="port">
        {head}
        {problem !== null ? <Failed port={port} problem={problem} /> : reached ? <Asking port={port} /> : <Waiting />}
      </div>
    )
  }
  return (
    <div
      className={clsx(screen.screen, css.screen)}
      data-screen="port"
      data-stale={stale || problem !== null || undefined}
    >
      {head}
      {problem !== null && (
        <p className={css.problem} role="status">
          <Sign name="warning" label="" /> Not current: <CodedText text={problemText(problem)} />
        </p>
      )}
      <div className={css.columns}>
        <div>
          <WhoHasIt use={use} />
          <InFront use={use} />
          <WhoAnswers use={use} />
          <PortFindings findings={use.findings} />
        </div>
        <div>
          <section>
            <h2>Would a bind succeed?</h2>
            <BindMatrix port={port} binds={use.binds} />
            <Facts use={use} />
          </section>
          <Limitations texts={uncheckedOf(use)} />
        </div>
      </div>
    </div>
  )
}

function Asking({ port }: { port: number }) {
  return (
    <p className={states.rest} role="status">
      Finding who uses port {port} …
    </p>
  )
}

function Failed({ port, problem }: { port: number; problem: NonNullable<ReturnType<typeof usePort>['problem']> }) {
  return <FailedPane title={`Could not find who uses port ${port}`} problem={problem} />
}

const FACT_SIGNS = { true: 'ok', false: 'info', null: 'unknown' } as const

/** What the settings of the first namespace say: binds are asked there first. */
function Facts({ use }: { use: PortUse }) {
  const [range] = use.ranges
  if (range === undefined) return null
  return (
    <ul className={clsx(text.second, css.facts)}>
      {rangeFacts(range).map(({ text: fact, good }) => (
        <li key={fact}>
          <Sign name={FACT_SIGNS[`${good}`]} size="small" label="" /> {fact}
        </li>
      ))}
    </ul>
  )
}

function Limitations({ texts }: { texts: readonly string[] }) {
  if (texts.length === 0) return null
  return (
    <section>
      <h2>Not checked</h2>
      <ul className={clsx(text.second, css.limitations)}>
        {texts.map((one) => (
          <li key={one}>
            <Sign name="unknown" size="small" label="" />
            <span>
              <CodedText text={one} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
