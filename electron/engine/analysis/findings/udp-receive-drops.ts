/**
 * Datagrams are lost because a member's receive buffer is full. Drops of long ago stay in a socket's counter for ever:
 * only ones that are added now count, and a single burst is left alone.
 */
import { NOTHING, text } from '../../prose.ts'
import { number, type Rule } from './rule.ts'
import { named, servers, whichMembers } from './words.ts'

export const udpReceiveDrops: Rule = {
  code: 'udp-receive-drops',
  looksAt: 'values',
  raise: { hits: 2, of: 3 },
  calm: 5,
  examine(group) {
    if (group.protocol !== 'udp' || group.dropped === 0) return null
    const losing = group.members.filter(({ dropped }) => (dropped ?? 0) > 0)
    if (losing.length === 0) return null
    const errors = group.facts.grown('RcvbufErrors')
    return {
      severity: 'warning',
      members: losing.map(({ cookie }) => cookie),
      summary: text`${whichMembers(group, losing)} of ${named(group)} ${losing.length === 1 ? text`loses` : text`lose`} datagrams.`,
      numbers: [
        number('datagrams lost since the refresh before', group.dropped),
        number('members that lose', losing.length),
        number('waiting in all queues', group.queued, 'bytes'),
        number('receive buffer of a member that loses', losing[0]?.limit ?? null, 'bytes'),
        number('datagrams lost to full buffers in this network namespace lately (RcvbufErrors)', errors),
      ],
      explanation: text`What arrives while a socket's receive buffer is full is dropped, and neither side is notified.${
        errors === 0
          ? text` The namespace counted no full buffer meanwhile: a filter or a bad checksum may drop them instead.`
          : NOTHING
      }`,
      advice:
        losing.length * 2 <= group.receiving
          ? text`Only some members lose: ${servers(group, losing)} may be slow, or few large flows hash there. More buffer (SO_RCVBUF, net.core.rmem_max) helps against bursts only.`
          : text`Read faster, add members, or enlarge the buffer (SO_RCVBUF, net.core.rmem_max) if these are bursts.`,
    }
  },
}
