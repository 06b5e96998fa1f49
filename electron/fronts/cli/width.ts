/** Text width on a terminal, truncation, wrapping. */
import stringWidth from 'fast-string-width'
import { sanitize } from './sanitize.ts'
import type { Line, Span } from './text.ts'

const printableAscii = /^[\x20-\x7e]*$/
/**
 * Characters of one column each: ASCII, Latin letters, and the dashes, quotes, arrows and blocks that our own texts have.
 * The library compiles its expressions for the first other one.
 */
const oneColumnEach = /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2027\u2190-\u2193\u2500-\u259f]*$/

/** Columns that the text occupies: 2 for wide characters, 0 for combining ones. */
export function width(text: string): number {
  // The library does not know that parts of a Hangul syllable share its columns.
  return oneColumnEach.test(text) ? text.length : stringWidth(text.normalize('NFC'))
}

export function lineWidth(spans: Line): number {
  let sum = 0
  for (const part of spans) sum += width(part.text)
  return sum
}

let segmenter: Intl.Segmenter | undefined

/**
 * The line in at most `columns` columns; `…` replaces what is cut. Never cuts inside a grapheme.
 */
export function truncate(spans: Line, columns: number, where: 'start' | 'end' = 'end'): Line {
  if (lineWidth(spans) <= columns) return spans
  if (columns <= 0) return []
  const kept: Span[] = []
  const inOrder = where === 'end' ? spans : [...spans].reverse()
  let left = columns - 1
  for (const part of inOrder) {
    const whole = width(part.text)
    if (whole <= left) {
      kept.push(part)
      left -= whole
      continue
    }
    const some = cut(part.text, left, where)
    kept.push({ text: where === 'end' ? `${some}…` : `…${some}`, tone: part.tone })
    break
  }
  return where === 'end' ? kept : kept.reverse()
}

/** As much of the start or end of the text as fits. */
function cut(text: string, columns: number, where: 'start' | 'end'): string {
  if (printableAscii.test(text)) return where === 'end' ? text.slice(0, columns) : text.slice(text.length - columns)
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  const graphemes = Array.from(segmenter.segment(text), ({ segment }) => segment)
  if (where === 'start') graphemes.reverse()
  const taken: string[] = []
  let used = 0
  for (const grapheme of graphemes) {
    used += width(grapheme)
    if (used > columns) break
    taken.push(grapheme)
  }
  return (where === 'end' ? taken : taken.reverse()).join('')
}

/** Prose in lines of at most `columns` columns, broken at spaces; a longer word gets its own line, unbroken. */
export function wrap(text: string, columns: number, indent = ''): string[] {
  const lines: string[] = []
  let current = ''
  for (const word of sanitize(text).split(' ')) {
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
