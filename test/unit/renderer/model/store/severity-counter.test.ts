/** The counts beside the verdict are those of the chosen namespaces. */
import { expect, test } from 'vitest'
import { GroupTable } from '../../../../../renderer/model/groups/group-table.ts'
import { History } from '../../../../../renderer/model/history/history.ts'
import { SeverityCounter } from '../../../../../renderer/model/store/severity-counter.ts'
import { groupRow, withQueue } from '../../../../doubles/group-rows.ts'
import { aSampling } from '../../../../doubles/snapshots.ts'

test('of one namespace, and how many are in trouble elsewhere', () => {
  const table = new GroupTable(new History(1 << 20))
  const counter = new SeverityCounter(table)
  table.subscribeAll((touched) => counter.take(touched))
  const full = withQueue(groupRow({ netns: 1 }), 0, 512)
  const near = withQueue(groupRow({ netns: 2 }), 0, 500)
  table.apply(
    {
      cursor: 'c',
      reset: true,
      more: false,
      removed: [],
      rows: [full, near, groupRow({ netns: 2, port: 80 }), groupRow({ netns: 2, port: 22, sharing: 'none' })],
      totals: { groups: 3, sockets: 12, unshared: 1, ownersHidden: 0, processesRefused: 0 },
      namespaces: [],
      sampler: aSampling(),
    },
    0,
  )
  expect(counter.count()).toMatchObject({ counts: { critical: 1, warning: 1 }, worst: { id: full.id }, chosen: null })
  counter.setScope(({ netns }) => netns === 2)
  expect(counter.count()).toMatchObject({
    counts: { critical: 0, warning: 1 },
    worst: { id: near.id },
    chosen: 2,
    elsewhere: 1,
  })
})
