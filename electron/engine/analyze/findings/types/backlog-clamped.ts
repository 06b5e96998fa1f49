/**
 * The backlog equals net.core.somaxconn and is too small. The value that a program passed to listen(2) cannot be read:
 * a limit of exactly somaxconn is what a larger request looks like, and also what Go requests by default. So the
 * finding is raised only where the queue is at least half full, or drops connections.
 */
import { NOTHING, text } from '../../../common/prose.ts'
import { raiseSomaxconn, reload } from '../../steps/parts.ts'
import type { FindingType } from '../finding-type.ts'
import { counted, endpointName, servingProcesses } from '../phrases.ts'
import { number } from '../rule.ts'
import { losesConnections } from './queue-overflowing.ts'

export default {
  importance: 110,
  tag: 'backlog clamped',
  cause: 'queue',
  clause: 'its backlog is clamped to net.core.somaxconn, and fills up',
  source:
    'The limit of each queue and net.core.somaxconn are read. The backlog passed to listen(2) cannot be read: that it was larger is a guess, because the two numbers are equal.',
  steps: (facts) => [
    {
      text: `See the limit in this network namespace${facts.somaxconn === null ? '' : `, now ${facts.somaxconn}`}.`,
      command: 'sysctl net.core.somaxconn',
      cost: null,
    },
    ...raiseSomaxconn(facts),
    ...reload(facts),
  ],
  rule: () => ({
    trigger: 'values',
    debounce: { hits: 1, of: 1, clearAfter: 20 },
    examine(group) {
      if (group.protocol !== 'tcp' || group.queued === 0) return null
      const { somaxconn } = group.facts
      if (somaxconn === null) return null
      const losing = losesConnections(group)
      if ((group.fullest?.length ?? 0) * 2 < somaxconn && !losing) return null
      const clamped = group.members.filter(
        ({ limit, length, dropped }) =>
          limit === somaxconn && (length * 2 >= somaxconn || (losing && length > 0 && (dropped ?? 0) > 0)),
      )
      if (clamped.length === 0) return null
      const longest = Math.max(...clamped.map(({ length }) => length))
      return {
        severity: 'warning',
        members: clamped.map(({ cookie }) => cookie),
        summary: text`The backlog of ${group.receiving === 1 ? text`${endpointName(group)}` : text`${counted(clamped.length, 'member')} at ${endpointName(group)}`} is capped at net.core.somaxconn (${somaxconn}), with ${clamped.length === 1 ? NOTHING : text`up to `}${counted(longest, 'connection')} queued.`,
        evidence: [
          number('net.core.somaxconn', somaxconn),
          number('longest queue', longest, 'connections'),
          number('members with this limit', clamped.length),
        ],
        explanation: text`listen(2) silently lowers a larger backlog to net.core.somaxconn, so a limit of exactly ${somaxconn} suggests that the program requested more. The setting of the socket's own network namespace applies; other namespaces may have another value.`,
        advice: text`Raise net.core.somaxconn in the network namespace of ${servingProcesses(group, clamped)}, then restart the listeners so that they use it. This helps against bursts. If the queue stays full, the program accepts too slowly.`,
      }
    },
  }),
} satisfies FindingType
