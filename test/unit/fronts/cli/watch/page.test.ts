import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plainText } from '../../../../../electron/fronts/cli/text.ts'
import { pageSize, visibleRows, watchPage } from '../../../../../electron/fronts/cli/watch/page.ts'
import { applyChange, emptyState } from '../../../../../electron/fronts/cli/watch/state.ts'
import { afterKey, initialView } from '../../../../../electron/fronts/cli/watch/view.ts'
import { lineWidth } from '../../../../../electron/fronts/cli/width.ts'
import { aChange, aRow, aSampling, takenAt } from '../../../../doubles/snapshots.ts'

const now = Date.parse(takenAt) + 400
const everything = { all: false }
const many = Array.from({ length: 50 }, (_, n) =>
  aRow({ id: n.toString(16).padStart(16, '0'), port: n + 1, dropsPerSecond: n % 7, receiving: n % 5 }),
)
const snapshot = applyChange(emptyState, aChange({ reset: true, rows: many }))
const size = { columns: 100, rows: 14 }
const page = (view = initialView, of = snapshot, at = size) => watchPage(of, view, everything, at, now).map(plainText)

test('fills the screen exactly: heading, table, keys', () => {
  const lines = page()
  expect(lines).toHaveLength(14)
  expect(lines[0]).toBe('50 groups  2 sockets, 0 unshared  read in 4 ms  0.4 s old')
  expect(lines[2]).toMatch(/^ {3}PROTO {2}ENDPOINT .*DROPS\/S/)
  expect(lines[3]).toMatch(/^ {3}tcp4 {3}0\.0\.0\.0:1 /)
  expect(lines[13]).toMatch(/^ q quit .* 1–10 of 50 $/)
})

test('added rows have a plus and removed ones a minus, for one refresh', () => {
  const next = applyChange(
    snapshot,
    aChange({ rows: [aRow({ id: 'f'.repeat(16), port: 2 })], removed: [many[0]?.id ?? ''] }),
  )
  const lines = page(initialView, next)
  expect(lines[3]).toMatch(/^- {2}tcp4 {3}0\.0\.0\.0:1 /)
  expect(lines.filter((line) => line.startsWith('+'))).toHaveLength(1)
})

test('shows when it is paused, slow, failing or empty', () => {
  const sampled = (given: Parameters<typeof aSampling>[0]) =>
    applyChange(snapshot, aChange({ sampler: aSampling(given) }))
  expect(page(initialView, sampled({ paused: true }))[0]).toMatch(/ {2}paused$/)
  expect(page(initialView, sampled({ intervalMs: 2500 }))[0]).toMatch(/every 2\.5 s, because refreshes are slow$/)
  const problem = { operation: 'UDP sockets', cause: 'the kernel refused', hint: 'Try as root' }
  expect(page(initialView, sampled({ problem }))[1]).toBe('UDP sockets: the kernel refused. Try as root.')
  expect(page(initialView, applyChange(emptyState, aChange({ reset: true })))[2]).toMatch(/^No group matches/)
  expect(page(initialView, emptyState)[0]).toBe('Reading sockets …')
})

describe('keys', () => {
  const at = { page: pageSize(size), total: many.length }
  const press = (...names: string[]) => names.reduce((view, name) => afterKey(view, name, at), initialView)

  test('scroll within the rows', () => {
    expect(press('down', 'down', 'up').top).toBe(1)
    expect(press('up').top).toBe(0)
    expect(press('pagedown').top).toBe(10)
    expect(press('end').top).toBe(40)
    expect(press('end', 'down').top).toBe(40)
    expect(press('end', 'home').top).toBe(0)
  })

  test('sort, from the largest number, and reverse', () => {
    const rates = (...names: string[]) =>
      visibleRows(snapshot, press(...names), everything).map((row) => row.dropsPerSecond)
    expect(rates('s', 's')[0]).toBe(6)
    expect(rates('s', 's', 'r')[0]).toBe(0)
    expect(press('s', 's', 's', 's').sort).toBe('endpoint')
  })

  test('an unknown key changes nothing', () => {
    expect(press('x')).toBe(initialView)
  })
})

test('always fits the screen, at any size and scroll position', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 70 }),
      fc.nat(1000),
      (columns, rows, top) => {
        const lines = watchPage(snapshot, { ...initialView, top }, everything, { columns, rows }, now)
        expect(lines).toHaveLength(rows)
        for (const line of lines) expect(lineWidth(line)).toBeLessThanOrEqual(columns)
      },
    ),
  )
})
