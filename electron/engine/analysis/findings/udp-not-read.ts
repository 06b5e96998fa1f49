/**
 * Datagrams wait and nobody takes them: a queue that is at least half full and did not shrink over ten looks in a row.
 * Not counted by drops, which begin only once it is full, and then only as fast as datagrams come. A socket that is kept
 * for sending and was sent a few datagrams stays below half.
 */
import { text } from '../../prose.ts'
import { number, type Rule } from './rule.ts'
import { named, servers, whichMembers } from './words.ts'

export function udpNotRead(): Rule {
  const before = new Map<string, { cookie: number; length: number }>()
  return {
    code: 'udp-not-read',
    looksAt: 'values',
    raise: { hits: 10, of: 10 },
    calm: 2,
    examine(group) {
      if (group.protocol !== 'udp') return null
      const { id, fullest } = group
      if (fullest === null || !halfFull(fullest)) {
        before.delete(id)
        return null
      }
      const was = before.get(id)
      before.set(id, { cookie: fullest.cookie, length: fullest.length })
      if (was?.cookie !== fullest.cookie || fullest.length < was.length) return 'watch'
      const full = group.members.filter(halfFull)
      return {
        severity: 'warning',
        members: full.map(({ cookie }) => cookie),
        summary: text`${whichMembers(group, full)} of ${named(group)} ${full.length === 1 ? text`is` : text`are`} not being read.`,
        numbers: [
          number('members with a queue at least half full', full.length),
          number('fullest queue', fullest.length, 'bytes'),
          number('its limit', fullest.limit, 'bytes'),
          number('drops since the refresh before', group.dropped),
        ],
        explanation: text`Datagrams stay in the receive buffer until the program reads them. This queue did not shrink in ten looks; once it is full, whatever arrives is dropped.`,
        advice: text`Look at ${servers(group, full)}: is it stopped, blocked, or does it only send on this socket? A socket that only sends can be connected, or need not be bound to this port.`,
      }
    },
    forget: (id) => void before.delete(id),
  }
}

function halfFull({ length, limit }: { length: number; limit: number | null }): boolean {
  return limit !== null && limit > 0 && length * 2 >= limit
}
