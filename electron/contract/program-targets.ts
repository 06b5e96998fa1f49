/**
 * Which members the program attached to a group can pick, as far as that can be known without running it in the kernel.
 * The kernel takes the hash where a program gives no member: reuseport_select_sock() (net/core/sock_reuseport.c).
 */
import { runClassic } from './classic-run.ts'
import type { KernelGroup, SteeringProgram } from './kernel-group.ts'

/** BPF_PROG_TYPE_SK_REUSEPORT (linux/bpf.h): picks from a map. Any other type returns a place, like a classic program. */
const SK_REUSEPORT = 21
/** BPF_MAP_TYPE_REUSEPORT_SOCKARRAY. */
const SOCKARRAY = 20
/** Keys of it that are read. */
const MAX_KEYS = 32_768
/** Other ways to a socket, which are not read: PROG_ARRAY, ARRAY_OF_MAPS, HASH_OF_MAPS, SOCKMAP and SOCKHASH. */
const HIDING: ReadonlySet<number> = new Set([3, 12, 13, 15, 18])

/**
 * Whether a program decides in a group with these kernel groups: one is attached, and the hash does not serve every
 * client that it does not drop. True also where it cannot be known which members it picks.
 */
export function programDecides(groups: readonly KernelGroup[]): boolean {
  return groups.some((group) => group.program !== null && !picksNone(group))
}

/** Rows of a list ask at every refresh, of groups that rarely change. */
const known = new WeakMap<KernelGroup, boolean>()

/** Whether no result of the group's program is a member, so that the hash picks; false also where that is not known. */
export function picksNone(group: KernelGroup): boolean {
  let answer = known.get(group)
  if (answer === undefined) {
    answer = group.members.length > 0 && placesMissed(group)?.length === group.members.length
    known.set(group, answer)
  }
  return answer
}

/**
 * The members that the program never picks, by their places in `socks[]`; they get at most what falls back to the hash.
 * null where that cannot be known.
 */
export function placesMissed({ program, members }: KernelGroup): number[] | null {
  if (program === null) return null
  const places = members.map((_, place) => place)
  if (program.kind === 'classic') {
    const { ranges } = runClassic(program.instructions, null)
    return places.filter((place) => !ranges.some(({ from, to }) => place >= from && place <= to))
  }
  const targets = programTargets(program)
  if (targets === null) return null
  return places.filter((place) => !targets.has(members[place] ?? null))
}

/** Whether some results of the program are no member, so that the hash picks for some clients; null: unknown. */
export function mayFallBack({ program, members }: KernelGroup): boolean | null {
  if (program === null) return true
  if (program.kind === 'extended') return null
  return runClassic(program.instructions, null).ranges.some(({ to }) => to >= members.length)
}

/** Cookies of the sockets in the program's arrays; null where it has none, or may pick others than were read. */
export function programTargets(
  program: Extract<SteeringProgram, { kind: 'extended' }>,
): ReadonlySet<string | null> | null {
  const { type, maps, mapCount } = program
  if (type !== SK_REUSEPORT || mapCount > maps.length || maps.some((map) => HIDING.has(map.type))) return null
  const arrays = maps.filter((map) => map.type === SOCKARRAY)
  if (arrays.length === 0 || arrays.some(({ maxEntries }) => maxEntries > MAX_KEYS)) return null
  const places = arrays.flatMap(({ places }) => places ?? [])
  if (places.some(({ cookie }) => cookie === null)) return null
  return new Set(places.map(({ cookie }) => cookie))
}
