/** Words that several findings use. */
import { endpointText } from '../../addresses.ts'
import type { GroupView } from './rule.ts'

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
  const list = [...names]
  return list.length < 2 ? (list[0] ?? 'an unknown process') : `${list.slice(0, -1).join(', ')} and ${list.at(-1)}`
}
