/**
 * SO_INCOMING_CPU on some members only, on CPUs that do not cover the machine's, or twice on one: then some members get
 * more than others. Where each CPU has its member, and where no member sets it, nothing is wrong.
 */
import { listed, text } from '../../prose.ts'
import { number, type Rule } from './rule.ts'
import { named } from './words.ts'

/** `online`: how many CPUs the machine has online. */
export function cpuSteeringPartial(online: () => number): Rule {
  return {
    code: 'cpu-steering-partial',
    looksAt: 'structure',
    raise: { hits: 1, of: 1 },
    calm: 2,
    examine(group) {
      if (group.sharing !== 'reuseport' || group.receiving < 2) return null
      const set = group.members.filter(({ cpu }) => typeof cpu === 'number')
      if (set.length === 0) return null
      const unset = group.members.filter(({ cpu }) => cpu === 'not set')
      const cpus = new Set(set.map(({ cpu }) => cpu))
      const uncovered = Math.max(0, online() - cpus.size)
      const doubled = set.length - cpus.size
      if (unset.length === 0 && uncovered === 0 && doubled === 0) return null
      const why = [
        ...(unset.length > 0 ? [text`${unset.length} of ${group.receiving} members do not set it`] : []),
        ...(uncovered > 0 ? [text`${uncovered} of ${online()} CPUs have no member`] : []),
        ...(doubled > 0 ? [text`${doubled} share a CPU with another`] : []),
      ]
      return {
        severity: 'warning',
        members: set.map(({ cookie }) => cookie),
        summary: text`SO_INCOMING_CPU steers ${named(group)} only in part: ${listed(why)}.`,
        numbers: [
          number('members that set SO_INCOMING_CPU', set.length),
          number('members that do not', unset.length),
          number('CPUs with a member', cpus.size),
          number('CPUs online', online()),
        ],
        explanation: text`The kernel gives a packet to the member whose SO_INCOMING_CPU is the CPU that received it, and picks by hash among all where no member matches. Members without a CPU of their own get only what arrives on the CPUs left over.`,
        advice: text`Set it on every member, one for each CPU that receives (see /proc/interrupts and RPS), or on none.`,
      }
    },
  }
}
