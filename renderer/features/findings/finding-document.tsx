/** One finding: summary, numbers, explanation, advice and evidence, always in this order. */
import { clsx } from 'clsx'
import { MenuItem } from 'react-aria-components'
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import { isLabGroup } from '../../../electron/contract/constants.ts'
import { textsFor } from '../../../electron/contract/finding-types.ts'
import { protocolName } from '../../../electron/contract/format.ts'
import { type MuteTime, useMuting } from '../../model/findings/mute.ts'
import { shortSummary } from '../../model/findings/short-summary.ts'
import { hrefOf } from '../../model/route.ts'
import { usePageStore, useSession } from '../../model/store/context.ts'
import { CodedText } from '../../ui/coded-text.tsx'
import control from '../../ui/control.module.css'
import { FloatingMenu } from '../../ui/floating-menu.tsx'
import { addressText, countOf, formatCount } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Name } from '../../ui/name.tsx'
import { Sign } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { nameInText, visibleText } from '../../ui/visible-text.ts'
import { Button, buttonClass, LabTag, UnknownText } from '../../ui/widgets.tsx'
import css from './document.module.css'
import { FindingSteps, useSteps } from './finding-steps.tsx'
import { nameText, numberText } from './format-number.ts'
import { isAboutQueues, QueueChart } from './queue-chart.tsx'
import { formatTimestamp, RelativeTime } from './relative-time.tsx'
import { TryInLab } from './try-in-lab.tsx'

