/** The statistics below the grid are those of the chosen color. */
import { expect, test } from 'vitest'
import { gridSummary } from '../../../../../../renderer/features/group/grid/grid-colors.ts'
import { MemberTable } from '../../../../../../renderer/features/group/member-table.ts'
import { holder, memberRow } from '../../../../../doubles/group-engine.ts'
import { change } from '../change.ts'

const NOW = Date.parse('2026-01-01T00:10:00.000Z')
const members = new MemberTable()
members.apply(
  change({
    joined: [0, 1, 2, 3].map((at) =>
      memberRow(String(at + 1), {
        queue: { length: at === 3 ? 512 : 0, limit: 511, unit: 'connections' },
        dropsPerSecond: at === 3 ? 38 : at,
        holders: [holder(at + 1, 'w', `2026-01-01T00:0${at * 3}:30.000Z`)],
      }),
    ),
  }),
  0,
)
const of = (by: Parameters<typeof gridSummary>[1], shares: number[] = []) => {
  const {
    median,
    percentile99,
    notable,
    members: count,
  } = gridSummary(members.columns(), by, NOW, Float64Array.from(shares))
  return [median, percentile99, notable, count]
}

test('utilization', () => expect(of('fill')).toEqual([0, 1001, 1, 4]))
test('drops', () => expect(of('drops')).toEqual([1, 38, 3, 4]))
test('age', () => expect(of('age')).toEqual([210_000, 570_000, 1, 4]))
test('share, with one unknown', () => expect(of('share', [0, 1, 2, Number.NaN])).toEqual([1, 2, 1, 4]))
