/** Members per color, on a logarithmic scale: the histogram is the legend. */
import { clsx } from 'clsx'
import { formatCount } from '../../../ui/format.ts'
import { UnknownText } from '../../../ui/widgets.tsx'
import type { ColorBy, Summary } from './grid-colors.ts'
import { UNKNOWN } from './grid-colors.ts'
import css from './grid-legend.module.css'

const TITLES: Record<ColorBy, string> = {
  fill: 'Members by queue utilization',
  drops: 'Members by drops per second',
  share: 'Members by share of clients, relative to an equal share',
  age: 'Members by process age',
}

/** Bar height in percent, logarithmic so that one member is visible beside a thousand. */
function heightOf(count: number, most: number): number {
  return count === 0 ? 0 : Math.max(3, (Math.log10(count + 1) / Math.log10(most + 1)) * 82)
}

export function GridLegend({ summary, color }: { summary: Summary; color: ColorBy }) {
  const { bins, median, percentile99, full, members } = summary
  const most = Math.max(1, ...bins.map(({ count }) => count))
  const words = bins
    .filter(({ count }) => count > 0)
    .map(({ name, count }, index) => `${name ?? `bar ${index + 1}`}: ${formatCount(count)}`)
  return (
    <div className={css.legend}>
      <div
        className={css.histogram}
        role="img"
        aria-label={`${TITLES[color]}, ${formatCount(members)} total. ${words.join(', ')}.`}
      >
        {bins.map(({ step, count, name, wide }, index) => (
          <div key={`${step} ${name ?? index}`} className={clsx(css.bin, wide && css.wide)}>
            <i data-color={step === UNKNOWN ? 'unknown' : step} style={{ height: `${heightOf(count, most)}%` }} />
            {count > 0 && <b style={{ bottom: `calc(${heightOf(count, most)}% + 2px)` }}>{formatCount(count)}</b>}
            {name !== null && <span>{name}</span>}
          </div>
        ))}
      </div>
      <div className={css.sums}>
        <dl>
          <div>
            <dt>Median</dt>
            <dd>{formatUtilization(median)}</dd>
          </div>
          <div>
            <dt>99th percentile</dt>
            <dd>{formatUtilization(percentile99)}</dd>
          </div>
          <div>
            <dt>Full</dt>
            <dd className={full > 0 ? css.bad : undefined}>{formatCount(full)}</dd>
          </div>
        </dl>
        <p>
          {TITLES[color]}, logarithmic.
          <br />
          The histogram is the legend.
        </p>
      </div>
    </div>
  )
}

function formatUtilization(thousandths: number | null) {
  if (thousandths === null) return <UnknownText />
  return thousandths > 1000 ? 'full' : `${(thousandths / 10).toFixed(1)} %`
}
