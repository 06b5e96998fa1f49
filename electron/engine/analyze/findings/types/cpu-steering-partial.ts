/**
 * SO_INCOMING_CPU is set on only some members, does not cover all CPUs, or names one CPU twice: then some members get
 * more than others. Nothing is wrong where each CPU has its own member, or where no member sets it.
 */
import { listed, text } from '../../../common/prose.ts'
import { show } from '../../steps/parts.ts'
import type { FindingType } from '../finding-type.ts'
import { counted, endpointName } from '../phrases.ts'
import { number } from '../rule.ts'

export default {
  importance: 50,
  tag: 'partly steered',
  clause: 'SO_INCOMING_CPU steers only part of it',
  source:
    'SO_INCOMING_CPU is read from the sockets themselves, through their owners’ descriptors. Members that cannot be read count as neither.',
  steps: (facts) => [show(facts)],
  rule: ({ online }) => {
    return {
      trigger: 'structure',
      examine(group) {
        if (group.sharing !== 'reuseport' || group.receiving < 2 || !group.setsCpu) return null
        const set = group.members.filter(({ cpu }) => typeof cpu === 'number')
        const unset = group.members.filter(({ cpu }) => cpu === 'not set')
        const cpus = new Set(set.map(({ cpu }) => cpu))
        const uncovered = Math.max(0, online() - cpus.size)
        const doubled = set.length - cpus.size
        if (unset.length === 0 && uncovered === 0 && doubled === 0) return null
        const why = [
          ...(unset.length > 0
            ? [
                text`${unset.length} of ${group.receiving} members ${unset.length === 1 ? text`does` : text`do`} not set it`,
              ]
            : []),
          ...(uncovered > 0
            ? [text`${uncovered} of ${online()} CPUs ${uncovered === 1 ? text`has` : text`have`} no member`]
            : []),
          ...(doubled > 0
            ? [text`${counted(doubled, 'member')} ${doubled === 1 ? text`shares` : text`share`} a CPU with another`]
            : []),
        ]
        return {
          severity: 'warning',
          members: set.map(({ cookie }) => cookie),
          summary: text`SO_INCOMING_CPU steers only part of the traffic of ${endpointName(group)}: ${listed(why)}.`,
          evidence: [
            number('members that set SO_INCOMING_CPU', set.length),
            number('members that do not set it', unset.length),
            number('CPUs with a member', cpus.size),
            number('CPUs online', online()),
          ],
          explanation: text`The kernel gives a packet to the member whose SO_INCOMING_CPU is the receiving CPU. Where no member matches, it picks among all of them by hash. Members without a CPU of their own get only what arrives on CPUs without a member.`,
          advice: text`Set it on every member, one per receiving CPU (see /proc/interrupts and RPS), or on none.`,
        }
      },
    }
  },
} satisfies FindingType
