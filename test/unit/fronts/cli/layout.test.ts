import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Column, columnWidths, table } from '../../../../electron/fronts/cli/layout.ts'
import { plainText } from '../../../../electron/fronts/cli/text.ts'
import { lineWidth, width } from '../../../../electron/fronts/cli/width.ts'

type Row = { name: string; size: number; note: string }
const columns: Column<Row>[] = [
  { title: 'NAME', priority: 3, shrinkTo: 4, cell: (row) => row.name },
  { title: 'SIZE', align: 'right', priority: 2, cell: (row) => String(row.size) },
  { title: 'NOTE', priority: 1, shrinkTo: 6, cell: (row) => row.note },
]
const rows: Row[] = [
  { name: 'nginx', size: 7, note: 'short' },
  { name: '日本語サーバー', size: 12345, note: 'a longer note' },
]
const text = (columnsWide: number) => table(columns, rows, columnsWide).map(plainText)

describe('table', () => {
  test('has its natural width where there is room, with numbers right-aligned', () => {
    expect(text(Number.POSITIVE_INFINITY)).toEqual([
      'NAME             SIZE  NOTE',
      'nginx               7  short',
      '日本語サーバー  12345  a longer note',
    ])
  })

  test('shrinks the widest column first and never splits a wide character', () => {
    expect(text(26)).toEqual(['NAME       SIZE  NOTE', 'nginx         7  short', '日本語…   12345  a longer…'])
  })

  test('drops the column with the lowest `keep` when shrinking is not enough', () => {
    expect(text(12)[0]).toBe('NAME    SIZE')
    expect(text(3)).toEqual(['NA…', 'ng…', '日…'])
  })

  test('cuts at the start where the end matters', () => {
    const endpoint: Column<string>[] = [
      { title: 'ENDPOINT', priority: 1, shrinkTo: 8, cut: 'start', cell: (text) => text },
    ]
    expect(table(endpoint, ['[2001:db8::日本]:443'], 10).map(plainText)).toEqual(['ENDPOINT', '…日本]:443'])
  })

  test('is never wider than allowed, whatever it contains', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 40 })
    const someRows = fc.array(fc.record({ name: cell, size: fc.nat(), note: cell }), { maxLength: 6 })
    fc.assert(
      fc.property(someRows, fc.integer({ min: 1, max: 120 }), (list, columnsWide) => {
        for (const line of table(columns, list, columnsWide)) {
          expect(lineWidth(line)).toBeLessThanOrEqual(columnsWide)
          expect(width(plainText(line))).toBeLessThanOrEqual(columnsWide)
        }
      }),
    )
  })
})

test('no line ends with blanks, also where the last column has no title', () => {
  const bars: Column<Row>[] = [...columns.slice(0, 1), { title: '', priority: 1, cell: ({ size }) => '#'.repeat(size) }]
  const small = [{ name: 'a', size: 3, note: '' }]
  expect(table(bars, small, 80).map(plainText)).toEqual(['NAME', 'a     ###'])
})

test('columnWidths shows everything in full where it fits, and drops in the order of `keep`', () => {
  const wanted = fc.array(fc.record({ natural: fc.integer({ min: 1, max: 60 }), spare: fc.nat(60), keep: fc.nat(9) }), {
    minLength: 1,
    maxLength: 9,
  })
  fc.assert(
    fc.property(wanted, fc.integer({ min: 1, max: 200 }), (list, available) => {
      const given = list.map(({ natural, spare, keep }) => ({ natural, least: Math.max(1, natural - spare), keep }))
      const widths = columnWidths(given, available)
      const shown = given.filter((_, i) => widths[i] !== null)
      const hidden = given.filter((_, i) => widths[i] === null)
      const sum = (list: (number | null)[]) =>
        list.reduce<number>((total, one) => total + (one ?? 0), 0) + (shown.length - 1) * 2
      expect(sum(widths)).toBeLessThanOrEqual(available)
      expect(shown.length).toBeGreaterThan(0)
      for (const kept of shown) for (const dropped of hidden) expect(kept.keep).toBeGreaterThanOrEqual(dropped.keep)
      if (sum(given.map((one) => one.natural)) <= available && hidden.length === 0) {
        expect(widths).toEqual(given.map((one) => one.natural))
      }
    }),
  )
})
