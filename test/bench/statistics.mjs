/** Medians and spread of repeated measurements, and their budgets. */

/** Median and quartiles: { median, low, high, runs }. */
export function summarize(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
    runs: values.length,
  }
}

/** A single measurement. */
export function single(value) {
  return { median: value, low: value, high: value, runs: 1 }
}

/** Quantile of a sorted list, interpolated between the two nearest values. */
export function quantile(sorted, part) {
  if (sorted.length === 0) return Number.NaN
  const at = (sorted.length - 1) * part
  const below = sorted[Math.floor(at)]
  const above = sorted[Math.ceil(at)]
  return below + (above - below) * (at - Math.floor(at))
}

/** Budgets: { limit, direction }. */
export const atMost = (limit) => ({ limit, direction: 'at most' })
export const atLeast = (limit) => ({ limit, direction: 'at least' })

/** Whether a value meets its budget; null without a budget. */
export function judge(value, budget) {
  if (budget === null) return null
  return budget.direction === 'at most' ? value <= budget.limit : value >= budget.limit
}

/** One line of the bench: a measurement, its budget, and its ratios to references. */
export function result(what, unit, measured, { budget = null, ratios = [] } = {}) {
  return { what, unit, measured, budget, reached: judge(measured.median, budget), ratios }
}

/** Our median divided by that of a reference in the same run. */
export function times(words, ours, reference, budget = null) {
  return compared(words, ours.median / reference.median, reference, budget)
}

/** The inverse: how many times faster ours is. */
export function timesFaster(words, ours, reference, budget = null) {
  return compared(words, reference.median / ours.median, reference, budget)
}

export function compared(words, value, reference, budget) {
  return { words, value, reference, budget, reached: judge(value, budget) }
}
