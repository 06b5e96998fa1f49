/** Facts in words: numbers with units, endpoints, how a group shares and how we know. */
import { receives } from '../../contract/meaning.ts'
import type { Evidence, Group, GroupKey, Namespace, Queue, Sharing } from '../../contract/model.ts'
import { addressPart, count } from '../../contract/words.ts'
import { type Line, line, span } from './text.ts'

export { count, endpoint, protocolName, several, userInWords } from '../../contract/words.ts'

/** A queue in one unit, so that its numbers can be compared by eye. null: unknown. */
export function queueInWords(queue: Queue): { length: string | null; limit: string | null; unit: string } {
  if (queue.unit === 'connections') {
    return {
      length: queue.length === null ? null : count(queue.length),
      limit: queue.limit === null ? null : count(queue.limit),
      unit: 'conns',
    }
  }
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const largest = Math.max(queue.length ?? 0, queue.limit ?? 0)
  let power = 0
  while (power < units.length - 1 && largest >= 1024 ** (power + 1)) power++
  const scaled = (bytes: number | null) => (bytes === null ? null : decimal(bytes / 1024 ** power, power))
  return { length: scaled(queue.length), limit: scaled(queue.limit), unit: units[power] ?? 'B' }
}

function decimal(value: number, power: number): string {
  if (power === 0 || value >= 100) return count(Math.round(value))
  // A queue that is not empty never reads as 0.
  if (value > 0 && value < 0.1) return '<0.1'
  return value.toFixed(1).replace(/\.0$/, '')
}

/** The endpoint with the address quiet and the port strong: the port is the name. */
export function endpointLine(key: Pick<GroupKey, 'address' | 'port' | 'interface'>): Line {
  return line(span(`${addressPart(key)}:`, 'quiet'), span(String(key.port), 'strong'))
}

/** Whether a table needs a column for it: without one, all are taken to be in this very namespace. */
export function namespaceMatters(inodes: Iterable<number>, namespaces: readonly Namespace[]): boolean {
  const [one, ...others] = new Set(inodes)
  const own = namespaces.find(({ self }) => self)?.inode
  return others.length > 0 || (one !== undefined && own !== undefined && one !== own)
}

/** Name of a network namespace; its inode where the snapshot does not know it. */
export function namespaceName(inode: number, namespaces: readonly Namespace[]): string {
  return namespaces.find((namespace) => namespace.inode === inode)?.name ?? String(inode)
}

const evidenceNames: Record<Evidence, string> = {
  'co-listening': 'co-listening',
  'socket-option': 'socket option',
  'steering-oracle': 'steering oracle',
  bpf: 'bpf',
  'proc-net': '/proc/net',
  none: '–',
}

/** Evidence as a table shows it. A dash means that there is nothing to know it by. */
export function evidenceName(evidence: Evidence): string {
  return evidenceNames[evidence]
}

const LONE_UNKNOWN = 'One socket, and nothing readable tells whether it has SO_REUSEPORT or shares its port otherwise.'

const sharingSentence: Record<Sharing, string> = {
  reuseport: 'Each member has a queue of its own, and the kernel picks one for every client.',
  reuseaddr: 'The members share the port by SO_REUSEADDR alone: the newest takes every datagram.',
  inherited:
    'One socket with one queue, held by several processes: a descriptor that was inherited, not a group. SO_REUSEPORT has no effect on it.',
  none: 'A plain socket: it is in no group.',
  unknown: 'Several sockets have this port, and nothing that this user can read tells how they share it.',
}

/** How the members share the port, in a sentence. Of a lone socket the option alone tells, and rights may not reach to it. */
export function sharingInWords({ sharing, members }: Pick<Group, 'sharing' | 'members'>): string {
  if (sharing === 'none' && !members.some(({ state }) => receives(state))) {
    return members.some(({ state }) => state === 'bound')
      ? 'Bound, but not listening: no client is taken here.'
      : 'Connected: it receives from its own peer alone.'
  }
  const hidden = sharing === 'none' && members.some(({ holders }) => holders === null)
  if (hidden) return 'A plain socket, as far as can be seen: its processes are not.'
  const lone = members.filter(({ state }) => receives(state)).length === 1
  return sharing === 'unknown' && lone ? LONE_UNKNOWN : sharingSentence[sharing]
}

/** How we know it, in a sentence; null where there is nothing to tell. */
export function evidenceInWords(group: Pick<Group, 'sharing' | 'evidence'>): string | null {
  switch (group.evidence) {
    case 'co-listening':
      return 'Two TCP listeners with one key cannot exist otherwise.'
    case 'socket-option':
      return 'Read from the sockets themselves: SO_REUSEPORT and SO_REUSEADDR.'
    case 'steering-oracle':
      return group.sharing === 'reuseaddr'
        ? "The kernel's own lookup names the newest socket for every client that was tried."
        : "The kernel's own lookup spreads clients over the members."
    case 'bpf':
      return "Read from the kernel's own socket structures by a BPF program."
    case 'proc-net':
      return 'They stand side by side in /proc/net, which tells neither their options nor the interface they are bound to.'
    case 'none':
      return null
  }
}
