/**
 * Connections are refused because nobody accepts them in time. A listener's queue takes one more than its limit
 * (sk_acceptq_is_full() in include/net/sock.h), so a queue at its limit alone is no finding; nor are drops of long ago.
 * A listener's drop counter also counts what was no connection: with TCP_DEFER_ACCEPT the bare ACK of each healthy one
 * that waits for its data. Each connection that is lost is in ListenDrops of the namespace too (tcp_listendrop() in
 * include/net/tcp.h), so where that did not grow nothing was lost.
 */
import { fillOf } from '../../../contract/fullness.ts'
import { NOTHING, text } from '../../prose.ts'
import { type GroupView, number, type Rule } from './rule.ts'
import { named, servers, whichMembers } from './words.ts'

/** Whether the drops since the refresh before were connections, as far as the namespace's counters tell. */
export function losesConnections(group: GroupView): boolean {
  return group.dropped > 0 && group.facts.grown('ListenDrops') !== 0
}

export const queueOverflowing: Rule = {
  code: 'queue-overflowing',
  looksAt: 'values',
  raise: { hits: 2, of: 3 },
  calm: 5,
  examine(group) {
    if (group.protocol !== 'tcp') return null
    const { fullest } = group
    if ((fullest === null || fillOf(fullest) <= 1000) && group.dropped === 0) return null
    const dropping = losesConnections(group)
    const full = group.members.filter((member) => fillOf(member) > 1000 || (dropping && (member.dropped ?? 0) > 0))
    if (full.length === 0) return null
    const overflows = group.facts.grown('ListenOverflows')
    const confirmed = overflows !== null && overflows > 0
    // Of a listener with deferred accept only the counters of the namespace tell.
    const losing = dropping || (confirmed && full.some(({ drops }) => drops === null))
    const one = full.length === 1
    return {
      severity: losing ? 'critical' : 'warning',
      members: full.map(({ cookie }) => cookie),
      summary: text`${whichMembers(group, full)} of ${named(group)} ${
        losing
          ? text`${one ? text`overflows and loses` : text`overflow and lose`} connections.`
          : text`${one ? text`is` : text`are`} full: the next connection is lost.`
      }`,
      numbers: [
        number('members whose queue is full or overflows', full.length),
        number('drops since the refresh before', group.dropped),
        number('connections waiting in all queues', group.queued),
        number('overflows in this network namespace lately (ListenOverflows)', overflows),
      ],
      explanation: text`A finished handshake waits in the member's accept queue until the program takes it with accept(2). When the queue is full the kernel drops what comes, and the client waits and tries again.${
        losing && !confirmed && overflows !== null
          ? text` The namespace counted no overflow meanwhile, so these drops may have another cause, such as no memory.`
          : NOTHING
      }`,
      advice: text`Find out why nothing is accepted: is ${servers(group, full)} blocked, or out of workers? A larger backlog (and net.core.somaxconn) only helps against short bursts.`,
    }
  },
}
