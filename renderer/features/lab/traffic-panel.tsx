/** Traffic to one lab: the form, or the progress. */
import { clsx } from 'clsx'
import { earlyEndReason, endpointText } from '../../../electron/contract/format.ts'
import type { Lab, Traffic } from '../../../electron/contract/lab.ts'
import { hrefOf } from '../../model/route.ts'
import { useSession } from '../../model/store/context.ts'
import control from '../../ui/control.module.css'
import { countOf, formatCount, formatRate } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { Button, LabTag } from '../../ui/widgets.tsx'
import labForm from './lab-form.module.css'
import { arrivals, failuresText, latencyText, trafficProgress } from './lab-texts.ts'
import { ShareChart } from './share-chart.tsx'
import { useLabActions } from './store.ts'
import { TrafficForm } from './traffic-form.tsx'
import css from './traffic-panel.module.css'

/** `full`: with all figures, on the lab's own page. */
export function TrafficPanel({ lab, full, marked = null }: { lab: Lab; full: boolean; marked?: number | null }) {
  const { traffic } = lab
  const endpoint = visibleText(endpointText(lab.address, lab.port))
  const running = traffic !== null && traffic.endedAt === null
  return (
    <section className={clsx(labForm.section, css.traffic, full && css.full)} aria-label="Traffic">
      <h2>
        Traffic{' '}
        {!full && (
          <>
            <LabTag />
            <a className={text.mono} href={hrefOf({ screen: 'lab', page: { id: lab.id } })}>
              {endpoint}
            </a>
          </>
        )}
      </h2>
      {traffic !== null && <Progress traffic={traffic} what={arrivals(lab.request.protocol)} />}
      <ShareChart lab={lab} marked={marked} />
      {full && traffic !== null && <Figures traffic={traffic} />}
      {running ? <RunningRow lab={lab} traffic={traffic} /> : <TrafficForm lab={lab} endpoint={endpoint} />}
    </section>
  )
}

/** Where no test listeners are open. */
export function NoTraffic() {
  return (
    <section className={clsx(labForm.section, css.traffic)} aria-label="Traffic">
      <h2>Traffic</h2>
      <p>
        No test listeners are open. You can send connections or datagrams to those that you start here, and only to
        those, and see how many each worker receives.
      </p>
    </section>
  )
}

function Progress({ traffic, what }: { traffic: Traffic; what: string }) {
  const { sent, request, endedAt } = traffic
  const share = trafficProgress(traffic)
  return (
    <>
      <p role="status" aria-live={endedAt === null ? 'off' : 'polite'}>
        <b>{formatCount(sent)}</b> of {countOf(request.count, what)} sent, {failuresText(traffic)}
        {endedAt !== null && sent < request.count && ', ended before all were sent'}
        {traffic.failed && <b>. {earlyEndReason(traffic)}</b>}
      </p>
      <ProgressBar
        className={css.bar}
        label="Traffic"
        share={share}
        text={`${formatCount(sent)} of ${formatCount(request.count)} sent`}
      />
    </>
  )
}

function RunningRow({ lab, traffic }: { lab: Lab; traffic: Traffic }) {
  const open = useSession(({ client }) => client !== null)
  const { stopTraffic } = useLabActions()
  const { rate, count } = traffic.request
  return (
    <div className={clsx(control.row, css.running)}>
      <span className={css.reading}>
        <span className={text.quiet}>rate</span> {rate === null ? 'unlimited' : `${formatRate(rate)} /s`}
      </span>
      <span className={css.reading}>
        <span className={text.quiet}>total</span> {formatCount(count)}
      </span>
      <Button look="stop" isDisabled={!open} onPress={() => void stopTraffic(lab.id)}>
        <Icon name="stop" />
        Stop
      </Button>
    </div>
  )
}

/** The figures, in two lists: outcome and latency. */
function Figures({ traffic }: { traffic: Traffic }) {
  const { perSecond, done, refused, resets, timeouts, otherErrors, latency, moved } = traffic
  const errors = [
    ['Refused', refused],
    ['Reset', resets],
    ['Timed out', timeouts],
    ['Other errors', otherErrors],
  ] as const
  return (
    <div className={css.figures}>
      <dl aria-label="Outcome">
        <FigureRow
          name={traffic.endedAt === null ? 'Rate now' : 'Overall rate'}
          text={formatRate(perSecond)}
          unit="/s"
        />
        <FigureRow name="Done" text={formatCount(done)} />
        {errors.map(([name, count]) => (
          <FigureRow key={name} name={name} text={formatCount(count)} look={count > 0 ? 'bad' : 'none'} />
        ))}
      </dl>
      <dl aria-label="Latency">
        {latency === null ? (
          <FigureRow name="Latency" text="not timed" look="none" />
        ) : (
          (
            [
              ['Median', latency.p50],
              ['p90', latency.p90],
              ['p99', latency.p99],
              ['p99.9', latency.p999],
              ['Max', latency.max],
            ] as const
          ).map(([name, microseconds]) => {
            const [text, unit] = latencyText(microseconds)
            return <FigureRow key={name} name={name} text={text} unit={unit} />
          })
        )}
        {latency !== null && <FigureRow name="Samples" text={formatCount(latency.samples)} look="none" />}
        {moved !== null && (
          <FigureRow name="Clients moved" text={formatCount(moved)} look={moved > 0 ? 'bad' : 'none'} />
        )}
      </dl>
    </div>
  )
}

function FigureRow(props: { name: string; text: string; unit?: string; look?: 'bad' | 'none' }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd className={props.look && css[props.look]}>
        {props.text}
        {props.unit !== undefined && <span className={text.quiet}> {props.unit}</span>}
      </dd>
    </div>
  )
}
