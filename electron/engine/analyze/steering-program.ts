/** What the program attached to a group does, in words, and for one client's packet. */
import { type ClassicResult, type ClientPacket, type Range, runClassic } from '../../contract/classic-run.ts'
import { formatCount, pluralize } from '../../contract/format.ts'
import type { KernelGroup, SteeringProgram } from '../../contract/kernel-group.ts'
import { picksNone, programTargets } from '../../contract/program-targets.ts'

/** Members that a sentence lists. */
const MAX_LISTED = 8

/**
 * `member`: it picks the member at this place of `socks[]`. `fallback`: its result is no place, so the hash picks.
 * `unknown`: the answer depends on what is not known here.
 */
export type ProgramAnswer =
  | { readonly kind: 'member'; readonly place: number; readonly reason: string }
  | { readonly kind: 'fallback'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string }

/** What the group's program does with a client's packet; null where none is attached. */
export function programAnswer(group: KernelGroup, packet: ClientPacket, nameOf: NameOf): ProgramAnswer | null {
  const { program } = group
  if (program === null) return null
  if (program.kind === 'extended')
    return { kind: picksNone(group) ? 'fallback' : 'unknown', reason: extendedText(program, group, nameOf) }
  const places = group.members.length
  const { ranges, dependsOn } = runClassic(program.instructions, packet)
  const [only] = ranges
  if (dependsOn.length > 0 || only === undefined) {
    return { kind: 'unknown', reason: dependsText({ ranges, dependsOn }, places) }
  }
  const place = only.from
  if (place < places) {
    return {
      kind: 'member',
      place,
      reason: `The attached program returns ${place} for this client: the member at place ${place} of socks[].`,
    }
  }
  return {
    kind: 'fallback',
    reason: `The attached program returns ${formatCount(place)} for this client, and there are ${pluralize(places, 'place')}, so the hash picks.`,
  }
}

/** The place in `socks[]` that a classic program returns for a packet, which may be none; null where it is not known. */
export function placeFor({ program }: KernelGroup, packet: ClientPacket): number | null {
  if (program?.kind !== 'classic') return null
  const { ranges, dependsOn } = runClassic(program.instructions, packet)
  return dependsOn.length > 0 ? null : (ranges[0]?.from ?? null)
}

/** The program of a group in one sentence, for any client; null where none is attached. */
export function programText(group: KernelGroup, nameOf: NameOf): string | null {
  const { program } = group
  if (program === null) return null
  if (program.kind === 'extended') return extendedText(program, group, nameOf)
  const result = runClassic(program.instructions, null)
  if (result.dependsOn.length > 0) return dependsText(result, group.members.length)
  const place = result.ranges[0]?.from ?? 0
  return place < group.members.length
    ? `The attached program picks the member at place ${place} of socks[] for every client.`
    : `The attached program returns ${formatCount(place)} for every client, which is no place of socks[], so the hash picks.`
}

export type NameOf = (cookie: string) => string

function extendedText(
  program: Extract<SteeringProgram, { kind: 'extended' }>,
  { members }: KernelGroup,
  nameOf: NameOf,
): string {
  const which = `The attached program ${program.name || 'without a name'} (id ${program.id})`
  const what = `${which} decides, not the hash, and only the kernel can run it.`
  const targets = programTargets(program)
  if (targets === null) return what
  const reached = members.flatMap((cookie) => (cookie !== null && targets.has(cookie) ? [nameOf(cookie)] : []))
  if (reached.length === 0)
    return `${which} can pick no member: its map has none of the ${formatCount(members.length)}. The hash picks for every client that it does not drop.`
  const otherwise = 'Where it picks none and does not drop, the hash picks.'
  if (reached.length === members.length)
    return `${what} Its map has all ${pluralize(members.length, 'member')}. ${otherwise}`
  const listed = reached.slice(0, MAX_LISTED).join(', ')
  const more = reached.length > MAX_LISTED ? ` and ${formatCount(reached.length - MAX_LISTED)} more` : ''
  return `${what} Its map has ${formatCount(reached.length)} of ${pluralize(members.length, 'member')}: ${listed}${more}. ${otherwise}`
}

function dependsText({ ranges, dependsOn }: ClassicResult, places: number): string {
  const whole = ranges.length === 1 && (ranges[0]?.to ?? 0) >= 0xffffffff
  const what = whole
    ? ''
    : ` It returns ${ranges.slice(0, MAX_LISTED).map(rangeText).join(', ')}${ranges.length > MAX_LISTED ? ', …' : ''}`
  const past = ranges.some(({ to }) => to >= places)
  const fallback = past ? `from ${places} on, which is no place of socks[], the hash picks` : ''
  const tail = what === '' ? (past ? ` ${capitalized(fallback)}.` : '') : `${what}${past ? `; ${fallback}` : ''}.`
  return `The attached program decides, not the hash, depending on ${listText(dependsOn)}.${tail}`
}

function rangeText({ from, to }: Range): string {
  return from === to ? String(from) : `${from} to ${formatCount(to)}`
}

function listText(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

function capitalized(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`
}
