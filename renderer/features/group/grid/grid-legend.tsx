/** Members per color, on a logarithmic scale: the histogram is the legend. */
import { clsx } from 'clsx'
import { formatCount, formatRate, formatRatio, formatSpan } from '../../../ui/format.ts'
import { UnknownText } from '../../../ui/widgets.tsx'
import type { ColorBy, GridSummary } from './grid-colors.ts'
import { FULL, UNKNOWN } from './grid-colors.ts'
import css from './grid-legend.module.css'

const TITLES: Record<ColorBy, string> = {
  fill: 'Members by queue utilization',
  drops: 'Members by drops per second',
  share: 'Members by share of clients, relative to an equal share',
  age: 'Members by process age',
}

/** What stands out by each color. */
const NOTABLE: Record<ColorBy, { name: string; bad: boolean }> = {
  fill: { name: 'Full', bad: true },
  drops: { name: 'Dropping', bad: true },
  share: { name: 'No share', bad: true },
  age: { name: 'Started in 1 min', bad: false },
}

/** Bar height in percent, logarithmic so that one member is visible beside a thousand. */
function heightOf(count: number, most: number): number {
  return count === 0 ? 0 : Math.max(3, (Math.log10(count + 1) / Math.log10(most + 1)) * 82)
}

export function GridLegend({ summary, color }: { summary: GridSummary; color: ColorBy }) {
  const { bins, median, percentile99, notable, members } = summary
  const { name, bad } = NOTABLE[color]
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
            <i
              className={clsx(step === UNKNOWN && css.unknown, step === FULL && css.full)}
              style={{
                height: `${heightOf(count, most)}%`,
                background: step === UNKNOWN ? undefined : `var(--q-${step === FULL ? 'full' : step})`,
              }}
            />
            {count > 0 && <b style={{ bottom: `calc(${heightOf(count, most)}% + 2px)` }}>{formatCount(count)}</b>}
            {name !== null && <span>{name}</span>}
          </div>
        ))}
      </div>
      <div className={css.sums}>
        <dl>
          <div>
            <dt>Median</dt>
            <dd>
              <Value value={median} color={color} />
            </dd>
          </div>
          <div>
            <dt>99th percentile</dt>
            <dd>
              <Value value={percentile99} color={color} />
            </dd>
          </div>
          <div>
            <dt>{name}</dt>
            <dd className={bad && notable > 0 ? css.bad : undefined}>{formatCount(notable)}</dd>
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

function Value({ value, color }: { value: number | null; color: ColorBy }) {
  return value === null ? <UnknownText /> : FORMATS[color](value)
}

const FORMATS: Record<ColorBy, (value: number) => string> = {
  fill: (thousandths) => (thousandths > 1000 ? 'full' : `${(thousandths / 10).toFixed(1)} %`),
  drops: (rate) => `${formatRate(rate)}/s`,
  share: (share) => `${formatRatio(share)}×`,
  age: formatSpan,
}
