/**
 * A narrower socket takes what a wider group is thought to get: a wildcard group gets nothing of an address that
 * another is bound to, and a dual-stack group nothing of IPv4 beside an IPv4 wildcard (lookup.ts); of what arrives by one
 * interface, where the other is bound to that. Not so where nothing arrives that both would take, for IPv6-only beside
 * IPv4, and for sockets that do not receive.
 */
import { isWildcard } from '../../addresses.ts'
import { listed, NOTHING, nameOf, type Text, text } from '../../prose.ts'
import { isLoopback } from '../arrival.ts'
import { type GroupView, number, type Rule } from './rule.ts'
import { commands, named } from './words.ts'

export const groupShadowed: Rule = {
  code: 'group-shadowed',
  looksAt: 'structure',
  raise: { hits: 1, of: 1 },
  calm: 2,
  examine(group) {
    if (group.receiving === 0 || !isWildcard(group.address)) return null
    const casting = group.neighbours.filter((other) => shadows(other, group))
    if (casting.length === 0) return null
    // A plain socket beside a plain one is everyday business.
    if (group.sharing === 'none' && casting.every(({ sharing }) => sharing === 'none')) return null
    const mine = ownersOf(group)
    const others = new Set(casting.flatMap((other) => [...ownersOf(other)]))
    const foreign = mine.size > 0 && others.size > 0 && [...others].every((command) => !mine.has(command))
    const allOfIpv4 = casting.some((other) => takesIpv4(other, group) && !takesPart(other, group))
    const what = allOfIpv4 ? text`all IPv4` : listed(casting.slice(0, 3).map((other) => taken(other, group)))
    const deliberate = casting.every((other) => takesPart(other, group))
    return {
      severity: (foreign && !deliberate) || allOfIpv4 ? 'warning' : 'info',
      members: [],
      summary: text`${named(group)} gets nothing of ${what}: ${listed(casting.slice(0, 3).map((other) => [named(other)]))} ${casting.length === 1 ? text`is` : text`are`} narrower.`,
      numbers: [
        number('narrower groups or sockets on the port', casting.length),
        number('their members', sum(casting)),
      ],
      explanation: text`The kernel asks sockets bound to the packet's own address first, and IPv4 sockets before IPv6 ones. Only what none of them takes reaches this group.${
        foreign
          ? text` The narrower ones belong to ${commands(
              group,
              casting.flatMap((other) => other.members.flatMap(({ holders }) => holders)),
            )}, another program.`
          : NOTHING
      }`,
      advice: foreign
        ? text`If the two are not meant to share the port, move one of them to another.`
        : text`Nothing, if this is meant. Otherwise bind all of them to the same address.`,
    }
  },
}

function shadows(other: GroupView, group: GroupView): boolean {
  if (other.receiving === 0) return false
  if (other.unreachable) return false
  const bound = other.key.interface ?? group.key.interface
  if (group.key.interface !== null && bound !== group.key.interface) return false
  // What is sent to a loopback address arrives by lo alone.
  if (bound !== null && bound !== 'lo' && isLoopback(other.family, other.address)) return false
  const dual = group.family === 'ipv6' && group.key.v6only === false
  if (other.family === 'ipv4') {
    if (group.family === 'ipv6') return dual
    return !isWildcard(other.address)
  }
  if (!isWildcard(other.address)) {
    // `::ffff:a.b.c.d` is an IPv4 address.
    const mapped = other.key.address.startsWith('::ffff:')
    return group.family === 'ipv6' ? !mapped || dual : mapped
  }
  return false
}

/** Bound to an interface to which the group is not: it takes only what arrives there. */
function takesPart(other: GroupView, group: GroupView): boolean {
  return other.key.interface !== null && group.key.interface === null
}

function takesIpv4(other: GroupView, group: GroupView): boolean {
  return other.family === 'ipv4' && isWildcard(other.address) && group.family === 'ipv6'
}

/** What the group does not get for this one. */
function taken(other: GroupView, group: GroupView): Text {
  const what = takesIpv4(other, group) ? text`IPv4` : text`${nameOf({ kind: 'address', address: other.key.address })}`
  return takesPart(other, group) ? text`${what} that arrives by its interface` : what
}

function ownersOf(group: GroupView): Set<string> {
  const found = new Set<string>()
  for (const { holders } of group.members) {
    for (const pid of holders) {
      const command = group.process(pid)?.command
      if (command !== undefined) found.add(command)
    }
  }
  return found
}

function sum(groups: readonly GroupView[]): number {
  return groups.reduce((total, { receiving }) => total + receiving, 0)
}
