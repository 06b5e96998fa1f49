/** Medians and spread of repeated measurements. */

/** The middle value, and the middle half: { median, low, high, runs }. */
export function summarise(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
    runs: values.length,
  }
}

/** Of a sorted list, between the two nearest values. */
function quantile(sorted, part) {
  if (sorted.length === 0) return Number.NaN
  const at = (sorted.length - 1) * part
  const below = sorted[Math.floor(at)]
  const above = sorted[Math.ceil(at)]
  return below + (above - below) * (at - Math.floor(at))
}