/** `cleared`: it no longer applies, and is shown as last reported. */
export function FindingDocument({
  finding,
  cleared,
  incident,
}: {
  finding: FindingRow
  cleared: boolean
  /** The findings that have the same cause, this one among them. */
  incident: readonly FindingRow[]
}) {
  const answer = useSteps(finding.id, !cleared)
  const { code, severity, evidence, explanation, advice, group } = finding
  const [first] = incident.flatMap(({ raisedAt }) => raisedAt ?? []).sort()
  const beganAt = answer?.incident?.beganAt ?? first ?? finding.raisedAt
  return (
    <article className={clsx(css.document, cleared && css.cleared)} aria-label="Selected finding">
      {cleared && (
        <p className={css.ended} role="status">
          <Sign name="ok" label="" />
          <b>This finding has cleared.</b> It is shown as last seen.
        </p>
      )}
      <header>
        <Sign name={severity} size="large" />
        <h2>{visibleText(shortSummary(finding))}</h2>
        <div className={clsx(control.row, css.ways)}>
          <a className={buttonClass()} href={hrefOf({ screen: 'group', id: group })}>
            Open group
          </a>
          {!cleared && <MuteButton finding={finding} />}
        </div>
      </header>
      <Place finding={finding} />
      {beganAt !== null && !cleared && <Cost beganAt={beganAt} lost={answer?.incident?.lost ?? null} />}
      <div className={clsx(css.numbers, isAboutQueues(code) && css.withChart)}>
        {isAboutQueues(code) && (
          <QueueChart
            group={group}
            beganAt={beganAt === null ? null : Date.parse(beganAt)}
            endedAt={null}
            marks={beganAt === null ? [] : [{ at: Date.parse(beganAt), text: 'raised' }]}
          />
        )}
        <table aria-label="Numbers">
          <tbody>
            {evidence.map(({ name, value, unit }) => (
              <tr key={name}>
                <th scope="row">{nameText(visibleText(name))}</th>
                <td>
                  {value === null ? <UnknownText why="It could not be read" /> : <Value value={value} unit={unit} />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h3>What is going on</h3>
      <p>
        <CodedText text={explanation} />
      </p>
      <h3>What to do</h3>
      <p>
        <CodedText text={advice} />
      </p>
      {answer !== null && <FindingSteps answer={answer} />}
      <TryInLab code={code} />
      {incident.length > 1 && <SameCause findings={incident} chosen={finding.id} />}
      <h3>Evidence</h3>
      <p>
        <CodedText text={textsFor(code).source} />
      </p>
    </article>
  )
}

/** When the incident began, how long it has lasted, and what it has cost. */
function Cost({ beganAt, lost }: { beganAt: string; lost: number | null }) {
  return (
    <dl className={css.cost}>
      <div>
        <dt>Began</dt>
        <dd>{formatTimestamp(beganAt, Date.now())}</dd>
      </div>
      <div>
        <dt>Open for</dt>
        <dd>
          <RelativeTime at={beganAt} />
        </dd>
      </div>
      {lost !== null && (
        <div>
          <dt>Lost so far</dt>
          <dd className={lost > 0 ? css.lost : undefined}>{formatCount(lost)}</dd>
        </div>
      )}
    </dl>
  )
}

function SameCause({ findings, chosen }: { findings: readonly FindingRow[]; chosen: string }) {
  return (
    <>
      <h3>One incident</h3>
      <p>These findings of the group have one cause, and clear one after the other.</p>
      <ul className={css.same}>
        {findings.map((finding) => (
          <li key={finding.id}>
            <Sign name={finding.severity} />
            {finding.id === chosen ? (
              <b>{visibleText(shortSummary(finding))}</b>
            ) : (
              <a className={text.inline} href={hrefOf({ screen: 'findings', finding: finding.id })}>
                {visibleText(shortSummary(finding))}
              </a>
            )}
            {finding.raisedAt !== null && <RelativeTime at={finding.raisedAt} className={text.quiet} />}
          </li>
        ))}
      </ul>
    </>
  )
}

function Place({ finding: { key, group, code } }: { finding: FindingRow }) {
  const namespace = useSession((session) => session.namespaces.find(({ inode }) => inode === key.netns))
  const row = usePageStore().groups.table.get(group)?.row
  const owners = row?.owners.map(({ command }) => nameInText(command)).join(', ')
  return (
    <p className={clsx(text.second, css.place)}>
      <span className={text.mono}>
        {addressText(key.address, key.family, key.interface)}:{key.port}
      </span>
      <span>{protocolName(key)}</span>
      {row !== undefined && isLabGroup(row) && <LabTag />}
      {namespace?.self === false && (
        <span>
          in <Name>{namespace.name}</Name>
        </span>
      )}
      {row !== undefined && (
        <span>
          {owners === '' ? 'owner unknown' : owners}, {countOf(row.receiving, 'member')}
        </span>
      )}
      <code className={text.quiet}>{visibleText(code)}</code>
    </p>
  )
}

function Value({ value, unit }: { value: number; unit: string | null }) {
  const [number, name] = numberText(value, unit)
  return (
    <>
      {number}
      {name !== '' && <span className={text.quiet}> {visibleText(name)}</span>}
    </>
  )
}

/** What a choice of the menu mutes, and for how long. */
function muteChoice({ id, code }: FindingRow, chosen: string): [name: string, time: MuteTime] {
  if (chosen === 'type') return [code, 'forever']
  return [id, chosen === 'hour' || chosen === 'day' ? chosen : 'forever']
}

function MuteButton({ finding }: { finding: FindingRow }) {
  const kindMuted = useSession(({ settings }) => settings?.mutedFindings.includes(finding.code) ?? false)
  const { mute, unmute } = useMuting()
  if (finding.muted) {
    return <Button onPress={() => unmute(finding)}>{kindMuted ? 'Unmute all of this type' : 'Unmute'}</Button>
  }
  return (
    <FloatingMenu
      label="Mute"
      placement="bottom end"
      choose={(chosen) => mute(...muteChoice(finding, chosen))}
      button={
        <Button>
          <Icon name="mute" />
          Mute
          <Icon name="down" dim />
        </Button>
      }
    >
      <MenuItem id="hour">For 1 hour</MenuItem>
      <MenuItem id="day">For 1 day</MenuItem>
      <MenuItem id="forever">Forever, in this group</MenuItem>
      <MenuItem id="type" textValue={`All findings of type ${visibleText(finding.code)}`}>
        All findings of type <code>{visibleText(finding.code)}</code>
      </MenuItem>
    </FloatingMenu>
  )
}
