/** Facts about a whole group as text. */
import type { GroupRow, MemberRow } from '../../../electron/contract/live.ts'
import { countOf, formatCount, formatQueue } from '../../ui/format.ts'
import { nameInText } from '../../ui/visible-text.ts'
import type { MemberColumns } from './member-columns.ts'

/** ["511", "connections each"], ["128 to 511", "connections"]; null if no limit is known. */
export function limitText({ members, limits }: MemberColumns): [string, string] | null {
  let least = Number.POSITIVE_INFINITY
  let most = -1
  for (let index = 0; index < limits.length; index++) {
    const limit = limits[index] ?? -1
    if (limit < 0) continue
    if (limit < least) least = limit
    if (limit > most) most = limit
  }
  if (most < 0) return null
  const each = members.length > 1 ? ' each' : ''
  if (members[0]?.row.queue.unit === 'bytes') {
    const { length: low, limit: high, unit } = formatQueue(least, most, 'bytes')
    return least === most ? [`${high} ${unit}`, each.trim()] : [`${low} to ${high} ${unit}`, '']
  }
  return least === most
    ? [formatCount(most), `connections${each}`]
    : [`${formatCount(least)} to ${formatCount(most)}`, 'connections']
}

/** "17 nginx processes", "9 nginx, 1 haproxy"; programs beyond `most` are counted. null if no process is visible. */
export function formatHolders(
  { holders, owners }: Pick<GroupRow, 'holders' | 'owners'>,
  most = Number.POSITIVE_INFINITY,
): string | null {
  if (holders === 0) return null
  const commands = new Map<string, number>()
  for (const { command, processes } of owners) commands.set(command, (commands.get(command) ?? 0) + processes)
  const [first] = [...commands.keys()]
  if (commands.size === 1 && first !== undefined)
    return `${formatCount(holders)} ${nameInText(first)} ${holders === 1 ? 'process' : 'processes'}`
  if (commands.size === 0) return countOf(holders, 'process', 'processes')
  const named = [...commands].slice(0, most).map(([command, count]) => `${formatCount(count)} ${nameInText(command)}`)
  const more = commands.size - named.length
  return `${named.join(', ')}${more > 0 ? ` and ${countOf(more, 'other program')}` : ''}`
}

/** The systemd units or containers that the owners run in, without duplicates. */
export function servicesOf({ owners }: Pick<GroupRow, 'owners'>): string[] {
  return [...new Set(owners.flatMap(({ service }) => (service === null ? [] : [nameInText(service)])))]
}

/** The users of the members without duplicates, by name where known. */
export function usersOf(members: readonly Pick<MemberRow, 'uid' | 'user'>[]): string[] {
  return [...new Set(members.map(({ uid, user }) => (user === null ? `uid ${uid}` : nameInText(user))))]
}
