/** A bar chart as text. */

import { formatCount } from '../format.ts'
import { type Line, line, span } from '../text.ts'
import { width } from '../width.ts'

export type Bar = { readonly label: string; readonly count: number; readonly note?: string | null }

/** Maximum bar length in columns. */
const MAX_LENGTH = 40

/** One line per bar, scaled to the largest, in at most `columns` columns. */
export function bars(list: readonly Bar[], columns: number, indent = '  '): Line[] {
  const most = Math.max(1, ...list.map((bar) => bar.count))
  const labels = Math.max(0, ...list.map(({ label }) => width(label)))
  const numbers = Math.max(0, ...list.map((bar) => formatCount(bar.count).length))
  const room = Math.max(5, Math.min(MAX_LENGTH, columns - indent.length - labels - numbers - 4))
  return list.map((bar) => {
    // A nonzero count always gets a visible bar.
    const length = bar.count === 0 ? 0 : Math.max(1, Math.round((room * bar.count) / most))
    return line(
      `${indent}${bar.label.padStart(labels)}  `,
      span('█'.repeat(length)),
      `${' '.repeat(room - length)}  ${formatCount(bar.count).padStart(numbers)}`,
      ...(bar.note == null ? [] : [span(`  ${bar.note}`, 'quiet')]),
    )
  })
}
