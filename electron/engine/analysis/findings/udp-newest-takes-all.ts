/**
 * UDP sockets that share by SO_REUSEADDR alone: every unicast datagram goes to the newest. For multicast that is how
 * it should be, each socket gets a copy: on its usual ports it is only worth a note, at a multicast address nothing.
 */

import { NOTHING, text } from '../../prose.ts'
import { isMulticast } from '../question.ts'
import { type GroupView, number, type Rule } from './rule.ts'
import { named, servers, whichMembers } from './words.ts'

/** SSDP, WS-Discovery, mDNS, LLMNR (IANA's list of ports). */
const MULTICAST_PORTS: ReadonlySet<number> = new Set([1900, 3702, 5353, 5355])

/** `receiver`: the cookie of the socket that the kernel names, null where it was not asked yet. */
export function udpNewestTakesAll(receiver: (group: GroupView) => bigint | null): Rule {
  return {
    code: 'udp-newest-takes-all',
    looksAt: 'structure',
    raise: { hits: 1, of: 1 },
    calm: 2,
    examine(group) {
      if (group.protocol !== 'udp' || group.sharing !== 'reuseaddr' || group.receiving < 2) return null
      if (isMulticast(group.family, group.address)) return null
      const newest = receiver(group)
      const known = group.members.filter(({ cookie }) => cookie === newest)
      const usual = MULTICAST_PORTS.has(group.port)
      return {
        severity: usual ? 'info' : 'warning',
        members: group.members.map(({ cookie }) => cookie),
        summary: text`Of ${group.receiving} sockets at ${named(group)} only the newest receives${known.length === 0 ? NOTHING : text`: ${whichMembers(group, known)}, ${servers(group, known)}`}.`,
        numbers: [number('sockets', group.receiving), number('sockets that receive unicast', 1)],
        explanation: text`They share the port by SO_REUSEADDR, without SO_REUSEPORT: the kernel gives every unicast datagram to the socket that was bound last, and the others starve.${
          usual ? text` This port is one of multicast, of which each of them gets a copy.` : NOTHING
        }`,
        advice: usual
          ? text`Nothing, as long as they wait for multicast only.`
          : text`To share the load set SO_REUSEPORT on all of them before bind(2); otherwise find out which program came second.`,
      }
    },
  }
}
