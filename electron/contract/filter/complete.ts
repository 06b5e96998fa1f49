/** Completions for the word being typed, and how many groups each would leave. */
import { matcher, type Subject } from './filter.ts'
import { KEYS, type Key, keyNamed } from './keys.ts'
import { parseFilter, quoteValue } from './parse.ts'

export type Completion = {
  /** Replaces the word being typed. */
  text: string
  meaning: string
  /** Groups that it would leave; null for a key that still needs a value. */
  count: number | null
}

const MAX_COMPLETIONS = 8

/**
 * Completions for `draft`, the word being typed, where `finished` are the words before it. Values come from the groups
 * that the finished words leave, the most frequent first.
 */
export function complete(finished: string, draft: string, subjects: Iterable<Subject>): Completion[] {
  const negation = draft.startsWith('-') ? '-' : ''
  const body = draft.slice(negation.length)
  const [, name, typed] = /^([a-z]*)(?::(.*))?$/i.exec(body) ?? []
  if (name === undefined) return []
  const key = keyNamed(name.toLowerCase())
  const matches = matcher(parseFilter(finished).terms)
  const left = [...subjects].filter(matches)

  const offer = (one: Key, start: string, most: number): Completion[] =>
    [...countValues(left, one.values)]
      .filter(([value]) => value.toLowerCase().startsWith(start))
      .sort(([a, inA], [b, inB]) => inB - inA || a.localeCompare(b, 'en', { numeric: true }))
      .slice(0, most)
      .map(([value, inGroups]) => ({
        text: `${negation}${one.name}:${quoteValue(value)}`,
        meaning: one.meaning,
        count: negation === '' ? inGroups : left.length - inGroups,
      }))

  if (typed !== undefined) return key ? offer(key, typed.replaceAll('"', '').toLowerCase(), MAX_COMPLETIONS) : []
  const keys = KEYS.filter((one) => one.name.startsWith(name.toLowerCase()))
  return keys.flatMap((one) => {
    const offers = offer(one, '', keys.length === 1 ? MAX_COMPLETIONS : 1)
    return offers.length > 0 ? offers : [{ text: `${negation}${one.name}:`, meaning: one.meaning, count: null }]
  })
}

/** Number of groups for each value. */
function countValues(subjects: readonly Subject[], of: (subject: Subject) => string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const subject of subjects) {
    for (const value of new Set(of(subject))) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return counts
}
