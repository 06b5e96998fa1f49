/** Text for a terminal: spans with a tone. Only `paint` writes escape sequences. */
import { sanitize } from './sanitize.ts'

/** What a span means; its color follows from that. Color is never the only signal. */
export type Tone = 'plain' | 'strong' | 'quiet' | 'bad' | 'warning' | 'good' | 'head' | 'bar'
export type Span = { readonly text: string; readonly tone: Tone }
export type Line = readonly Span[]

/** What the terminal can show. */
export type Palette = {
  readonly color: boolean
  /** False where the locale is not UTF-8: our symbols are then replaced by ASCII of the same width. */
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
const ascii: Readonly<Record<string, string>> = {
  '…': '~',
  '×': 'x',
  '–': '-',
  '·': '|',
  '↑': '^',
  '↓': 'v',
  '→': '>',
  '█': '#',
  '÷': '/',
}

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text: sanitize(text), tone }
}

export function line(...parts: (Span | string)[]): Line {
  return parts.map((part) => (typeof part === 'string' ? span(part) : part))
}

export function plainText(spans: Line): string {
  return spans.map((part) => part.text).join('')
}

/** The line for a terminal, without a line break. Sanitized again, because spans can be made without `span`. */
export function paint(spans: Line, palette: Palette): string {
  return spans
    .map(({ text, tone }) => {
      const safe = sanitize(text)
      const shown = palette.unicode ? safe : safe.replace(/[…×–·↑↓→█÷]/g, (sign) => ascii[sign] ?? '?')
      return palette.color && sgr[tone] !== '' && shown !== '' ? `${sgr[tone]}${shown}${reset}` : shown
    })
    .join('')
}
