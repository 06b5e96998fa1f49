/** The variants of a recipe side by side: a diagram, the counts per worker, and the figures below. */
import { clsx } from 'clsx'
import type { RecipeRun, Variant } from '../../../electron/contract/lab.ts'
import { Sign } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { UnknownText } from '../../ui/widgets.tsx'
import { barsOf, barsText, topOf, workerName } from './bar-heights.ts'
import { type FigureRow, figureRows } from './figure-rows.ts'
import { SHAPE_HEIGHT, SHAPE_WIDTH, shapeOf, WORKER_X } from './shape-geometry.ts'
import css from './variants-table.module.css'

export function VariantsTable({ run }: { run: RecipeRun }) {
  const { variants, endedAt } = run
  const top = topOf(variants)
  const running = endedAt === null ? run.running : null
  return (
    // A scrollable region must be focusable, so that the keyboard can scroll it.
    <section className={css.variants} aria-label="Results" tabIndex={0}>
      <table style={{ '--ways': variants.length } as React.CSSProperties}>
        <thead>
          <tr>
            <td />
            {variants.map((variant) => (
              <th key={variant.title} scope="col">
                {variant.title}
                <p>{variant.subtitle}</p>
                <ShapeDiagram variant={variant} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row" className={css.who}>
              Received
              <br />
              per worker
            </th>
            {variants.map((variant, place) => (
              <td key={variant.title}>
                <BarChart variant={variant} top={top} running={place === running} />
              </td>
            ))}
          </tr>
          {figureRows(variants).map((row) => (
            <tr key={row.name} className={css.figure}>
              <th scope="row">{row.name}</th>
              {variants.map((variant, place) => (
                <td key={variant.title}>
                  <Figure variant={variant} row={row} running={place === running} ended={endedAt !== null} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** Decorative: the text above describes how sockets and workers are connected. */
function ShapeDiagram({ variant }: { variant: Variant }) {
  const { wires, sockets, thread, workers } = shapeOf(variant.shape, variant.counts.length)
  return (
    <svg className={css.shape} viewBox={`0 0 ${SHAPE_WIDTH} ${SHAPE_HEIGHT}`} aria-hidden="true">
      {wires.map((d) => (
        <path key={d} className={css.wire} d={d} />
      ))}
      {sockets.map(({ x, y, size, quiet }) => (
        <rect
          key={y}
          className={clsx(css.socket, quiet && css.quiet)}
          x={x - size / 2}
          y={y - size / 2}
          width={size}
          height={size}
          rx={size / 5}
        />
      ))}
      {thread !== null && <circle className={clsx(css.worker, css.one)} cx={thread.x} cy={thread.y} r="5.5" />}
      {workers.map(({ y }) => (
        <circle key={y} className={css.worker} cx={WORKER_X} cy={y} r="3.2" />
      ))}
    </svg>
  )
}

function BarChart({ variant, top, running }: { variant: Variant; top: number; running: boolean }) {
  const { bars, mean } = barsOf(variant, top)
  const notes = variant.counts.filter(({ note }) => note !== null)
  return (
    <>
      <div className={clsx(css.bars, running && css.running)} role="img" aria-label={visibleText(barsText(variant))}>
        {bars.map(({ label, height, words }) => (
          <span key={label} className={css.bar} title={visibleText(workerName(label))}>
            <i style={{ height: `${height * 100}%` }} />
            {words !== null && <b style={{ bottom: `${height * 100}%` }}>{words}</b>}
          </span>
        ))}
        {mean !== null && <span className={css.mean} style={{ bottom: `${mean * 100}%` }} />}
      </div>
      {variant.counts.some(({ label }) => workerName(label) === label) && (
        <p className={css.names} aria-hidden="true">
          {variant.counts.map(({ label }) => (
            <span key={label}>{visibleText(label)}</span>
          ))}
        </p>
      )}
      {notes.length > 0 && (
        <p className={css.notes}>
          {notes.map(({ label, note }) => visibleText(`${workerName(label)}: ${note}`)).join('; ')}
        </p>
      )}
    </>
  )
}

function Figure({
  variant,
  row,
  running,
  ended,
}: {
  variant: Variant
  row: FigureRow
  running: boolean
  ended: boolean
}) {
  const figure = variant.figures.find(({ name }) => name === row.name)
  if (figure === undefined) return <span className={text.quiet}>–</span>
  const { value, unit, highlight } = figure
  if (value === null) {
    return ended ? (
      <UnknownText why="Could not be measured here">not measured</UnknownText>
    ) : (
      <span className={text.quiet}>not yet</span>
    )
  }
  return (
    <span className={highlight === null ? undefined : css[highlight]}>
      {row.format(value)} {unit !== '' && <span className={clsx(text.quiet, css.unit)}>{unit}</span>}
      {running && <span className={clsx(text.quiet, css.unit)}> so far</span>}
      {highlight === 'best' && <Sign name="ok" label="best" />}
      {highlight === 'bad' && <span className={text.hidden}>, stands out</span>}
    </span>
  )
}
