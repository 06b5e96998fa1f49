import { PassThrough } from 'node:stream'
import type { ReadStream, WriteStream } from 'node:tty'
import { expect, test } from 'vitest'
import { line } from '../../../../../electron/fronts/cli/text.ts'
import { TerminalScreen } from '../../../../../electron/fronts/cli/watch/screen.ts'

const columns = 12

/**
 * What a terminal shows after these bytes, its rows without the spaces at their ends. As xterm does it with autowrap off:
 * after the last column the cursor stays on it, and "erase to the end of the line" takes what stands under the cursor.
 */
function shown(bytes: string): string[] {
  const rows: string[][] = []
  let row = 0
  let column = 0
  for (const [, sequence, character] of bytes.matchAll(/\x1b\[([?\d;]*[A-Za-z])|(.)/gsu)) {
    const [, to] = /^(\d+);1H$/.exec(sequence ?? '') ?? []
    if (to !== undefined) {
      row = Number(to) - 1
      column = 0
    }
    if (sequence === '2J') rows.length = 0
    rows[row] ??= []
    if (sequence === 'K') rows[row]?.splice(column)
    if (character === undefined) continue
    const cells = rows[row] ?? []
    while (cells.length < column) cells.push(' ')
    cells[column] = character
    column = Math.min(column + 1, columns - 1)
  }
  return Array.from(rows, (cells) => (cells ?? []).join('').trimEnd())
}

test('shows a line as wide as the terminal to its last column, and nothing of the previous line', () => {
  const output = Object.assign(new PassThrough({ encoding: 'utf8' }), { columns, rows: 2 })
  const input = new PassThrough() as unknown as ReadStream
  const palette = { color: true, unicode: true }
  const events = { key: () => {}, redraw: () => {}, quit: () => {} }
  using screen = new TerminalScreen(input, output as unknown as WriteStream, palette, events)
  let written = ''
  const draw = (...lines: string[]) => {
    screen.draw(lines.map((text) => line(text)))
    written += output.read() ?? ''
    return shown(written)
  }
  expect(draw('MEMBERS DROP', 'four    1234')).toEqual(['MEMBERS DROP', 'four    1234'])
  expect(draw('MEMBERS', 'four    5678')).toEqual(['MEMBERS', 'four    5678'])
})
