/** The color step of a queue. */

export type UtilizationBand = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 'full' | 'unknown'

/**
 * The step of the color ramp --q-0 to --q-6 and --q-full of tokens.css, for thousandths of the limit
 * (contract/utilization.ts). A queue at its limit still accepts one more.
 */
export function utilizationBand(thousandths: number): UtilizationBand {
  if (thousandths < 0) return 'unknown'
  if (thousandths === 0) return 0
  if (thousandths <= 120) return 1
  if (thousandths <= 250) return 2
  if (thousandths <= 400) return 3
  if (thousandths <= 600) return 4
  if (thousandths <= 800) return 5
  return thousandths <= 1000 ? 6 : 'full'
}
