/** Phrases that several findings use. */

import { pluralize } from '../../../contract/format.ts'
import { listed, type Name, nameOf, type Text, text } from '../../common/prose.ts'
import type { GroupView, MemberView } from './rule.ts'

/** `tcp 127.0.0.1:80 on eth0` */
export function endpointName(group: GroupView): Name {
  const { protocol, address, port, interface: on } = group.key
  return nameOf({ kind: 'endpoint', protocol, address, port, interface: on })
}

/** `alice (uid 1000)` */
export function userOf(group: GroupView, uid: number): Name {
  return nameOf({ kind: 'user', uid, user: group.user(uid) })
}

/** "1 member", "3,000 members". `one` and `many` are literals: no name from the machine belongs there. */
export function counted(count: number, one: string, many = `${one}s`): Text {
  return [pluralize(count, one, many)]
}

/** The distinct commands of processes: `nginx`, `nginx and haproxy`. */
export function commands(group: GroupView, pids: Iterable<number>): Text {
  const found = new Map<string, Name>()
  for (const pid of pids) {
    const command = group.process(pid)?.command
    const name = command === undefined ? processOf(group, pid) : nameOf({ kind: 'command', command })
    found.set(name.text, name)
  }
  return found.size === 0 ? text`an unknown process` : listed([...found.values()].map((name) => [name]))
}

/** Maximum members to name by number, and processes by pid; more are counted, or named by command. */
const MAX_NAMED = 4

/**
 * "Member 4 of 16", "Members 4 and 7 of 16", "9 of 16 members", "The only socket". Counted from 1 in the order of
 * cookies, which is the order of joining, as every front does.
 */
export function memberNames(group: GroupView, members: readonly MemberView[]): Text {
  if (group.receiving === 1) return text`The only socket`
  if (members.length > MAX_NAMED) return text`${members.length} of ${group.receiving} members`
  const cookies = new Set(members.map(({ cookie }) => cookie))
  const numbers = group.members.flatMap(({ cookie }, at) => (cookies.has(cookie) ? [text`${at + 1}`] : []))
  return text`${members.length === 1 ? text`Member` : text`Members`} ${listed(numbers)} of ${group.receiving}`
}

/** The processes that serve these members: "nginx (pid 51708)", or only the commands if there are many. */
export function servingProcesses(group: GroupView, members: readonly MemberView[]): Text {
  const pids = new Set(members.flatMap(({ serving, holders }) => (serving.length > 0 ? serving : holders)))
  if (pids.size > MAX_NAMED) return commands(group, pids)
  if (pids.size === 0) return text`its process (not visible from here)`
  return listed([...pids].map((pid) => [processOf(group, pid)]))
}

function processOf(group: GroupView, pid: number): Name {
  return nameOf({ kind: 'process', pid, command: group.process(pid)?.command ?? null })
}
