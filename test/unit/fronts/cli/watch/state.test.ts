import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyChange, emptyState, rowTest, type WatchState } from '../../../../../electron/fronts/cli/watch/state.ts'
import { aChange, aRow, hostNamespace } from '../../../../doubles/snapshots.ts'

const anOwner = (given: { command: string; service?: string }) => ({ processes: 1, service: null, ...given })
const id = (n: number) => n.toString(16).padStart(16, '0')
const rows = (...numbers: number[]) => numbers.map((n) => aRow({ id: id(n) }))
const keys = (of: { keys(): Iterable<string> }) => [...of.keys()].sort()
const follow = (...changes: Parameters<typeof aChange>[0][]) =>
  changes.reduce<WatchState>((snapshot, change) => applyChange(snapshot, aChange(change)), emptyState)

test('the first frame arrives in chunks, and its rows do not count as added', () => {
  const snapshot = follow({ reset: true, more: true, rows: rows(1) }, { more: false, rows: rows(2) })
  expect(keys(snapshot.rows)).toEqual([id(1), id(2)])
  expect(keys(snapshot.added)).toEqual([])
})

test('added rows are fresh, and removed ones stay for one refresh', () => {
  const first = follow({ reset: true, rows: rows(1, 2) })
  const second = applyChange(first, aChange({ rows: rows(3), removed: [id(1)] }))
  expect([keys(second.rows), keys(second.added), keys(second.removed)]).toEqual([[id(2), id(3)], [id(3)], [id(1)]])
  const third = applyChange(second, aChange({ rows: rows(2) }))
  expect([keys(third.rows), keys(third.added), keys(third.removed)]).toEqual([[id(2), id(3)], [], []])
})

test('a reset discards everything', () => {
  const snapshot = follow({ reset: true, rows: rows(1, 2) }, { reset: true, rows: rows(3) })
  expect([keys(snapshot.rows), keys(snapshot.added), keys(snapshot.removed)]).toEqual([[id(3)], [], []])
})

test('after any stream the rows are those added and not removed', () => {
  const event = fc.record({ come: fc.uniqueArray(fc.nat(9)), go: fc.uniqueArray(fc.nat(9)), reset: fc.boolean() })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), (events) => {
      let truth = new Set<string>()
      let snapshot = emptyState
      for (const { come, go, reset } of events) {
        if (reset) truth = new Set()
        const gone = go.filter((n) => !come.includes(n)).map(id)
        for (const one of gone) truth.delete(one)
        for (const n of come) truth.add(id(n))
        snapshot = applyChange(snapshot, aChange({ reset, rows: rows(...come), removed: gone }))
        for (const fresh of snapshot.added) expect(snapshot.rows.has(fresh)).toBe(true)
        for (const left of snapshot.removed.keys()) expect(snapshot.rows.has(left)).toBe(false)
      }
      expect(keys(snapshot.rows)).toEqual([...truth].sort())
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
  [{ all: false, ports: [[80, 80] as [number, number], [400, 500] as [number, number]] }, {}, true],
  [{ all: false, ports: [[80, 442] as [number, number]] }, {}, false],
  [{ all: false, family: 'ipv6' as const }, { family: 'ipv4' as const }, false],
  [{ all: false, address: '10.0.0.0/8' }, { address: '10.1.2.3' }, true],
  [{ all: false, address: '10.0.0.0/8' }, { address: '192.0.2.1' }, false],
  [{ all: false, address: '10.1.2.3' }, { address: '10.1.2.3' }, true],
  [{ all: false, pid: 7 }, { pids: [6, 7] }, true],
  [{ all: false, pid: 8 }, { pids: [6, 7] }, false],
  [{ all: false, receiving: true }, { receiving: 0 }, false],
  [{ all: false, command: 'nginx' }, { owners: [anOwner({ command: 'nginx' })] }, true],
  [{ all: false, command: 'nginx', service: 'web.service' }, { owners: [anOwner({ command: 'nginx' })] }, false],
  [{ all: false, service: 'web.service' }, { owners: [anOwner({ command: 'nginx', service: 'web.service' })] }, true],
])('%j selects a row with %j: %s', (selection, given, selected) => {
  expect(rowTest(selection, [hostNamespace])(aRow(given))).toBe(selected)
})
