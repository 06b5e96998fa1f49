import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  afterChange,
  isSelected,
  nothingYet,
  type WatchPicture,
} from '../../../../../electron/fronts/cli/watch/picture.ts'
import { aChange, aRow, hostNamespace } from '../../../../doubles/picture.ts'

const id = (n: number) => n.toString(16).padStart(16, '0')
const rows = (...numbers: number[]) => numbers.map((n) => aRow({ id: id(n) }))
const keys = (of: { keys(): Iterable<string> }) => [...of.keys()].sort()
const follow = (...changes: Parameters<typeof aChange>[0][]) =>
  changes.reduce<WatchPicture>((picture, change) => afterChange(picture, aChange(change)), nothingYet)

test('the first frame arrives in chunks, and its rows do not count as added', () => {
  const picture = follow({ reset: true, more: true, rows: rows(1) }, { more: false, rows: rows(2) })
  expect(keys(picture.rows)).toEqual([id(1), id(2)])
  expect(keys(picture.fresh)).toEqual([])
})

test('added rows are fresh, and removed ones stay for one refresh', () => {
  const first = follow({ reset: true, rows: rows(1, 2) })
  const second = afterChange(first, aChange({ rows: rows(3), gone: [id(1)] }))
  expect([keys(second.rows), keys(second.fresh), keys(second.gone)]).toEqual([[id(2), id(3)], [id(3)], [id(1)]])
  const third = afterChange(second, aChange({ rows: rows(2) }))
  expect([keys(third.rows), keys(third.fresh), keys(third.gone)]).toEqual([[id(2), id(3)], [], []])
})

test('a reset discards everything', () => {
  const picture = follow({ reset: true, rows: rows(1, 2) }, { reset: true, rows: rows(3) })
  expect([keys(picture.rows), keys(picture.fresh), keys(picture.gone)]).toEqual([[id(3)], [], []])
})

test('after any stream the rows are those added and not removed', () => {
  const event = fc.record({ come: fc.uniqueArray(fc.nat(9)), go: fc.uniqueArray(fc.nat(9)), reset: fc.boolean() })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), (events) => {
      let truth = new Set<string>()
      let picture = nothingYet
      for (const { come, go, reset } of events) {
        if (reset) truth = new Set()
        const gone = go.filter((n) => !come.includes(n)).map(id)
        for (const one of gone) truth.delete(one)
        for (const n of come) truth.add(id(n))
        picture = afterChange(picture, aChange({ reset, rows: rows(...come), gone }))
        for (const fresh of picture.fresh) expect(picture.rows.has(fresh)).toBe(true)
        for (const left of picture.gone.keys()) expect(picture.rows.has(left)).toBe(false)
      }
      expect(keys(picture.rows)).toEqual([...truth].sort())
    }),
  )
})

test.each([
  [{ all: false }, { sharing: 'none' as const }, false],
  [{ all: true }, { sharing: 'none' as const }, true],
  [{ all: false, sharing: 'none' as const }, { sharing: 'none' as const }, true],
  [{ all: false, port: 80 }, {}, false],
  [{ all: false, protocol: 'tcp' as const, port: 443 }, {}, true],
  [{ all: false, user: 'root' }, {}, true],
  [{ all: false, user: '0' }, {}, true],
  [{ all: false, user: 'www-data' }, {}, false],
  [{ all: false, user: 'www-data' }, { uid: null, user: null }, true],
  [{ all: false, netns: 'host' }, {}, true],
  [{ all: false, netns: String(hostNamespace.inode) }, {}, true],
  [{ all: false, netns: 'web' }, {}, false],
])('%j selects a row with %j: %s', (selection, given, selected) => {
  expect(isSelected(aRow(given), selection, [hostNamespace])).toBe(selected)
})
