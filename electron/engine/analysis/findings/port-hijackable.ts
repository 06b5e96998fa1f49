/**
 * Another user can take this group's datagrams, or already does. With SO_REUSEADDR on every UDP socket of a port the
 * kernel lets any uid bind beside them, and a newer group is met first (measured: 50 of 50 datagrams). Not so for TCP,
 * where listen(2) refuses; not with SO_REUSEPORT alone; and not by everybody for a privileged port.
 */
import { listed, text } from '../../prose.ts'
import { type GroupView, number, type Rule } from './rule.ts'
import { named, userOf } from './words.ts'

export const portHijackable: Rule = {
  code: 'port-hijackable',
  looksAt: 'structure',
  raise: { hits: 1, of: 1 },
  calm: 2,
  examine(group) {
    if (group.protocol !== 'udp' || group.receiving === 0) return null
    const uids = new Set(group.members.map(({ uid }) => uid))
    const strangers = group.neighbours.filter((other) => sharesTheAddress(group, other))
    for (const other of strangers) for (const { uid } of other.members) uids.add(uid)
    if (uids.size > 1) return alreadyIn(group, strangers, uids)
    if (group.sharing !== 'reuseport' || group.receiving < 2) return null
    const open = group.members.filter(({ options }) => options?.reuseaddr === true)
    if (open.length < group.members.length) return null
    const start = group.facts.unprivilegedPortStart
    if (start !== null && group.port < start) return null
    return {
      severity: 'warning',
      members: open.map(({ cookie }) => cookie),
      summary: text`Any user can bind beside ${named(group)} and take its datagrams.`,
      numbers: [
        number('members with SO_REUSEADDR beside SO_REUSEPORT', open.length),
        number('members', group.members.length),
        number('first port that needs no privilege', start),
      ],
      explanation: text`SO_REUSEPORT lets only sockets of one user share a port. SO_REUSEADDR undoes that: another user who sets it may bind to the same address and port, and the newest socket is asked first.`,
      advice: text`Do not set SO_REUSEADDR on UDP sockets that set SO_REUSEPORT. nginx sets both: keep other users off the machine, use a port below net.ipv4.ip_unprivileged_port_start, or put it into a network namespace of its own.`,
    }
  },
}

/** Sockets that the kernel's lookup cannot tell from the group's own. */
function sharesTheAddress(group: GroupView, other: GroupView): boolean {
  return (
    other.receiving > 0 &&
    other.family === group.family &&
    other.key.address === group.key.address &&
    other.key.interface === group.key.interface
  )
}

function alreadyIn(group: GroupView, strangers: readonly GroupView[], uids: ReadonlySet<number>) {
  const all = [...group.members, ...strangers.flatMap(({ members }) => members)]
  return {
    severity: 'critical' as const,
    members: all.map(({ cookie }) => cookie),
    summary: text`${uids.size} users have sockets at ${named(group)}: one of them takes the others' datagrams.`,
    numbers: [number('users', uids.size), number('sockets', all.length)],
    explanation: text`Sockets of several users share this address and port, which only SO_REUSEADDR allows. The kernel does not spread datagrams over them: the newest, or its group, gets all.`,
    advice: text`They are ${listed([...uids].sort((a, b) => a - b).map((uid) => [userOf(group, uid)]))}. Find out whose socket does not belong there, and end its process.`,
  }
}
