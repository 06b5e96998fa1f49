/**
 * Several processes at one socket: one queue, not a group. A master that only hands its socket on is not counted: with
 * one worker beside it nobody shares anything.
 */
import { text } from '../../prose.ts'
import { number, type Rule } from './rule.ts'
import { commands, named } from './words.ts'

export const notAGroup: Rule = {
  code: 'not-a-group',
  looksAt: 'structure',
  raise: { hits: 1, of: 1 },
  calm: 2,
  examine(group) {
    if (group.sharing !== 'inherited') return null
    const member = group.members[0]
    if (member === undefined || member.serving.length < 2) return null
    return {
      severity: 'info',
      members: [member.cookie],
      summary: text`${named(group)} is one socket with one queue, which ${member.serving.length} processes share.`,
      numbers: [
        number('sockets', 1),
        number('processes that serve it', member.serving.length),
        number('processes that hold it', member.holders.length),
      ],
      explanation: text`${commands(group, member.serving)} inherited the same socket by fork(2). The kernel wakes whoever it finds first, so some processes get much more than others, and all of them take from one queue under one lock.`,
      advice: text`Where the spread matters, let each process open a socket of its own with SO_REUSEPORT (nginx: \`listen … reuseport\`; HAProxy: \`shards by-thread\`).`,
    }
  },
}
