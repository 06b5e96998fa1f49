/** The figures of a recipe's variants, one row per figure, so that a row's numbers can be compared at a glance. */
import type { Variant } from '../../../electron/contract/lab.ts'

/** `format` uses the same number of decimals for the whole row. */
export type FigureRow = { readonly name: string; readonly format: (value: number) => string }

/** In the order in which the variants name them. */
export function figureRows(variants: readonly Variant[]): readonly FigureRow[] {
  const figures = variants.flatMap((variant) => variant.figures)
  return [...new Set(figures.map(({ name }) => name))].map((name) => {
    const values = figures.flatMap((figure) => (figure.name === name && figure.value !== null ? [figure.value] : []))
    const { format } = new Intl.NumberFormat('en', decimals(values))
    return { name, format }
  })
}

/** Whole numbers stay whole; small ones keep about three significant digits. */
function decimals(values: readonly number[]): Intl.NumberFormatOptions {
  const most = Math.max(0, ...values.map(Math.abs))
  const digits = values.every(Number.isInteger) || most >= 1000 ? 0 : most >= 10 ? 1 : 2
  return { minimumFractionDigits: digits, maximumFractionDigits: digits }
}
