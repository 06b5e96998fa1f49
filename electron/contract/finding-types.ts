/**
 * The types of findings, and what every front says of them. All of a type is in its file in
 * engine/analyze/findings/types/, from which `npm run generate` takes the texts. Separate from the model's schemas: the
 * page and most terminal commands start without loading zod.
 */
import { FINDING_TEXTS } from './finding-types.generated.ts'
import type { RECIPE_NAMES } from './values.ts'

export type FindingTexts = {
  /** At most three words, for a row of the groups table. */
  readonly tag: string
  /**
   * Follows the group's name: "tcp: old and new processes serve side by side." null: use the finding's own sentence,
   * which names the member.
   */
  readonly clause: string | null
  /** Evidence: where the numbers come from, and what they cannot show. */
  readonly source: string
  /** A recipe of the lab that makes it happen with test listeners. */
  readonly recipe?: (typeof RECIPE_NAMES)[number]
}

export type FindingCode = keyof typeof FINDING_TEXTS
/** The most important first: among findings of equal severity, the first one is shown for a group. */
export const FINDING_CODES = Object.keys(FINDING_TEXTS) as readonly FindingCode[]

/** Whether this version has this type of finding. */
export function isFindingCode(code: string): code is FindingCode {
  return Object.hasOwn(FINDING_TEXTS, code)
}

/** Its texts. A type that this version does not know, from a file of another version, is named by its code. */
export function textsFor(code: string): FindingTexts {
  if (isFindingCode(code)) return FINDING_TEXTS[code]
  const words = code.replaceAll('-', ' ')
  return {
    tag: words.split(' ').slice(0, 3).join(' '),
    clause: words,
    source: 'This version of Reuseport Inspector does not have this type of finding: another version found it.',
  }
}

/** The cause of a finding. */
export function causeOf(code: string): string {
  const type = isFindingCode(code) ? FINDING_TEXTS[code] : null
  return type !== null && 'cause' in type ? type.cause : code
}

export const SEVERITY_RANKS = { critical: 3, warning: 2, info: 1, none: 0 } as const

/** Sorts the more important first: by severity, then by type; unknown types are last. */
export function compareImportance(
  a: { readonly code: string; readonly severity: keyof typeof SEVERITY_RANKS },
  b: typeof a,
): number {
  return SEVERITY_RANKS[b.severity] - SEVERITY_RANKS[a.severity] || placeOf(a.code) - placeOf(b.code)
}

function placeOf(code: string): number {
  return isFindingCode(code) ? FINDING_CODES.indexOf(code) : FINDING_CODES.length
}
