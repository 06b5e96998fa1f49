/** Parses a filter into terms. Nothing typed is dropped: an invalid word becomes a term with an error. */
import type { Filter, Term } from './filter.ts'
import { KEYS, keyNamed, plainTest } from './keys.ts'

type Word = { raw: string; start: number; end: number }

/**
 * Words are separated by spaces; `"…"` keeps spaces (`\` escapes a quote or a `\`); `-` before a word excludes it;
 * `key:value` matches one column.
 */
export function parseFilter(text: string): Filter {
  return { text, terms: wordsOf(text).map(termOf) }
}

/** Splits at spaces that are outside quotes. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = []
  let start = -1
  let quoted = false
  for (let i = 0; i <= text.length; i++) {
    const char = text[i]
    const ends = char === undefined || (!quoted && /\s/.test(char))
    if (ends) {
      if (start >= 0) words.push({ raw: text.slice(start, i), start, end: i })
      start = -1
      continue
    }
    if (start < 0) start = i
    if (char === '\\' && quoted && /["\\]/.test(text[i + 1] ?? '')) i++
    else if (char === '"') quoted = !quoted
  }
  return words
}

function termOf(word: Word): Term {
  const negated = word.raw.length > 1 && word.raw.startsWith('-')
  const body = negated ? word.raw.slice(1) : word.raw
  const colon = /^([a-z]+):/i.exec(body)
  const name = colon?.[1]?.toLowerCase()
  const key = name === undefined ? undefined : keyNamed(name)
  const rest = key && colon ? body.slice(colon[0].length) : body
  const { value, closed } = unquote(rest)
  const term: Term = { ...word, negated, key: key?.name ?? null, value, test: null, error: null }
  if (!closed) return { ...term, error: `Unclosed quote in ${word.raw}.`, test: key ? null : plainTest(value) }
  if (!key) {
    // Hex digits of an IPv6 address are not a key: "fe::1" is text.
    if (name !== undefined && !/^[a-f]+$/.test(name)) return { ...term, error: unknownKey(name) }
    return { ...term, test: value === '' ? null : plainTest(value) }
  }
  if (value === '') return { ...term, error: `${key.name}: needs a value, for example ${key.example}.` }
  const test = key.test(value)
  return typeof test === 'string' ? { ...term, error: test } : { ...term, test }
}

function unknownKey(name: string): string {
  return `Unknown key “${name}”: the keys are ${KEYS.map((key) => key.name).join(', ')}. To search for it as text, put it in quotes.`
}

/** Removes quotes: `net"a b"` is `neta b`. */
function unquote(text: string): { value: string; closed: boolean } {
  let value = ''
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? ''
    if (char === '\\' && quoted && /["\\]/.test(text[i + 1] ?? '')) value += text[++i] ?? ''
    else if (char === '"') quoted = !quoted
    else value += char
  }
  return { value, closed: !quoted }
}

/** A value as written in a filter, quoted if necessary. */
export function quoteValue(value: string): string {
  return /[\s"\\]/.test(value) || value === '' ? `"${value.replace(/["\\]/g, '\\$&')}"` : value
}
