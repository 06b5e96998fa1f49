import { expect, test } from 'vitest'
import type { GroupChange } from '../../../../electron/contract/live.ts'
import { joinGroups, joinMemberPages } from '../../../../electron/fronts/stdio/join-changes.ts'
import { memberRow } from '../../../doubles/group-engine.ts'
import { groupRow } from '../../../doubles/group-rows.ts'
import { aChange, aSampling } from '../../../doubles/snapshots.ts'

/** Answers with these changes, one after the other, and notes the cursors. */
function pages<T>(...changes: T[]) {
  const cursors: (string | undefined)[] = []
  const request = async (after?: string): Promise<T> => {
    cursors.push(after)
    const next = changes.shift()
    if (next === undefined) throw new Error('one request too many')
    return next
  }
  return { request, cursors }
}

const [a, b, c] = [80, 81, 82].map((port) => groupRow({ port }))
if (a === undefined || b === undefined || c === undefined) throw new Error('no rows')

test('the pages of a frame become one answer, with the last cursor', async () => {
  const { request, cursors } = pages(
    aChange({ cursor: '1', reset: true, more: true, rows: [a] }),
    aChange({ cursor: '2', reset: false, more: true, rows: [b] }),
    aChange({ cursor: '3', reset: false, more: false, rows: [c] }),
  )
  expect(await joinGroups(request)).toMatchObject({ cursor: '3', reset: true, more: false, rows: [a, b, c] })
  expect(cursors).toEqual([undefined, '1', '2'])
})

test('a group that changes or ends between two pages is as the later one says', async () => {
  const changed = { ...a, receiving: 9 }
  const { request } = pages(
    aChange({ reset: false, more: true, rows: [a, b], removed: ['x'] }),
    aChange({ reset: false, more: false, rows: [changed], removed: [b.id] }),
  )
  expect(await joinGroups(request)).toMatchObject({ rows: [changed], removed: ['x', b.id] })
})

test('where the reader has to start over, what came before is dropped', async () => {
  const { request } = pages(
    aChange({ reset: false, more: true, rows: [a], removed: ['x'] }),
    aChange({ reset: true, more: false, rows: [b] }),
  )
  expect(await joinGroups(request)).toMatchObject({ reset: true, rows: [b], removed: [] })
})

test('many rows stay pages, so that the first ones do not wait', async () => {
  const rows = Array.from({ length: 2000 }, (_, port) => groupRow({ port: port + 1 }))
  const { request } = pages(aChange({ more: true, rows }))
  expect(await joinGroups(request)).toMatchObject({ more: true, rows })
})

const change = (given: Partial<GroupChange>): GroupChange => ({
  cursor: '1',
  reset: false,
  more: false,
  row: groupRow(),
  left: [],
  joined: [],
  values: { members: [], lengths: [], limits: [], drops: [], dropsPerSecond: [] },
  sampler: aSampling(),
  ...given,
})
const values = (...entries: [member: string, length: number][]) => ({
  members: entries.map(([member]) => member),
  lengths: entries.map(([, length]) => length),
  limits: entries.map(() => 8),
  drops: entries.map(() => 0),
  dropsPerSecond: entries.map(() => 0),
})

test('values of a member that later comes whole, or leaves, are dropped: values are applied last', () => {
  const joined = joinMemberPages(
    change({ more: true, joined: [memberRow('1')], values: values(['2', 5], ['3', 6], ['4', 7]) }),
    change({ left: ['1', '3'], joined: [memberRow('2')], values: values(['4', 8]) }),
  )
  expect(joined.joined.map(({ cookie }) => cookie)).toEqual(['2'])
  expect(joined.left).toEqual(['1', '3'])
  expect(joined.values).toEqual(values(['4', 7], ['4', 8]))
})
