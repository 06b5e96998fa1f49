/**
 * The backlog is what net.core.somaxconn allows, and that is too little. What a program asked listen(2) for cannot be
 * read; a limit of exactly somaxconn is what asking for too much looks like, and also what Go asks for by itself. So it
 * is only said where the queue was seen at least half full, or lost something.
 */
import { text } from '../../prose.ts'
import { losesConnections } from './queue-overflowing.ts'
import { number, type Rule } from './rule.ts'
import { counted, named, servers } from './words.ts'

export const backlogClamped: Rule = {
  code: 'backlog-clamped',
  looksAt: 'values',
  raise: { hits: 1, of: 1 },
  calm: 20,
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
      summary: text`The backlog of ${group.receiving === 1 ? text`${named(group)}` : text`${counted(clamped.length, 'member')} of ${named(group)}`} ends at net.core.somaxconn (${somaxconn}), and fills up.`,
      numbers: [
        number('net.core.somaxconn', somaxconn),
        number('longest of these queues', longest, 'connections'),
        number('members with this limit', clamped.length),
      ],
      explanation: text`listen(2) silently lowers a larger backlog to net.core.somaxconn. A limit of exactly that number suggests that the program asked for more. The limit is ${somaxconn} here because net.core.somaxconn is ${somaxconn} in the network namespace of the socket, whatever it is elsewhere on the machine.`,
      advice: text`Each network namespace has a setting of its own, so it has to be raised in the one that ${servers(group, clamped)} is in; the listeners take it over when they are restarted. That helps against bursts. If the queue stays full, the program accepts too slowly.`,
    }
  },
}
