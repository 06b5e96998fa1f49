/** Figures of variants: one row per name, the same decimals in a row. */
import { expect, test } from 'vitest'
import type { Variant } from '../../../../../electron/contract/lab.ts'
import { figureRows } from '../../../../../renderer/features/lab/figure-rows.ts'

const way = (values: Record<string, number | null>): Variant => ({
  title: '',
  subtitle: '',
  shape: 'shared',
  counts: [],
  figures: Object.entries(values).map(([name, value]) => ({ name, value, unit: '', highlight: null })),
})

test('numbers of a row can be compared at a glance', () => {
  const ways = [
    way({ ratio: 1, rate: 31_400.4, lost: 0, latency: 4.1 }),
    way({ ratio: 8.214, rate: 58_900, lost: 37, latency: 12.25, moved: null }),
  ]
  const written = figureRows(ways).map(({ name, format }) => [
    name,
    ...ways.map(({ figures }) => {
      const value = figures.find((figure) => figure.name === name)?.value
      return value == null ? null : format(value)
    }),
  ])
  expect(written).toEqual([
    ['ratio', '1.00', '8.21'],
    ['rate', '31,400', '58,900'],
    ['lost', '0', '37'],
    ['latency', '4.1', '12.3'],
    ['moved', null, null],
  ])
})
