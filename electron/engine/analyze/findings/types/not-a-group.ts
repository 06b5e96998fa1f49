/**
 * Several processes share one socket: one queue, not a group. Not counted are a master that only passes its socket on
 * (with one worker, nothing is shared), and a worker that replaces another in a reload while both hold the socket.
 */
import { NOTHING, text } from '../../../common/prose.ts'
import { reload, show } from '../../steps/parts.ts'
import type { FindingType } from '../finding-type.ts'
import { newcomers } from '../newcomers.ts'
import { commands, endpointName } from '../phrases.ts'
import { listenerPerWorker, withoutReplaced } from '../programs.ts'
import { number } from '../rule.ts'

export default {
  importance: 10,
  tag: 'one queue',
  clause: 'several processes share one socket',
  source:
    'Processes with a descriptor of the socket are read from /proc; one that only passes it on to others is not counted as serving it. Processes that cannot be read may be missing.',
  recipe: 'accept-models',
  steps: (facts) => [show(facts), ...reload(facts)],
  rule: () => ({
    trigger: 'structure',
    examine(group, { now }) {
      if (group.sharing !== 'inherited') return null
      const member = group.members[0]
      if (member === undefined) return null
      const starts = withoutReplaced(group, member.serving).map((pid) => group.process(pid)?.startedAt ?? null)
      if (newcomers(starts, now).filter((isNew) => !isNew).length < 2) return null
      const waiting = member.pollers?.length ?? 0
      return {
        severity: 'info',
        members: [member.cookie],
        summary: text`One socket at ${endpointName(group)} is shared by ${member.serving.length} processes.`,
        evidence: [
          number('sockets', 1),
          waiting > 0
            ? number('processes waiting for it with epoll', waiting)
            : number('processes that share it', member.serving.length),
          number('processes with it open, masters included', member.holders.length),
        ],
        explanation: text`The processes of ${commands(group, member.serving)} inherited the same socket through fork(2) and take from one queue under one lock. Which of them the kernel wakes depends on how they wait.${
          member.options?.reuseport === true
            ? text` SO_REUSEPORT is set on it but has no effect: this endpoint has no second socket.`
            : NOTHING
        }`,
        advice: text`If an even spread matters, give each process its own socket with SO_REUSEPORT.${listenerPerWorker(group, member.serving)}`,
      }
    },
  }),
} satisfies FindingType
