/** A group holds 32,768 sockets at most (measured: the next one gets ENOMEM or EADDRINUSE). */
import { text } from '../../prose.ts'
import { number, type Rule } from './rule.ts'
import { named } from './words.ts'

const LIMIT = 32_768
const NEAR = 0.9 * LIMIT

export const nearGroupLimit: Rule = {
  code: 'near-group-limit',
  looksAt: 'structure',
  raise: { hits: 1, of: 1 },
  calm: 2,
  examine(group) {
    if (group.sharing !== 'reuseport' || group.receiving < NEAR) return null
    const full = group.receiving >= LIMIT
    return {
      severity: full ? 'critical' : 'warning',
      members: [],
      summary: full
        ? text`${named(group)} is full: no further socket can join.`
        : text`${named(group)} has ${group.receiving} of the ${LIMIT} members that a group may have.`,
      numbers: [number('members', group.receiving), number('most that a group may have', LIMIT)],
      explanation: text`The kernel keeps a group in one array that does not grow beyond 32,768. The next socket is refused: listen(2) fails with ENOMEM, bind(2) of UDP with EADDRINUSE.`,
      advice: text`Few programs need more members than CPUs. If sockets leak, find out who opens them; otherwise spread them over several ports or addresses.`,
    }
  },
}
