/**
 * A more specific bind takes traffic that a wider group appears to get: a wildcard group gets nothing sent to an
 * address that another socket is bound to, and a dual-stack group gets no IPv4 next to an IPv4 wildcard (lookup.ts). If
 * the other socket is bound to an interface, this holds for traffic that arrives there. No finding where no packet
 * matches both, for IPv6-only next to IPv4, for sockets that do not receive, and for a multicast or broadcast address.
 */
import { isWildcard } from '../../../common/addresses.ts'
import { listed, NOTHING, nameOf, type Text, text } from '../../../common/prose.ts'
import { isLoopback } from '../../arrival.ts'
import type { FindingType } from '../finding-type.ts'
import { commands, endpointName } from '../phrases.ts'
import { type GroupView, number } from '../rule.ts'

export default {
  importance: 30,
  tag: 'shadowed',
  clause: 'more specific binds take part of its traffic',
  source:
    'Derived from the addresses that these sockets are bound to and the order in which the kernel looks them up. The packet path on the group’s screen checks it with a kernel lookup.',
  steps: (facts) => [
    {
      text: 'See everything that uses this port.',
      command: `reuseport-inspector port ${facts.key.port} --protocol ${facts.key.protocol}`,
      cost: null,
    },
  ],
  rule: () => ({
    trigger: 'structure',
    examine(group) {
      if (group.receiving === 0 || !isWildcard(group.address)) return null
      const shadowing = group.neighbors.filter((other) => shadows(other, group))
      if (shadowing.length === 0) return null
      // Two unshared sockets on one port are normal.
      if (group.sharing === 'none' && shadowing.every(({ sharing }) => sharing === 'none')) return null
      const mine = commandsOf(group)
      const others = new Set(shadowing.flatMap((other) => [...commandsOf(other)]))
      const foreign = mine.size > 0 && others.size > 0 && [...others].every((command) => !mine.has(command))
      const allOfIpv4 = shadowing.some((other) => takesIpv4(other, group) && !takesPart(other, group))
      const what = allOfIpv4 ? text`over IPv4` : listed(shadowing.slice(0, 3).map((other) => lostTraffic(other, group)))
      const deliberate = shadowing.every((other) => takesPart(other, group))
      return {
        severity: (foreign && !deliberate) || allOfIpv4 ? 'warning' : 'info',
        members: [],
        summary: text`${endpointName(group)} gets no traffic ${what}: ${listed(shadowing.slice(0, 3).map((other) => [endpointName(other)]))} ${shadowing.length === 1 ? text`is a more specific bind` : text`are more specific binds`}.`,
        evidence: [
          number('more specific groups or sockets on the port', shadowing.length),
          number('their members', sum(shadowing)),
        ],
        explanation: text`The kernel checks sockets bound to the packet's own address first, and IPv4 sockets before IPv6 ones. This group gets only what none of them takes.${
          foreign
            ? text` The more specific ones belong to ${commands(
                group,
                shadowing.flatMap((other) => other.members.flatMap(({ holders }) => holders)),
              )}, another program.`
            : NOTHING
        }`,
        advice: foreign
          ? text`If the two should not share the port, move one of them to another port.`
          : text`Nothing to do if this is intended. Otherwise bind all of them to the same address.`,
      }
    },
  }),
} satisfies FindingType

function shadows(other: GroupView, group: GroupView): boolean {
  if (other.receiving === 0) return false
  if (other.delivery !== 'one') return false
  const bound = other.key.interface ?? group.key.interface
  if (group.key.interface !== null && bound !== group.key.interface) return false
  // Packets for a loopback address arrive only on lo.
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

/** Whether `other` is bound to an interface and the group is not: it takes only what arrives there. */
function takesPart(other: GroupView, group: GroupView): boolean {
  return other.key.interface !== null && group.key.interface === null
}

function takesIpv4(other: GroupView, group: GroupView): boolean {
  return other.family === 'ipv4' && isWildcard(other.address) && group.family === 'ipv6'
}

/** The traffic that the group loses to this one: "for 10.0.0.1", "over IPv4 on one interface". */
function lostTraffic(other: GroupView, group: GroupView): Text {
  const what = takesIpv4(other, group)
    ? text`over IPv4`
    : text`for ${nameOf({ kind: 'address', address: other.key.address })}`
  return takesPart(other, group) ? text`${what} on one interface` : what
}

function commandsOf(group: GroupView): Set<string> {
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
