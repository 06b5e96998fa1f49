/**
 * Several processes at one socket: one queue, not a group. A master that only hands its socket on is not counted: with
 * one worker beside it nobody shares anything; nor is the worker that follows another in a reload, while both hold it.
 */
import { NOTHING, text } from '../../prose.ts'
import { newcomers } from './newcomers.ts'
import { listenerPerWorker, withoutReplaced } from './programs.ts'
import { number, type Rule } from './rule.ts'
import { commands, named } from './words.ts'

export const notAGroup: Rule = {
  code: 'not-a-group',
  looksAt: 'structure',
  raise: { hits: 1, of: 1 },
  calm: 2,
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
      summary: text`${named(group)} is one socket with one queue, which ${member.serving.length} processes ${waiting > 0 ? text`wait for` : text`may serve`}.`,
      numbers: [
        number('sockets', 1),
        waiting > 0
          ? number('processes that wait for it with epoll', waiting)
          : number('processes that may serve it', member.serving.length),
        number('processes that hold it', member.holders.length),
      ],
      explanation: text`${commands(group, member.serving)} inherited the same socket by fork(2), and take from one queue under one lock. Which of them the kernel wakes depends on how they wait.${
        member.options?.reuseport === true
          ? text` SO_REUSEPORT is set on it and has no effect: there is no second socket on this endpoint.`
          : NOTHING
      }`,
      advice: text`Where the spread matters, let each process open a socket of its own with SO_REUSEPORT.${listenerPerWorker(group, member.serving)}`,
    }
  },
}
