/**
 * A narrower socket takes what a wider group is thought to get: a wildcard group gets nothing of an address that
 * another is bound to, and a dual-stack group nothing of IPv4 beside an IPv4 wildcard (lookup.ts). Not so for another
 * interface only, for IPv6-only beside IPv4, and for sockets that do not receive.
 */
import { isWildcard } from '../../addresses.ts'
import { listed, NOTHING, nameOf, text } from '../../prose.ts'
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
    const allOfIpv4 = casting.some(
      (other) => other.family === 'ipv4' && isWildcard(other.address) && group.family === 'ipv6',
    )
    const what = allOfIpv4
      ? text`all IPv4`
      : listed(casting.slice(0, 3).map((other) => [nameOf({ kind: 'address', address: other.key.address })]))
    return {
      severity: foreign || allOfIpv4 ? 'warning' : 'info',
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
  const same = other.key.interface === group.key.interface || other.key.interface === null
  if (!same) return false
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
