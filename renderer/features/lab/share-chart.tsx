/** The share of each worker over time, as lines around the even share. */
import type { Lab } from '../../../electron/contract/lab.ts'
import { usePageStore } from '../../model/store/context.ts'
import { formatClock, formatCount } from '../../ui/format.ts'
import css from './share-chart.module.css'
import { LINES_HEIGHT, LINES_WIDTH, percent, shareLines, sharesText } from './share-lines.ts'

/** `marked`: the worker whose line is highlighted while the pointer is on its row. */
export function ShareChart({ lab, marked = null }: { lab: Lab; marked?: number | null }) {
  const history = usePageStore().lab.historyOf(lab.id)
  const { samples, from } = history
  const snapshot = shareLines(samples)
  const count = lab.workers.length
  if (snapshot === null || count < 2) return null
  const { lines, band } = snapshot
  return (
    <>
      <div
        className={css.lines}
        role="img"
        aria-label={`Share of each of ${formatCount(count)} workers: ${sharesText(samples.at(-1))}`}
      >
        <svg viewBox={`0 0 ${LINES_WIDTH} ${LINES_HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          {band !== null && (
            <>
              <path className={css.area} d={band.area} />
              <path className={css.median} d={band.median} />
            </>
          )}
          <path className={css.even} d={`M0 ${LINES_HEIGHT / 2}H${LINES_WIDTH}`} />
          {lines.map((d, worker) => (
            <path
              key={lab.workers[worker]?.index ?? worker}
              className={marked === null ? undefined : marked === worker ? css.marked : css.other}
              stroke={`var(--series-${worker + 1})`}
              d={d}
            />
          ))}
        </svg>
        <span>{percent(1 / count)} %</span>
      </div>
      <p className={css.caption}>
        {band === null
          ? `Share of each of the ${formatCount(count)}`
          : `Shares of all ${formatCount(count)}, from lowest to highest,`}{' '}
        {from === null ? 'so far' : `since ${formatClock(from)}`}. {sharesText(samples.at(-1))}
      </p>
    </>
  )
}
