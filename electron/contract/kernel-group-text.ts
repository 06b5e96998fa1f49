/** The program that steers a group, in lines of text. */
import { classicProgramLines } from './classic-program.ts'
import { formatCount, pluralize } from './format.ts'
import type { KernelGroup, ProgramMap, SteeringProgram } from './kernel-group.ts'

/** Instructions, and keys of a map, that are listed; the rest are counted. */
const MAX_LISTED = 32

/** By the kernel's numbers (linux/bpf.h). */
const PROGRAM_TYPES: Readonly<Record<number, string>> = { 1: 'socket_filter', 21: 'sk_reuseport' }

/**
 * What decides instead of the hash: a line that sums it up, then its instructions, or its maps with what stands under
 * which key. `nameOf` names the socket with a cookie. null where no program is attached.
 */
export function programLines({ program, members }: KernelGroup, nameOf: (cookie: string) => string): string[] | null {
  if (program === null) return null
  if (program.kind === 'classic') return classicLines(program)
  const { name, type, id, tag, loadedAt, maps, mapCount } = program
  const kind = PROGRAM_TYPES[type] ?? `type ${type}`
  return [
    `${name || 'without a name'} (${kind}, id ${id}, tag ${tag}), loaded ${loadedAt}`,
    ...maps.flatMap((map) => mapLines(map, members, nameOf)),
    ...(mapCount > maps.length ? [`and ${pluralize(mapCount - maps.length, 'more map')}`] : []),
  ]
}

function classicLines({ instructions }: Extract<SteeringProgram, { kind: 'classic' }>): string[] {
  const lines = classicProgramLines(instructions.slice(0, MAX_LISTED))
  return [
    `classic, ${pluralize(instructions.length, 'instruction')}`,
    ...lines.map((text, at) => `${at}: ${text}`),
    ...(instructions.length > lines.length ? [`and ${formatCount(instructions.length - lines.length)} more`] : []),
  ]
}

function mapLines(
  { name, id, maxEntries, places }: ProgramMap,
  members: KernelGroup['members'],
  nameOf: (cookie: string) => string,
): string[] {
  const title = `map ${name || 'without a name'} (id ${id}, ${pluralize(maxEntries, 'key')})`
  if (places === null) return [title]
  const who = (cookie: string | null) => (cookie === null ? 'unknown socket' : nameOf(cookie))
  const listed = places.slice(0, MAX_LISTED).map(({ key, cookie }) => `${key} → ${who(cookie)}`)
  const rest = places.length > listed.length ? [`${formatCount(places.length - listed.length)} more`] : []
  const reached = new Set(places.map(({ cookie }) => cookie))
  const missing = members.filter((cookie) => !reached.has(cookie)).length
  return [
    `${title}: ${places.length === 0 ? 'empty' : [...listed, ...rest].join(', ')}`,
    ...(missing > 0 ? [`${pluralize(missing, 'member')} of ${formatCount(members.length)} under no key`] : []),
  ]
}
