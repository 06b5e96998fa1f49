/** The figures of a recipe's ways, a row each, so that the numbers of a row can be compared at a glance. */
import type { Way } from '../../electron/contract/lab.ts'

/** `format` gives all numbers of the row the same decimals. */
export type FigureRow = { readonly name: string; readonly format: (value: number) => string }

/** In the order in which the ways name them. */
export function figureRows(ways: readonly Way[]): readonly FigureRow[] {
  const figures = ways.flatMap((way) => way.figures)
  return [...new Set(figures.map(({ name }) => name))].map((name) => {
    const values = figures.flatMap((figure) => (figure.name === name && figure.value !== null ? [figure.value] : []))
    const { format } = new Intl.NumberFormat('en', decimals(values))
    return { name, format }
  })
}

/** Whole numbers stay whole; what is small keeps three digits that say something. */
function decimals(values: readonly number[]): Intl.NumberFormatOptions {
  const most = Math.max(0, ...values.map(Math.abs))
  const digits = values.every(Number.isInteger) || most >= 1000 ? 0 : most >= 10 ? 1 : 2
  return { minimumFractionDigits: digits, maximumFractionDigits: digits }
}
