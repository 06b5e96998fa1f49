/**
 * UDP sockets that share a port through SO_REUSEADDR alone: every unicast datagram goes to the newest. For multicast
 * this is intended, because each socket gets a copy: `info` on the usual multicast ports, nothing at a multicast or
 * broadcast address.
 */
import { NOTHING, text } from '../../../common/prose.ts'
import { show } from '../../steps/parts.ts'
import type { FindingType } from '../finding-type.ts'
import { endpointName, servingProcesses } from '../phrases.ts'
import { number } from '../rule.ts'

/** SSDP, WS-Discovery, mDNS, LLMNR (IANA port numbers). */
const MULTICAST_PORTS: ReadonlySet<number> = new Set([1900, 3702, 5353, 5355])

export default {
  importance: 40,
  tag: 'newest takes all',
  cause: 'receivers',
  clause: 'only the newest socket receives',
  source:
    'How the sockets share the port is read from their options, or found by kernel lookups, which return the newest socket for every client.',
  recipe: 'reuseaddr-is-not-reuseport',
  steps: (facts) => [show(facts)],
  rule: ({ receiver }) => {
    return {
      trigger: 'structure',
      examine(group) {
        if (group.protocol !== 'udp' || group.sharing !== 'reuseaddr' || group.receiving < 2) return null
        if (group.delivery === 'copies') return null
        const newest = receiver(group)
        const known = group.members.findIndex(({ cookie }) => cookie === newest)
        const receives = group.members[known]
        const usual = MULTICAST_PORTS.has(group.port)
        return {
          severity: usual ? 'info' : 'warning',
          members: group.members.map(({ cookie }) => cookie),
          summary: text`Only the ${group.receiving === 2 ? text`newer` : text`newest`} of ${group.receiving} sockets at ${endpointName(group)} receives${receives === undefined ? NOTHING : text`: member ${known + 1}, ${servingProcesses(group, [receives])}`}.`,
          evidence: [number('sockets', group.receiving), number('sockets that receive unicast', 1)],
          explanation: text`They share the port through SO_REUSEADDR without SO_REUSEPORT: the kernel gives every unicast datagram to the socket bound last, and the others get none.${
            usual ? text` This is a multicast port: each of them gets a copy of every multicast datagram.` : NOTHING
          }`,
          advice: usual
            ? text`Nothing to do if they only need multicast.`
            : text`To share the load, set SO_REUSEPORT on all of them before bind(2). Otherwise find out which program bound last.`,
        }
      },
    }
  },
} satisfies FindingType
