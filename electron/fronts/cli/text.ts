/** Text as it stands on a terminal: spans with a tone. `paint` is the one place that writes escape sequences. */
import stringWidth from 'string-width'
import { sanitise } from './sanitise.ts'

/** What a span means; the colour follows from it. Colour is never the only signal. */
export type Tone = 'plain' | 'strong' | 'quiet' | 'bad' | 'warning' | 'good' | 'head' | 'bar'
export type Span = { readonly text: string; readonly tone: Tone }
export type Line = readonly Span[]

/** What the terminal can show. */
export type Palette = {
  readonly colour: boolean
  /** False where the locale is not UTF-8: our own signs are then replaced by ASCII of the same width. */
  readonly unicode: boolean
}

const sgr: Record<Tone, string> = {
  plain: '',
  strong: '\x1b[1m',
  quiet: '\x1b[2m',
  bad: '\x1b[1;31m',
  warning: '\x1b[33m',
  good: '\x1b[32m',
  head: '\x1b[1m',
  bar: '\x1b[7m',
}
const reset = '\x1b[0m'
const ascii: Readonly<Record<string, string>> = { '…': '~', '×': 'x', '–': '-', '·': '|', '↑': '^', '↓': 'v' }

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text: sanitise(text), tone }
}

export function line(...parts: (Span | string)[]): Line {
  return parts.map((part) => (typeof part === 'string' ? span(part) : part))
}

export function unpainted(spans: Line): string {
  return spans.map((part) => part.text).join('')
}

/** The line as bytes for a terminal: sanitised once more, for spans may be made by hand. No line break at its end. */
export function paint(spans: Line, palette: Palette): string {
  return spans
    .map(({ text, tone }) => {
      const safe = sanitise(text)
      const shown = palette.unicode ? safe : safe.replace(/[…×–·↑↓]/g, (sign) => ascii[sign] ?? '?')
      return palette.colour && sgr[tone] !== '' && shown !== '' ? `${sgr[tone]}${shown}${reset}` : shown
    })
    .join('')
}

const printableAscii = /^[\x20-\x7e]*$/

/** Columns that the text takes: 2 for wide characters, 0 for combining ones. */
export function width(text: string): number {
  return printableAscii.test(text) ? text.length : stringWidth(text)
}

export function lineWidth(spans: Line): number {
  let sum = 0
  for (const part of spans) sum += width(part.text)
  return sum
}

let segmenter: Intl.Segmenter | undefined

/** The line in at most `columns` columns; where something is cut, it ends in `…`. Never cuts inside a grapheme. */
export function truncate(spans: Line, columns: number): Line {
  if (lineWidth(spans) <= columns) return spans
  if (columns <= 0) return []
  const kept: Span[] = []
  let left = columns - 1
  for (const part of spans) {
    const whole = width(part.text)
    if (whole <= left) {
      kept.push(part)
      left -= whole
      continue
    }
    const text = `${cut(part.text, left)}…`
    kept.push({ text, tone: part.tone })
    return kept
  }
  return kept
}

function cut(text: string, columns: number): string {
  if (printableAscii.test(text)) return text.slice(0, columns)
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  let taken = ''
  let used = 0
  for (const { segment } of segmenter.segment(text)) {
    used += width(segment)
    if (used > columns) break
    taken += segment
  }
  return taken
}

/** Prose in lines of at most `columns` columns, broken at spaces; a longer word stands alone and is not broken. */
export function wrap(text: string, columns: number, indent = ''): string[] {
  const lines: string[] = []
  let current = ''
  for (const word of sanitise(text).split(' ')) {
    if (current !== '' && width(current) + 1 + width(word) > columns - indent.length) {
      lines.push(indent + current)
      current = word
    } else {
      current = current === '' ? word : `${current} ${word}`
    }
  }
  if (current !== '') lines.push(indent + current)
  return lines
}
