/** An incident that is over: what it was, what it cost, what happened, and how to see what caused it. */
import { clsx } from 'clsx'
import type { LoggedEvent } from '../../../electron/contract/events.ts'
import { textsFor } from '../../../electron/contract/finding-types.ts'
import { protocolName } from '../../../electron/contract/format.ts'
import type { ClearedIncident } from '../../model/findings/cleared-incidents.ts'
import { hrefOf } from '../../model/route.ts'
import { useEvents } from '../../model/store/context.ts'
import control from '../../ui/control.module.css'
import { CommandLine } from '../../ui/copying.tsx'
import { addressText, formatClock, formatCount, formatSpan } from '../../ui/format.ts'
import { Sign } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { buttonClass } from '../../ui/widgets.tsx'
import css from './document.module.css'
import { nameText } from './format-number.ts'
import { isAboutQueues, QueueChart } from './queue-chart.tsx'
import { formatTimestamp, RelativeTime } from './relative-time.tsx'
import { TryInLab } from './try-in-lab.tsx'

/** What happened shortly before may be the cause. */
const BEFORE_MS = 15_000

export function ClearedDocument({ incident }: { incident: ClearedIncident }) {
  const { key, owner, beganAt, clearedAt, lost, lead, last } = incident
  return (
    <article className={css.document} aria-label="Selected incident">
      <p className={css.ended} role="status">
        <Sign name="ok" label="" />
        <span>
          <b>This incident is over.</b> It cleared at {formatTimestamp(last.at, Date.now())},{' '}
          <RelativeTime at={last.at} /> ago.
        </span>
      </p>
      <header>
        <Sign name={lead.severity} size="large" />
        <h2>{nameText(visibleText(lead.summary))}</h2>
        <div className={clsx(control.row, css.ways)}>
          <a className={buttonClass()} href={hrefOf({ screen: 'group', id: key.id })}>
            Open group
          </a>
        </div>
      </header>
      <p className={clsx(text.second, css.place)}>
        <span className={text.mono}>
          {addressText(key.address, key.family, key.interface)}:{key.port}
        </span>
        <span>{protocolName(key)}</span>
        {last.namespace !== null && <span>{visibleText(last.namespace.name)}</span>}
        {owner !== null && <span>{visibleText(owner)}</span>}
        <code className={text.quiet}>{visibleText(lead.code)}</code>
      </p>
      <dl className={css.cost}>
        <div>
          <dt>Began</dt>
          <dd>{formatTimestamp(new Date(beganAt).toISOString(), Date.now())}</dd>
        </div>
        <div>
          <dt>Lasted</dt>
          <dd>{formatSpan(clearedAt - beganAt)}</dd>
        </div>
        {lost !== null && (
          <div>
            <dt>Lost</dt>
            <dd className={lost > 0 ? css.lost : undefined}>{formatCount(lost)}</dd>
          </div>
        )}
      </dl>
      {isAboutQueues(lead.code) && (
        <div className={css.numbers}>
          <QueueChart
            group={key.id}
            beganAt={beganAt}
            endedAt={clearedAt}
            marks={[
              { at: beganAt, text: 'raised' },
              { at: clearedAt, text: 'cleared' },
            ]}
          />
        </div>
      )}
      <h3>What happened</h3>
      <Happened incident={incident} />
      <h3>What to do</h3>
      <ol className={css.after}>
        <li>
          See what this machine logged meanwhile.
          <CommandLine
            command={`sudo journalctl --since @${seconds(beganAt - BEFORE_MS)} --until @${seconds(clearedAt) + 1}`}
          />
        </li>
        <li>
          Watch whether it comes back.
          <CommandLine
            command={`reuseport-inspector events --follow --protocol ${key.protocol} --port ${key.port} --kind raised`}
          />
        </li>
      </ol>
      <TryInLab code={lead.code} />
      <h3>Evidence</h3>
      <p>
        {textsFor(lead.code).source}
        {lost !== null &&
          ' Losses are the difference of the kernel’s drop counters, from the refreshes that raised the first finding until the last one cleared.'}
      </p>
    </article>
  )
}

/** The events of the group from shortly before it began until it was over. */
function Happened({ incident: { key, beganAt, clearedAt } }: { incident: ClearedIncident }) {
  const list = useEvents(({ list }) => list)
  const events = list.filter((event) => {
    const at = Date.parse(event.at)
    return event.key?.id === key.id && at >= beganAt - BEFORE_MS && at <= clearedAt
  })
  return (
    <ul className={css.same}>
      {events.reverse().map((event) => (
        <li key={event.id}>
          <a className={clsx(text.inline, text.mono)} href={hrefOf({ screen: 'events', event: event.id })}>
            <time dateTime={event.at}>{formatClock(Date.parse(event.at))}</time>
          </a>
          <span>{eventText(event)}</span>
        </li>
      ))}
    </ul>
  )
}

function eventText({ kind, severity, summary }: LoggedEvent): string {
  const said = nameText(visibleText(summary))
  return kind === 'raised' && severity !== null ? `${nameText(severity)}: ${said}` : said
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000)
}
