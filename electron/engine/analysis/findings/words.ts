/** Words that several findings use. */
import { endpointText } from '../../addresses.ts'
import type { GroupView, MemberView } from './rule.ts'

/** `tcp 127.0.0.1:80 on eth0` */
export function named(group: GroupView): string {
  const { protocol, address, port, interface: on } = group.key
  return `${protocol} ${endpointText(address, port)}${on === null ? '' : ` on ${on}`}`
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

/** The commands of processes, each once: `nginx`, `nginx and haproxy`. */
export function commands(group: GroupView, pids: Iterable<number>): string {
  const names = new Set<string>()
  for (const pid of pids) names.add(group.process(pid)?.command ?? `process ${pid}`)
  return names.size === 0 ? 'an unknown process' : listed([...names])
}

/** Members that are told by number, and processes by pid; more are counted, or named by their commands. */
const MOST_TOLD = 4

/**
 * Who it is: "Member 4 of 16", "Members 4 and 7 of 16", "9 members of 16". Counted from 1 in the order of cookies, which
 * is that of joining, as every front counts them.
 */
export function whichMembers(group: GroupView, members: readonly MemberView[]): string {
  const all = group.receiving.toLocaleString('en')
  if (members.length > MOST_TOLD) return `${counted(members.length, 'member')} of ${all}`
  const cookies = new Set(members.map(({ cookie }) => cookie))
  const numbers = group.members.flatMap(({ cookie }, at) =>
    cookies.has(cookie) ? [(at + 1).toLocaleString('en')] : [],
  )
  return `${members.length === 1 ? 'Member' : 'Members'} ${listed(numbers)} of ${all}`
}

/** Who serves these members: "nginx 51708", or only the commands where they are many. */
export function servers(group: GroupView, members: readonly MemberView[]): string {
  const pids = new Set(members.flatMap(({ serving, holders }) => (serving.length > 0 ? serving : holders)))
  if (pids.size > MOST_TOLD) return commands(group, pids)
  const told = [...pids].map((pid) => {
    const command = group.process(pid)?.command
    return command === undefined ? `process ${pid}` : `${command} ${pid}`
  })
  return told.length === 0 ? 'the process behind it (not seen from here)' : listed(told)
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
