/** A group holds at most 32,768 sockets (measured: the next one gets ENOMEM or EADDRINUSE). */
import { text } from '../../../common/prose.ts'
import { show } from '../../steps/parts.ts'
import type { FindingType } from '../finding-type.ts'
import { endpointName } from '../phrases.ts'
import { number } from '../rule.ts'

const LIMIT = 32_768
const NEAR = 0.9 * LIMIT

export default {
  importance: 100,
  tag: 'near the limit',
  clause: 'it is close to the maximum number of members',
  source: 'The members are counted. The limit is the kernel’s own, and was measured.',
  steps: (facts) => [show(facts)],
  rule: () => ({
    trigger: 'structure',
    examine(group) {
      if (group.sharing !== 'reuseport' || group.receiving < NEAR) return null
      const full = group.receiving >= LIMIT
      return {
        severity: full ? 'critical' : 'warning',
        members: [],
        summary: full
          ? text`${endpointName(group)} is full (${group.receiving} members): no more sockets can join.`
          : text`${endpointName(group)} has ${group.receiving} of at most ${LIMIT} members.`,
        evidence: [number('members', group.receiving), number('maximum members of a group', LIMIT)],
        explanation: text`The kernel keeps a group in one array of at most 32,768 sockets. It refuses the next one: listen(2) fails with ENOMEM, bind(2) on UDP with EADDRINUSE.`,
        advice: text`Few programs need more members than CPUs. If sockets are leaking, find out what opens them; otherwise spread them over several ports or addresses.`,
      }
    },
  }),
} satisfies FindingType
