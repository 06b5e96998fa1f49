/**
 * Another user can take this group's datagrams, or already does. If every UDP socket on a port sets SO_REUSEADDR, the
 * kernel lets any uid bind the port too, and the lookup finds a newer group first (measured: 50 of 50 datagrams). Does
 * not apply to TCP, where listen(2) refuses, to SO_REUSEPORT alone, to users who may not bind a privileged port, or to a
 * multicast or broadcast address, where each socket gets a copy.
 */
import { listed, type Text, text } from '../../../common/prose.ts'
import { show } from '../../steps/parts.ts'
import type { FindingType } from '../finding-type.ts'
import { endpointName, servingProcesses, userOf } from '../phrases.ts'
import { type GroupView, number } from '../rule.ts'

export default {
  importance: 150,
  tag: 'open to others',
  cause: 'receivers',
  clause: 'sockets of other users can take its datagrams',
  source:
    'The owner of each socket comes from the kernel. SO_REUSEADDR and SO_REUSEPORT are read from the sockets themselves, through their owners’ descriptors; unreadable members raise nothing.',
  recipe: 'no-hijacking',
  steps: (facts) => [show(facts)],
  rule: ({ receiver }) => {
    return {
      trigger: 'structure',
      examine(group) {
        if (group.protocol !== 'udp' || group.receiving === 0 || group.delivery === 'copies') return null
        const uids = new Set(group.members.map(({ uid }) => uid))
        const strangers = group.neighbors.filter((other) => sharesAddress(group, other))
        for (const other of strangers) for (const { uid } of other.members) uids.add(uid)
        if (uids.size > 1) return sharedByUsers(group, strangers, uids, receiver(group))
        if (group.sharing !== 'reuseport' || group.receiving < 2) return null
        const open = group.members.filter(({ options }) => options?.reuseaddr === true)
        if (open.length < group.members.length) return null
        const start = group.facts.unprivilegedPortStart
        if (start !== null && group.port < start) return null
        return {
          severity: 'warning',
          members: open.map(({ cookie }) => cookie),
          summary: text`Any user can bind ${endpointName(group)} too and take its datagrams.`,
          evidence: [
            number('members with both SO_REUSEADDR and SO_REUSEPORT', open.length),
            number('members', group.members.length),
            number('first unprivileged port', start),
          ],
          explanation: text`SO_REUSEPORT lets only sockets of one user share a port. SO_REUSEADDR lifts that limit: another user who sets it can bind the same address and port, and the kernel checks the newest socket first.`,
          advice: text`If ${servingProcesses(group, open)} can be configured that way, set SO_REUSEPORT without SO_REUSEADDR on the UDP sockets. Otherwise use a port below net.ipv4.ip_unprivileged_port_start, keep other users off the machine, or run the program in its own network namespace.`,
        }
      },
    }
  },
} satisfies FindingType

/** Sockets that the kernel's lookup cannot tell from the group's own. */
function sharesAddress(group: GroupView, other: GroupView): boolean {
  return (
    other.receiving > 0 &&
    other.family === group.family &&
    other.key.address === group.key.address &&
    other.key.interface === group.key.interface
  )
}

/** Maximum number of users to name; the rest are counted. */
const MAX_NAMED_USERS = 4

function sharedByUsers(
  group: GroupView,
  strangers: readonly GroupView[],
  uids: ReadonlySet<number>,
  receiver: bigint | null,
) {
  const groups = [group, ...strangers]
  const all = groups.flatMap(({ members }) => members)
  const describeUser = (uid: number): Text => {
    const served = groups.flatMap((one) => {
      const members = one.members.filter((member) => member.uid === uid)
      return members.length === 0 ? [] : [servingProcesses(one, members)]
    })
    return text`${userOf(group, uid)} with ${listed(served)}`
  }
  const sorted = [...uids].sort((a, b) => a - b)
  const namedUsers = sorted.slice(0, MAX_NAMED_USERS).map(describeUser)
  const rest = sorted.length - namedUsers.length
  const takes = all.find(({ cookie }) => cookie === receiver)
  return {
    severity: 'critical' as const,
    members: all.map(({ cookie }) => cookie),
    summary: text`${uids.size} users have sockets at ${endpointName(group)}: ${
      takes === undefined ? text`one of them takes` : text`${describeUser(takes.uid)} takes`
    } the others' datagrams.`,
    evidence: [number('users', uids.size), number('sockets', all.length)],
    explanation: text`Sockets of several users share this address and port, which only SO_REUSEADDR allows. The kernel does not spread datagrams over them: the newest socket, or its group, gets all of them.`,
    advice: text`The users are ${listed(rest > 0 ? [...namedUsers, text`${rest} more`] : namedUsers)}. Find the socket that does not belong there and stop its process.`,
  }
}
