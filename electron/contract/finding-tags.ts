import type { FindingCode } from './model.ts'

/** At most three words for each type of finding, the most important type first, as in `FindingCode`. */
export const FINDING_TAGS: Readonly<Record<FindingCode, string>> = {
  'queue-overflowing': 'queue full',
  'member-stalled': 'stalled',
  'port-hijackable': 'open to others',
  'reload-lost-connections': 'lost at reload',
  'udp-receive-drops': 'dropping',
  'udp-not-read': 'not read',
  'backlog-clamped': 'backlog clamped',
  'near-group-limit': 'near the limit',
  'program-misses-members': 'program misses',
  'imbalance-significant': 'uneven',
  'mixed-generations': 'old and new',
  'cpu-steering-partial': 'partly steered',
  'udp-newest-takes-all': 'newest takes all',
  'group-shadowed': 'shadowed',
  'large-ipv6-group': 'large IPv6',
  'not-a-group': 'one queue',
}

/** The tag of a type of finding. One that this version does not know, from a file of another version, names itself. */
export function findingTag(code: string): string {
  return isFindingCode(code) ? FINDING_TAGS[code] : code.replaceAll('-', ' ').split(' ').slice(0, 3).join(' ')
}

/** Whether this version has this type of finding. */
export function isFindingCode(code: string): code is FindingCode {
  return Object.hasOwn(FINDING_TAGS, code)
}

export const SEVERITY_RANKS = { critical: 3, warning: 2, info: 1, none: 0 } as const

const PLACES = Object.keys(FINDING_TAGS)

/** Sorts the more important first: by severity, then by type in the order of `FindingCode`; unknown types are last. */
export function compareImportance(
  a: { readonly code: string; readonly severity: keyof typeof SEVERITY_RANKS },
  b: typeof a,
): number {
  return SEVERITY_RANKS[b.severity] - SEVERITY_RANKS[a.severity] || placeOf(a.code) - placeOf(b.code)
}

function placeOf(code: string): number {
  const place = PLACES.indexOf(code)
  return place < 0 ? PLACES.length : place
}
