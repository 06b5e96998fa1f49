import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { line, plainText } from '../../../../../electron/fronts/cli/text.ts'
import { openedPage, pageSize, visibleRows, watchPage } from '../../../../../electron/fronts/cli/watch/page.ts'
import { findingLines } from '../../../../../electron/fronts/cli/watch/panels.ts'
import { applyChange, emptyState } from '../../../../../electron/fronts/cli/watch/state.ts'
import { afterKey, initialView, selectedAt } from '../../../../../electron/fronts/cli/watch/view.ts'
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
  expect(lines[3]).toMatch(/^> {2}tcp4 {3}0\.0\.0\.0:1 /)
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
  const at = { page: pageSize(size), ids: many.map(({ id }) => id), lines: 30 }
  const press = (...names: string[]) =>
    names.reduce(
      (view, name) => afterKey(view, name.length === 1 ? { name, text: name } : { name, text: '' }, at),
      initialView,
    )

  test('select a row, which stays visible', () => {
    const selected = (...names: string[]) => {
      const view = press(...names)
      return [selectedAt(view, at.ids), view.top]
    }
    expect(selected('down', 'down', 'up')).toEqual([1, 0])
    expect(selected('up')).toEqual([0, 0])
    expect(selected('pagedown')).toEqual([10, 1])
    expect(selected('end')).toEqual([49, 40])
    expect(selected('end', 'down')).toEqual([49, 40])
    expect(selected('end', 'home')).toEqual([0, 0])
    expect(page(press('end'))[12]).toMatch(/^> .*0\.0\.0\.0:50 /)
  })

  test('open a group, the findings and the keys, scroll there, and go back', () => {
    expect(press('down', 'return').opened).toEqual({ kind: 'group', id: at.ids[1] })
    expect(press('f').opened).toEqual({ kind: 'findings' })
    expect(press('?').opened).toEqual({ kind: 'keys' })
    expect(press('?', 'down', 'end').scrolled).toBe(20)
    expect(press('f', 'escape')).toMatchObject({ opened: null, top: 0 })
  })

  test('a filter is typed, kept or given up, and says what is wrong', () => {
    expect(press('/', 'p', 'x', 'backspace').filter).toBe('p')
    expect(press('/', 'p', 'escape')).toEqual(initialView)
    expect(press('/', 'q', 'return')).toMatchObject({ filter: 'q', filterBefore: null })
    expect(press('/', 'q', 'return', 'escape').filter).toBe('')
    const filtered = { ...initialView, filter: 'port:8 is:dropping' }
    expect(visibleRows(snapshot, filtered, everything)).toEqual([])
    expect(page(filtered)[2]).toMatch(/^No group matches port:8 is:dropping: Esc clears/)
    expect(visibleRows(snapshot, { ...initialView, filter: 'port:6' }, everything)).toHaveLength(1)
    expect(page({ ...initialView, filter: 'port:x', filterBefore: '' }).at(-1)).toMatch(/^ \/ port:x_ {3}“x” is not/)
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

test('findings have a line and a list, the worst first, without muted ones', () => {
  const finding = (given: object) => ({
    ...{ severity: 'warning' as const, code: 'udp-not-read', group: many[1]?.id ?? '', summary: 'Not read.' },
    ...{ muted: false, ...given },
  })
  const findings = [finding({}), finding({ severity: 'critical', summary: 'Full.' }), finding({ muted: true })]
  const found = { ...snapshot, findings }
  expect(page(initialView, found)[1]).toBe('1 critical, 1 warning (f lists): Full.')
  expect(page(initialView, found)[4]).toMatch(/^! .*:2 /)
  expect(page(initialView, found, { columns: 200, rows: 14 })[2]).toMatch(/TROUBLE/)
  expect(findingLines(findings, 80).map(plainText)).toEqual([
    'critical  udp-not-read',
    '  Full.',
    'warning   udp-not-read',
    '  Not read.',
  ])
  expect(findingLines([], 80).map(plainText)).toEqual(['No findings. A stuck queue takes some seconds to be one.'])
})

test('what is open has a title, the lines that fit, and its own keys', () => {
  const lines = Array.from({ length: 30 }, (_, at) => line(`line ${at + 1}`))
  const shown = openedPage(line('Title'), lines, { ...initialView, scrolled: 3 }, size).map(plainText)
  expect(shown).toHaveLength(14)
  expect([shown[0], shown[2], shown[12]]).toEqual(['Title', 'line 4', 'line 14'])
  expect(shown[13]).toMatch(/esc back .* 4–14 of 30 $/)
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
