/** The page of a finished recipe: verdict, variants, checks with their pass criteria, explanation. */
import type { Check, Recipe, RecipeRun, Variant } from '../../../contract/lab.ts'
import { formatCount } from '../format.ts'
import { type Line, line, span, type Tone } from '../text.ts'
import { wrap } from '../width.ts'
import { bars } from './bars.ts'

const OUTCOMES: Record<NonNullable<RecipeRun['verdict']>['outcome'], readonly [word: string, tone: Tone]> = {
  holds: ['holds', 'good'],
  fails: ['fails', 'bad'],
  partial: ['holds as far as it could be checked', 'warning'],
  stopped: ['stopped', 'warning'],
}

/** The run in lines of at most `columns` columns. */
export function recipePage(run: RecipeRun, recipe: Recipe | undefined, columns: number): Line[] {
  const width = Math.min(columns, 100)
  const paragraph = (text: string, indent = '') => wrap(text, width, indent).map((part) => line(part))
  const { verdict } = run
  const [word, tone] = verdict === null ? (['running', 'quiet'] as const) : OUTCOMES[verdict.outcome]
  return [
    line(span(recipe?.title ?? run.recipe, 'strong'), '  ', span(word, tone)),
    ...(verdict === null ? [] : [...paragraph(verdict.summary), ...paragraph(verdict.detail)]),
    ...run.variants.flatMap((way) => [line(''), ...variantLines(way, width)]),
    ...(run.checks.length === 0 ? [] : [line(''), line(span('Checks', 'head'))]),
    ...run.checks.flatMap((trial) => checkLines(trial, width)),
    line(''),
    line(span('Explanation', 'head')),
    ...run.explanation.flatMap((text) => paragraph(text, '  ')),
  ]
}

function variantLines(way: Variant, columns: number): Line[] {
  return [
    line(span(way.title, 'strong'), '  ', span(way.subtitle, 'quiet')),
    ...bars(way.counts, columns),
    line(
      '  ',
      ...way.figures.flatMap((figure, at) => [
        span(`${at > 0 ? '   ' : ''}${figure.name} `, 'quiet'),
        span(
          formatFigure(figure),
          figure.highlight === 'bad' ? 'warning' : figure.highlight === 'best' ? 'strong' : 'plain',
        ),
        ...(figure.highlight === 'best' ? [span(' best', 'quiet')] : []),
      ]),
    ),
  ]
}

function formatFigure({ value, unit }: Variant['figures'][number]): string {
  if (value === null) return '–'
  const number =
    Number.isInteger(value) || value >= 100 ? formatCount(Math.round(value)) : String(Number(value.toPrecision(3)))
  return unit === '' ? number : `${number} ${unit}`
}

function checkLines({ claim, observed, holds, threshold }: Check, columns: number): Line[] {
  const [word, tone] =
    holds === null
      ? (['skipped', 'warning'] as const)
      : holds
        ? (['pass', 'good'] as const)
        : (['fail', 'bad'] as const)
  const margin = ' '.repeat(9)
  const [first = '', ...rest] = wrap(claim, columns, margin)
  const quiet = (text: string) => wrap(text, columns, margin).map((part) => line(span(part, 'quiet')))
  return [
    line(span(word.padEnd(7), tone), '  ', first.trimStart()),
    ...rest.map((part) => line(part)),
    ...wrap(`Observed: ${observed}`, columns, margin).map((part) => line(part)),
    ...quiet(`Pass criterion: ${threshold}`),
  ]
}
