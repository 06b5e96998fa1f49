/** Sections of the table: pinned first, then by what groups have in common. */
import { expect, test } from 'vitest'
import type { GroupRow } from '../../../../../electron/contract/live.ts'
import { severityOf } from '../../../../../electron/contract/trouble.ts'
import type { GroupEntry } from '../../../../../renderer/model/groups/group-table.ts'
import { type GroupBy, isSection, tableItems } from '../../../../../renderer/model/groups/sections.ts'
import { groupRow, withQueue } from '../../../../doubles/group-rows.ts'

const flashes = { members: 0, owners: 0, sharing: 0, queue: 0, drops: 0 }
const entry = (row: GroupRow): GroupEntry => ({
  ...{ id: row.id, row, presence: 'here', markedUntil: 0, trouble: severityOf(row), findings: [], flashes, version: 0 },
})
const owned = (port: number, command: string, service: string | null) =>
  groupRow({ port, owners: [{ command, processes: 1, service }] })
const full = withQueue(owned(9000, 'api', 'api.service'), 0, 512)
const order = [full, owned(443, 'nginx', 'nginx.service'), owned(80, 'nginx', null), owned(53, 'api', null)].map(entry)

const shown = (by: GroupBy, pinned: string[] = []) =>
  tableItems(order, by, pinned, () => 'host').map((item) =>
    isSection(item) ? `${item.name}, ${item.groups}, ${item.worst}` : item.row.port,
  )

test('without sections and pins the order stays', () => {
  expect(shown('none')).toEqual([9000, 443, 80, 53])
})
test('by process, the section of the first group first', () => {
  expect(shown('process')).toEqual(['api, 2, critical', 9000, 53, 'nginx, 2, none', 443, 80])
})
test('by unit, groups without one are together', () => {
  expect(shown('unit')).toEqual([
    'api.service, 1, critical',
    9000,
    'nginx.service, 1, none',
    443,
    'null, 2, none',
    80,
    53,
  ])
})
test('pinned groups are first, and in no other section', () => {
  const pinned = [order[2]?.id ?? '']
  expect(shown('namespace', pinned)).toEqual(['Pinned, 1, none', 80, 'host, 3, critical', 9000, 443, 53])
  expect(shown('none', pinned)[0]).toBe('Pinned, 1, none')
  expect(shown('none', ['0000000000000000'])).toEqual([9000, 443, 80, 53])
})
