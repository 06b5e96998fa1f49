/**
 * Processes hold much more or much less than their share of the connections, beyond chance. Counts established
 * connections, each of which is one flow. Not raised for a spread that chance makes more often than once in a thousand,
 * for one too small to matter (below 1.25 times a share), or for too few connections to judge.
 */
import type { FlowSpread } from '../../../../contract/analysis.ts'
import { NOTHING, text } from '../../../common/prose.ts'
import { isSignificant } from '../../significance.ts'
import type { BalanceSample, FindingType } from '../finding-type.ts'
import { endpointName } from '../phrases.ts'
import { listenerPerWorker } from '../programs.ts'
import { type GroupView, number } from '../rule.ts'

const MIN_NOTABLE_RATIO = 1.25

export default {
  importance: 70,
  tag: 'uneven',
  clause: 'its connections are spread unevenly, beyond chance',
  source:
    'Established connections are counted per process that holds them, and tested against equal shares (chi-square): each connection is one flow. Where they are uneven, kernel lookups of sampled clients, if possible, separate the hash from the processes.',
  steps: (facts) => [
    {
      text: 'See how connections are spread over the members.',
      command: `reuseport-inspector balance ${facts.key.id}`,
      cost: null,
    },
  ],
  rule: ({ weighed }) => {
    return {
      trigger: 'structure',
      // While workers are being replaced, the old ones still hold earlier connections.
      debounce: { hits: 3, of: 3, clearAfter: 2 },
      examine(group) {
        const found = weighed(group.id)
        if (found === null || !isUneven(found.connections)) return null
        const { connections, flows, counted } = found
        const cause = causeOf(found)
        return {
          severity: 'warning',
          members: [],
          summary: text`The busiest of ${connections.members} processes at ${endpointName(group)} has ${connections.maxOverMean ?? 1} times its share of ${connections.total} connections.`,
          evidence: [
            number('connections', connections.total),
            number('processes', connections.members),
            number('busiest process, as a multiple of its share', connections.maxOverMean),
            number("Jain's index", connections.jain),
            number('chi-square', connections.chiSquare),
            number('p-value of this spread', connections.p),
            number(
              counted ? 'p-value of what members were given' : 'p-value of the hash (sampled clients)',
              flows?.p ?? null,
            ),
          ],
          ...(group.sharing === 'inherited'
            ? sharedSocket(group)
            : { explanation: EXPLANATIONS[cause], advice: ADVICE[cause] }),
        }
      },
    }
  },
} satisfies FindingType

/** Whether it is uneven beyond chance, and by enough to matter. */
export function isUneven(spread: FlowSpread): boolean {
  return isSignificant(spread) && (spread.maxOverMean ?? 1) >= MIN_NOTABLE_RATIO
}

/** What makes the connections uneven. Only what members are given tells, or sampled clients. */
function causeOf({ flows, counted }: BalanceSample): keyof typeof EXPLANATIONS {
  if (flows === null || flows.p === null) return 'unknown'
  if (isSignificant(flows)) return counted ? 'given' : 'hash'
  return counted ? 'fair' : 'workers'
}

function sharedSocket(group: GroupView) {
  const polled = group.members.some(({ pollers }) => pollers !== null && pollers.length > 0)
  return {
    explanation: polled
      ? text`All processes wait on one socket. epoll wakes the one that started waiting last (with EPOLLEXCLUSIVE only that one), so the same few are woken again and again.`
      : text`All processes accept from one socket, and no hash spreads the connections over them.`,
    advice: text`Give each process its own socket with SO_REUSEPORT${polled ? text`, or accept in blocking mode` : NOTHING}.${listenerPerWorker(
      group,
      group.members.flatMap(({ serving }) => serving),
    )}`,
  }
}

const EXPLANATIONS = {
  given: text`The steering itself is uneven: members are given unequal numbers of connections, beyond chance. Possible causes are SO_INCOMING_CPU, and a full queue, which is given nothing while it is full.`,
  fair: text`The steering is fair: members are given equal numbers of connections, within chance. The processes differ in how fast they accept, or in how long they keep connections.`,
  hash: text`The steering itself is uneven: sampled clients do not reach all members equally. Possible causes are a member that lost its place in the group, SO_INCOMING_CPU, or a connected socket among the members.`,
  workers: text`The steering is fair: sampled clients reach all members equally. The processes differ in how fast they accept, or in how long they keep connections.`,
  unknown: text`Too few clients were sampled, or none, so it is unknown whether the hash or the processes are the cause.`,
} as const
const COMPARE = text`Compare the processes: is one newer, or busy with something else? Long connections from before a restart even out over time.`
const ADVICE = {
  given: text`Check the balance of this group: it lists what each member was given. Restarting the group's processes rebuilds it.`,
  fair: COMPARE,
  hash: text`Check the balance of this group: it names the members that get nothing. Restarting the group's processes rebuilds it.`,
  workers: COMPARE,
  unknown: text`Check the balance of this group: it samples clients. If they reach all members equally, compare the processes: is one newer, or busy with something else?`,
} as const
