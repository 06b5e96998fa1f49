/**
 * Joining an IPv6 group walks all of its members (measured: listen(2) 149 µs at 10,000 members, bind(2) of UDP 6.6 ms
 * at 32,768). IPv4 groups of any size are flat.
 */
import { text } from '../../prose.ts'
import { number, type Rule } from './rule.ts'
import { named } from './words.ts'

const LARGE = 1000
const VERY_LARGE = 10_000

export const largeIpv6Group: Rule = {
  code: 'large-ipv6-group',
  looksAt: 'structure',
  raise: { hits: 1, of: 1 },
  calm: 2,
  examine(group) {
    if (group.sharing !== 'reuseport' || group.family !== 'ipv6' || group.receiving < LARGE) return null
    return {
      severity: group.receiving >= VERY_LARGE ? 'warning' : 'info',
      members: [],
      summary: text`${named(group)} is an IPv6 group of ${group.receiving}: each further member joins more slowly.`,
      numbers: [number('members', group.receiving)],
      explanation: text`To find the group that a new socket belongs to, the kernel walks the list of the port. IPv6 sockets stand at the end of it, so all members are walked, under a lock; for IPv4 the first one answers.`,
      advice: text`Use fewer members, or IPv4 addresses, or several ports, where members come and go often.`,
    }
  },
}
