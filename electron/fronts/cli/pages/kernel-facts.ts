/** The kernel's own groups on the page of a group: one fact with its sentences for each thing that it holds. */
import { classicProgramLines } from '../../../contract/classic-program.ts'
import type { KernelGroup, ProgramMap, SteeringProgram } from '../../../contract/kernel-group.ts'
import type { Group } from '../../../contract/model.ts'
import { formatCount, pluralize } from '../format.ts'

export type Fact = { readonly name: string; readonly texts: readonly string[] }

/** Instructions, keys of a map, and cookies that are listed; the rest are counted. */
const MAX_LISTED = 32
/** include/net/sock_reuseport.h: `socks[]` starts with 128 places and doubles, in a u16. */
const MAX_SOCKS = 32_768

/** By the kernel's numbers (linux/bpf.h). */
const PROGRAM_TYPES: Readonly<Record<number, string>> = { 1: 'socket_filter', 21: 'sk_reuseport' }

/** Empty where they are unknown. */
export function kernelFacts({ kernelGroups, members }: Pick<Group, 'kernelGroups' | 'members'>): Fact[] {
  if (kernelGroups === undefined) return []
  if (kernelGroups.length === 0) return [{ name: 'Kernel group', texts: ['none: these sockets are in no group'] }]
  const numbers = new Map(members.map(({ cookie }, at) => [cookie, at + 1]))
  const several = kernelGroups.length > 1
  return kernelGroups.flatMap((group) => [
    { name: 'Kernel group', texts: describeGroup(group, several) },
    { name: 'Program', texts: describeProgram(group, numbers) },
  ])
}

function describeGroup(
  { id, members, closed, maxSocks, bindInany, hasConns }: KernelGroup,
  several: boolean,
): string[] {
  const room = `room for ${formatCount(maxSocks)} in socks[], at most ${formatCount(MAX_SOCKS)}`
  return [
    `${several ? `number ${id}, one of several: ` : ''}${pluralize(members.length, 'member')}; ${room}`,
    ...(closed.length > 0 ? [`${pluralize(closed.length, 'listener')} in the closed section`] : []),
    ...(bindInany ? ['bound to a wildcard address (bind_inany)'] : []),
    ...(hasConns ? ['a member has been connected (has_conns): the lookup also compares remote addresses'] : []),
  ]
}

function describeProgram({ program, members }: KernelGroup, numbers: ReadonlyMap<string | null, number>): string[] {
  if (program === null) return ['none: the hash picks the member']
  if (program.kind === 'classic') return describeClassic(program)
  const { name, type, id, tag, loadedAt, maps, mapCount } = program
  const kind = PROGRAM_TYPES[type] ?? `type ${type}`
  return [
    `${name || 'without a name'} (${kind}, id ${id}, tag ${tag}), loaded ${loadedAt}`,
    ...maps.flatMap((map) => describeMap(map, members, numbers)),
    ...(mapCount > maps.length ? [`and ${pluralize(mapCount - maps.length, 'more map')}`] : []),
  ]
}

function describeClassic({ instructions }: Extract<SteeringProgram, { kind: 'classic' }>): string[] {
  const lines = classicProgramLines(instructions.slice(0, MAX_LISTED))
  return [
    `classic, ${pluralize(instructions.length, 'instruction')}`,
    ...lines.map((text, at) => `${at}: ${text}`),
    ...(instructions.length > lines.length ? [`and ${formatCount(instructions.length - lines.length)} more`] : []),
  ]
}

function describeMap(
  { name, id, maxEntries, places }: ProgramMap,
  members: KernelGroup['members'],
  numbers: ReadonlyMap<string | null, number>,
): string[] {
  const title = `map ${name || 'without a name'} (id ${id}, ${pluralize(maxEntries, 'key')})`
  if (places === null) return [title]
  const who = (cookie: string | null) => {
    const number = numbers.get(cookie)
    return number === undefined ? `socket ${cookie ?? 'unknown'}` : `member ${number}`
  }
  const listed = places.slice(0, MAX_LISTED).map(({ key, cookie }) => `${key} → ${who(cookie)}`)
  const rest = places.length > listed.length ? [`${formatCount(places.length - listed.length)} more`] : []
  const reached = new Set(places.map(({ cookie }) => cookie))
  const missing = members.filter((cookie) => !reached.has(cookie)).length
  return [
    `${title}: ${places.length === 0 ? 'empty' : [...listed, ...rest].join(', ')}`,
    ...(missing > 0 ? [`${pluralize(missing, 'member')} of ${formatCount(members.length)} under no key`] : []),
  ]
}
