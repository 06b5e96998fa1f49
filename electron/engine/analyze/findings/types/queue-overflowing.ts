/**
 * Connections are dropped because the program does not accept them in time. An accept queue takes one more than its
 * limit (sk_acceptq_is_full() in include/net/sock.h), so a queue at its limit is not a finding; neither are old drops.
 * A listener's drop counter also counts what is not a connection: with TCP_DEFER_ACCEPT, the bare ACK of each healthy
 * one that waits for data. Every lost connection is also in the namespace's ListenDrops (tcp_listendrop() in
 * include/net/tcp.h): if that did not grow, nothing was lost.
 */
import { utilization } from '../../../../contract/utilization.ts'
import { NOTHING, text } from '../../../common/prose.ts'
import { relieveQueue } from '../../steps/parts.ts'
import type { FindingType } from '../finding-type.ts'
import { counted, endpointName, memberNames, servingProcesses } from '../phrases.ts'
import { type GroupView, number } from '../rule.ts'

const NONE: { length: number; limit: number | null } = { length: 0, limit: null }

/** Whether the drops since the previous refresh were connections, as far as the namespace's counters tell. */
export function losesConnections(group: GroupView): boolean {
  return group.dropped > 0 && group.facts.grown('ListenDrops') !== 0
}

export default {
  importance: 170,
  tag: 'queue full',
  cause: 'queue',
  clause: null,
  source:
    'Length, limit and drops come from the kernel, per socket (sock_diag). ListenOverflows is counted for the whole network namespace: it confirms that a queue overflowed, but not which one. Why the program does not accept is not visible from here.',
  recipe: 'slow-worker',
  steps: relieveQueue,
  rule: () => ({
    trigger: 'values',
    debounce: { hits: 2, of: 3, clearAfter: 5, firstLook: true },
    examine(group) {
      if (group.protocol !== 'tcp') return null
      const { fullest } = group
      if ((fullest === null || utilization(fullest) <= 1000) && group.dropped === 0) return null
      const dropping = losesConnections(group)
      const full = group.members.filter(
        (member) => utilization(member) > 1000 || (dropping && (member.dropped ?? 0) > 0),
      )
      if (full.length === 0) return null
      const overflows = group.facts.grown('ListenOverflows')
      const confirmed = overflows !== null && overflows > 0
      // For a listener with deferred accept only the namespace's counters tell.
      const losing = dropping || (confirmed && full.some(({ drops }) => drops === null))
      const one = full.length === 1
      const longest = full.reduce((most, { length, limit }) => (length > most.length ? { length, limit } : most), NONE)
      const queue = text`${one ? NOTHING : text`up to `}${counted(longest.length, 'connection')} queued${longest.limit === null ? NOTHING : text` (limit ${longest.limit})`}`
      return {
        severity: losing ? 'critical' : 'warning',
        members: full.map(({ cookie }) => cookie),
        summary: text`${memberNames(group, full)} at ${endpointName(group)} ${one ? text`is` : text`are`} ${
          losing ? text`dropping connections` : text`full`
        }: ${queue}${dropping ? text`, ${group.dropped} dropped since the previous refresh` : NOTHING}.`,
        evidence: [
          number('members with a full or overflowing queue', full.length),
          number('drops since the previous refresh', group.dropped),
          number('connections waiting in all queues', group.queued),
          number('recent overflows in this network namespace (ListenOverflows)', overflows),
        ],
        explanation: text`Completed handshakes wait in the member's accept queue until the program calls accept(2). When the queue is full, the kernel drops new ones, and the clients wait and retry; each try counts.${
          losing && !confirmed && overflows !== null
            ? text` The namespace counted no overflow meanwhile, so these drops may have another cause, such as a lack of memory.`
            : NOTHING
        }`,
        advice: text`Find out why connections are not accepted: is ${servingProcesses(group, full)} blocked, or out of workers? A larger backlog (and net.core.somaxconn) helps only against short bursts.`,
      }
    },
  }),
} satisfies FindingType
