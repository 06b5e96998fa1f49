/**
 * Processes hold much more or much less than their share of the connections, beyond chance. Counts established
 * connections, each of which is one flow; a spread that chance makes once in a thousand and that nobody would feel
 * (1.25 times a share) is left alone, as are too few connections to tell.
 */
import type { FlowSpread } from '../../../contract/analysis.ts'
import { NOTHING, text } from '../../prose.ts'
import { isSignificant } from '../statistics.ts'
import { listenerPerWorker } from './programs.ts'
import { type GroupView, number, type Rule } from './rule.ts'
import { named } from './words.ts'

const NOTABLE = 1.25

/** How a group's connections are spread over its processes, and its flows over its members by the oracle; null where that is not known. */
export type Weighed = { connections: FlowSpread; flows: FlowSpread | null }

export function imbalanceSignificant(weighed: (id: string) => Weighed | null): Rule {
  return {
    code: 'imbalance-significant',
    looksAt: 'structure',
    // While workers are replaced, those that leave still hold what came before.
    raise: { hits: 3, of: 3 },
    calm: 2,
    examine(group) {
      const found = weighed(group.id)
      if (found === null || !isUneven(found.connections)) return null
      const { connections, flows } = found
      const hash = flows !== null && isSignificant(flows)
      const cause = hash ? 'hash' : 'workers'
      return {
        severity: 'warning',
        members: [],
        summary: text`Of ${connections.total} connections of ${named(group)} the busiest of ${connections.members} processes has ${connections.maxOverMean ?? 1} times its share.`,
        numbers: [
          number('connections', connections.total),
          number('processes', connections.members),
          number('most, as a multiple of its share', connections.maxOverMean),
          number("Jain's index", connections.jain),
          number('chi-square', connections.chiSquare),
          number('probability by chance', connections.p),
          number('probability by chance of the spread of the hash', flows?.p ?? null),
        ],
        ...(group.sharing === 'inherited'
          ? sharedSocket(group)
          : { explanation: EXPLANATIONS[cause], advice: ADVICE[cause] }),
      }
    },
  }
}

/** Uneven beyond chance, and by enough to matter. */
export function isUneven(spread: FlowSpread): boolean {
  return isSignificant(spread) && (spread.maxOverMean ?? 1) >= NOTABLE
}

function sharedSocket(group: GroupView) {
  const polled = group.members.some(({ pollers }) => pollers !== null && pollers.length > 0)
  return {
    explanation: polled
      ? text`All processes wait at one socket. epoll wakes the one that began to wait last (with EPOLLEXCLUSIVE only that one), so the same few are woken again and again.`
      : text`All processes take from one socket, and no hash spreads the connections over them.`,
    advice: text`Give each process a socket of its own with SO_REUSEPORT${polled ? text`, or accept in blocking mode` : NOTHING}.${listenerPerWorker(
      group,
      group.members.flatMap(({ serving }) => serving),
    )}`,
  }
}

const EXPLANATIONS = {
  hash: text`The steering itself is uneven: sampled clients do not reach all members alike. A member that lost its place in the group, SO_INCOMING_CPU or a connected socket among them does this.`,
  workers: text`The steering is fair: sampled clients reach all members alike. The processes differ in how fast they accept or in how long they keep connections.`,
} as const
const ADVICE = {
  hash: text`Ask for the balance of this group: it names the members that get nothing. Restarting the group puts its members in order.`,
  workers: text`Compare the processes: is one newer, or busy with something else? Long connections of before a restart even out with time.`,
} as const
