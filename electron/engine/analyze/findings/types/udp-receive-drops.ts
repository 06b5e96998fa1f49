/**
 * Datagrams are dropped because a member's receive buffer is full. A socket's counter keeps old drops forever: only new
 * ones count, and a single burst raises nothing.
 */
import { NOTHING, text } from '../../../common/prose.ts'
import { look, trace } from '../../steps/parts.ts'
import type { FindingType } from '../finding-type.ts'
import { endpointName, memberNames, servingProcesses } from '../phrases.ts'
import { number } from '../rule.ts'

export default {
  importance: 130,
  tag: 'dropping',
  cause: 'queue',
  clause: null,
  source:
    'The kernel counts drops per socket (sock_diag); the finding reports the recent increase. RcvbufErrors is counted for the whole network namespace.',
  steps: (facts) => [
    ...look(facts),
    ...trace(facts, 'recvfrom,recvmsg,recvmmsg'),
    {
      text: 'Against short bursts, let programs ask for a larger buffer; then set it in the program and restart it.',
      command: 'sudo sysctl net.core.rmem_max=8388608',
      cost: 'each socket may then use up to twice that much memory',
    },
  ],
  rule: () => ({
    trigger: 'values',
    debounce: { hits: 2, of: 3, clearAfter: 5 },
    examine(group) {
      if (group.protocol !== 'udp' || group.dropped === 0) return null
      const losing = group.members.filter(({ dropped }) => (dropped ?? 0) > 0)
      if (losing.length === 0) return null
      const errors = group.facts.grown('RcvbufErrors')
      // Elsewhere the newest gets all, or each a copy: the number of members changes nothing.
      const spread = group.sharing === 'reuseport' && group.delivery === 'one'
      return {
        severity: 'warning',
        members: losing.map(({ cookie }) => cookie),
        summary: text`${memberNames(group, losing)} at ${endpointName(group)} ${losing.length === 1 ? text`is` : text`are`} dropping datagrams: ${group.dropped} since the previous refresh.`,
        evidence: [
          number('datagrams dropped since the previous refresh', group.dropped),
          number('members that drop datagrams', losing.length),
          number('waiting in all queues', group.queued, 'bytes'),
          number('receive buffer of a member that drops', losing[0]?.limit ?? null, 'bytes'),
          number('recent drops for full buffers in this network namespace (RcvbufErrors)', errors),
        ],
        explanation: text`Datagrams that arrive while a socket's receive buffer is full are dropped, and neither side is notified.${
          errors === 0
            ? text` The namespace counted no full buffer meanwhile: a filter or a bad checksum may be the cause instead.`
            : NOTHING
        }`,
        advice:
          losing.length * 2 <= group.receiving
            ? text`Only some members drop datagrams: ${servingProcesses(group, losing)} may be slow${spread ? text`, or a few large flows hash there` : NOTHING}. A larger buffer (SO_RCVBUF, net.core.rmem_max) helps only against bursts.`
            : text`Read faster, ${spread ? text`add members, ` : NOTHING}or enlarge the buffer (SO_RCVBUF, net.core.rmem_max) if these are bursts.`,
      }
    },
  }),
} satisfies FindingType
