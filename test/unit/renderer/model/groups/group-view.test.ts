import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { GroupRow, GroupsChange } from '../../../../../electron/contract/live.ts'
import { COLUMNS, columnNamed } from '../../../../../renderer/model/groups/columns.ts'
import { GONE_MS, GroupTable } from '../../../../../renderer/model/groups/group-table.ts'
import { GroupView } from '../../../../../renderer/model/groups/group-view.ts'
import { History } from '../../../../../renderer/model/history/history.ts'
import { groupRow, withQueue } from '../../../../doubles/group-rows.ts'

const NOW = 1_700_000_000_000

function change(rows: GroupRow[], gone: string[] = []): GroupsChange {
  return {
    cursor: 'p',
    reset: false,
    more: false,
    rows,
    removed: gone,
    totals: { sockets: 0, groups: 0, unshared: 0, ownersHidden: 0, processesRefused: 0 },
    namespaces: [],
    sampler: {
      refresh: 1,
      takenAt: null,
      durationMs: 1,
      intervalMs: 1000,
      requestedIntervalMs: 1000,
      paused: false,
      problem: null,
    },
  }
}

function sortOf(id: string, descending: boolean) {
  const column = columnNamed(id)
  if (!column) throw new Error(`no column ${id}`)
  return { column, descending }
}

function shown(rows: GroupRow[], sort = sortOf('state', true)) {
  const table = new GroupTable(new History(1 << 20))
  table.apply(change(rows), NOW)
  const view = new GroupView(table, sort, () => 'host')
  return { table, view, ports: () => view.order.map(({ row }) => row.port) }
}

test('trouble first, the rest by port', () => {
  const { ports } = shown([groupRow({ port: 9 }), groupRow({ port: 1 }), withQueue(groupRow({ port: 5 }), 0, 512)])
  expect(ports()).toEqual([5, 1, 9])
})

test('unshared sockets come after the groups', () => {
  const { ports } = shown([groupRow({ port: 1, sharing: 'none' }), groupRow({ port: 9 })])
  expect(ports()).toEqual([9, 1])
})

test('namespaces are sorted by name, not by inode', () => {
  const table = new GroupTable(new History(1 << 20))
  const names = new Map([
    [4026531840, 'web'],
    [4026532999, 'cache'],
  ])
  table.apply(change([...names.keys()].map((netns) => groupRow({ netns }))), NOW)
  const view = new GroupView(table, sortOf('netns', false), (inode) => names.get(inode) ?? '')
  expect(view.order.map(({ row }) => names.get(row.netns))).toEqual(['cache', 'web'])
})

test('a change that moves nothing keeps the order and notifies no one', () => {
  const { table, view } = shown([groupRow({ port: 1 }), groupRow({ port: 2 })])
  const before = view.order
  let told = 0
  view.subscribe(() => told++)
  table.apply(change([withQueue(groupRow({ port: 1 }), 0, 7)]), NOW)
  expect(view.order).toBe(before)
  expect(told).toBe(0)
})

test('a removed row keeps its place until its mark ends', () => {
  const rows = [1, 2, 3].map((port) => groupRow({ port }))
  const { table, ports } = shown(rows)
  table.apply(change([], [groupRow({ port: 2 }).id]), NOW)
  expect(ports()).toEqual([1, 2, 3])
  table.sweep(NOW + GONE_MS)
  expect(ports()).toEqual([1, 3])
})

test('a row appears when it starts to match, and disappears when it stops', () => {
  const { table, view, ports } = shown([groupRow({ port: 1 }), groupRow({ port: 2 })])
  view.setTest(({ row }) => row.receiving > 4)
  expect(ports()).toEqual([])
  table.apply(change([groupRow({ port: 2, receiving: 8 })]), NOW)
  expect(ports()).toEqual([2])
  table.apply(change([groupRow({ port: 2, receiving: 3 })]), NOW)
  expect(ports()).toEqual([])
})

test('for any changes, the incremental order equals a full sort', () => {
  const anyRow = fc.record({
    port: fc.integer({ min: 1, max: 12 }),
    receiving: fc.integer({ min: 1, max: 4 }),
    full: fc.boolean(),
  })
  const step = fc.record({
    rows: fc.array(anyRow, { maxLength: 6 }),
    gone: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 3 }),
    pause: fc.constantFrom(100, 700, 2000),
  })
  const sorts = COLUMNS.filter(({ sortBy }) => sortBy).map(({ id }) => id)
  fc.assert(
    fc.property(fc.constantFrom(...sorts), fc.boolean(), fc.array(step, { maxLength: 12 }), (id, descending, steps) => {
      const { table, view } = shown([], sortOf(id, descending))
      view.setTest(({ row }) => row.receiving > 1)
      let now = NOW
      for (const { rows, gone, pause } of steps) {
        const made = rows.map(({ port, receiving, full }) =>
          withQueue(groupRow({ port, receiving }), 0, full ? 512 : 0),
        )
        table.apply(
          change(
            made,
            gone.map((port) => groupRow({ port }).id),
          ),
          now,
        )
        now += pause
        table.sweep(now)
        const anew = new GroupView(table, sortOf(id, descending), () => 'host')
        anew.setTest(({ row }) => row.receiving > 1)
        expect(new Set(view.order).size).toBe(view.order.length)
        const staying = (one: GroupView) =>
          one.order.filter(({ presence }) => presence !== 'gone').map(({ row }) => row.port)
        expect(staying(view)).toEqual(staying(anew))
      }
    }),
  )
})
