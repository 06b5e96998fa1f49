/**
 * Nothing reads a UDP socket: its queue is at least half full and did not shrink in ten examinations in a row. Drops
 * are no measure, because they start only once it is full. A socket that is used for sending and received a few
 * datagrams stays below half.
 */
import { NOTHING, text } from '../../../common/prose.ts'
import { relieveQueue } from '../../steps/parts.ts'
import type { FindingType } from '../finding-type.ts'
import { endpointName, memberNames, servingProcesses } from '../phrases.ts'
import { number } from '../rule.ts'

export default {
  importance: 120,
  tag: 'not read',
  cause: 'queue',
  clause: 'datagrams are queued, and no process reads them',
  source:
    'The receive memory of each socket is read at every refresh (sock_diag). That no process reads is inferred from a queue that never shrank.',
  steps: relieveQueue,
  rule: () => {
    const before = new Map<string, { cookie: number; length: number }>()
    return {
      trigger: 'values',
      debounce: { hits: 10, of: 10, clearAfter: 2 },
      examine(group) {
        if (group.protocol !== 'udp') return null
        const { id, fullest } = group
        if (fullest === null || !halfFull(fullest)) {
          if (before.size > 0) before.delete(id)
          return null
        }
        const was = before.get(id)
        before.set(id, { cookie: fullest.cookie, length: fullest.length })
        if (was?.cookie !== fullest.cookie || fullest.length < was.length) return 'watch'
        const full = group.members.filter(halfFull)
        return {
          severity: 'warning',
          members: full.map(({ cookie }) => cookie),
          summary: text`${memberNames(group, full)} at ${endpointName(group)} ${full.length === 1 ? text`is` : text`are`} not being read: ${full.length === 1 ? NOTHING : text`up to `}${fullest.length} of ${fullest.limit ?? 0} bytes queued.`,
          evidence: [
            number('members with a queue at least half full', full.length),
            number('fullest queue', fullest.length, 'bytes'),
            number('limit of the fullest queue', fullest.limit, 'bytes'),
            number('drops since the previous refresh', group.dropped),
          ],
          explanation: text`Datagrams stay in the receive buffer until the program reads them. This queue has not shrunk for ten refreshes in a row; once it is full, new datagrams are dropped.`,
          advice: text`Look at ${servingProcesses(group, full)}: is it stopped, blocked, or only sending on this socket? A socket that only sends can be connected, or need not be bound to this port.`,
        }
      },
      forget: (id) => void before.delete(id),
    }
  },
} satisfies FindingType

function halfFull({ length, limit }: { length: number; limit: number | null }): boolean {
  return limit !== null && limit > 0 && length * 2 >= limit
}
