/**
 * Joining an IPv6 group walks all of its members (measured: listen(2) 149 µs at 10,000 members, bind(2) of UDP 6.6 ms
 * at 32,768). Joining an IPv4 group takes the same time at any size.
 */
import { text } from '../../../common/prose.ts'
import { show } from '../../steps/parts.ts'
import type { FindingType } from '../finding-type.ts'
import { endpointName } from '../phrases.ts'
import { number } from '../rule.ts'

const LARGE = 1000
const VERY_LARGE = 10_000

export default {
  importance: 20,
  tag: 'large IPv6',
  clause: 'each additional member joins more slowly',
  source: 'The members are counted. The cost of joining was measured on another machine of this kind.',
  steps: (facts) => [show(facts)],
  rule: () => ({
    trigger: 'structure',
    examine(group) {
      if (group.sharing !== 'reuseport' || group.family !== 'ipv6' || group.receiving < LARGE) return null
      return {
        severity: group.receiving >= VERY_LARGE ? 'warning' : 'info',
        members: [],
        summary: text`${endpointName(group)} is an IPv6 group with ${group.receiving} members: each new member joins more slowly.`,
        evidence: [number('members', group.receiving)],
        explanation: text`To find the group of a new socket, the kernel walks the list of sockets on the port under a lock. IPv6 sockets are at its end, so it walks all members; for IPv4 the first entry is enough.`,
        advice: text`If members are added and removed often, use fewer of them, IPv4 addresses, or several ports.`,
      }
    },
  }),
} satisfies FindingType
