/** Facts as text: numbers with units, endpoints, how a group shares its port, and the evidence. */
import { receives } from '../../contract/constants.ts'
import { addressPart, queueParts } from '../../contract/format.ts'
import type { Evidence, Group, GroupKey, Namespace, Queue, Sharing } from '../../contract/model.ts'
import { getsCopies } from '../../contract/multicast.ts'
import { type Line, line, span } from './text.ts'

export {
  endpoint,
  formatCount,
  formatUser,
  pluralize,
  protocolName,
} from '../../contract/format.ts'

/** A queue with length and limit in one unit. null: unknown. */
export function formatQueueParts(queue: Queue): { length: string | null; limit: string | null; unit: string } {
  const parts = queueParts(queue)
  return queue.unit === 'connections' ? { ...parts, unit: 'conns' } : parts
}

/** The endpoint, its address dimmed and its port emphasized. */
export function endpointLine(key: Pick<GroupKey, 'address' | 'port' | 'interface'>): Line {
  return line(span(`${addressPart(key)}:`, 'quiet'), span(String(key.port), 'strong'))
}

/** Whether a table needs a namespace column: without one, every row is in the engine's own namespace. */
export function needsNamespaceColumn(inodes: Iterable<number>, namespaces: readonly Namespace[]): boolean {
  const [one, ...others] = new Set(inodes)
  const own = namespaces.find(({ self }) => self)?.inode
  return others.length > 0 || (one !== undefined && own !== undefined && one !== own)
}

/** Name of a network namespace; its inode where the snapshot has no name for it. */
export function namespaceName(inode: number, namespaces: readonly Namespace[]): string {
  return namespaces.find((namespace) => namespace.inode === inode)?.name ?? String(inode)
}

/** The same in a list, where `self` is the engine's own: as --netns takes it. */
export function namespaceWord(inode: number, namespaces: readonly Namespace[]): string {
  const known = namespaces.find((namespace) => namespace.inode === inode)
  return known?.self === true ? 'self' : (known?.name ?? String(inode))
}

const evidenceLabels: Record<Evidence, string> = {
  'co-listening': 'co-listening',
  'socket-option': 'socket option',
  'kernel-lookup': 'kernel lookup',
  bpf: 'bpf',
  'proc-net': '/proc/net',
  none: '–',
}

/** Evidence as a table shows it. A dash: there is none. */
export function evidenceLabel(evidence: Evidence): string {
  return evidenceLabels[evidence]
}

const SINGLE_UNKNOWN = 'One socket; whether it has SO_REUSEPORT, or shares its port in another way, is not readable.'

const COPIES = 'Each member has its own queue and gets a copy of every datagram for this address: none is picked.'

const sharingText: Record<Sharing, string> = {
  reuseport: 'Each member has its own queue, and the kernel picks a member for every client.',
  reuseaddr: 'The members share the port through SO_REUSEADDR alone: the newest receives every datagram.',
  inherited:
    'One socket with one queue, shared by several processes through an inherited descriptor: not a group. SO_REUSEPORT has no effect on it.',
  none: 'An unshared socket: it is in no group.',
  unknown: 'Several sockets have this port; how they share it is not readable for this user.',
}

/**
 * How the members share the port, in a sentence. For a single socket only its options show that, and they need
 * permissions to read.
 */
export function describeSharing(group: Pick<Group, 'sharing' | 'members' | 'protocol' | 'address'>): string {
  const { sharing, members } = group
  if (sharing === 'none' && !members.some(({ state }) => receives(state))) {
    return members.some(({ state }) => state === 'bound')
      ? 'Bound, but not listening: it accepts no clients.'
      : 'Connected: it receives from its peer only.'
  }
  const hidden = sharing === 'none' && members.some(({ holders }) => holders === null)
  if (hidden) return 'An unshared socket, as far as this user can see: its processes are hidden.'
  const lone = members.filter(({ state }) => receives(state)).length === 1
  if (!lone && getsCopies(group)) return COPIES
  return sharing === 'unknown' && lone ? SINGLE_UNKNOWN : sharingText[sharing]
}

/** The evidence in a sentence; null where there is none. */
export function describeEvidence(group: Pick<Group, 'sharing' | 'evidence'>): string | null {
  switch (group.evidence) {
    case 'co-listening':
      return 'Two TCP listeners with the same key cannot exist otherwise.'
    case 'socket-option':
      return 'Read from the sockets themselves: SO_REUSEPORT and SO_REUSEADDR.'
    case 'kernel-lookup':
      return group.sharing === 'reuseaddr'
        ? 'The kernel lookup returned the newest socket for every client tried.'
        : 'The kernel lookup distributes clients over the members.'
    case 'bpf':
      return "Read from the kernel's socket structures by a BPF program."
    case 'proc-net':
      return '/proc/net lists them side by side; it reports neither their options nor the interface they are bound to.'
    case 'none':
      return null
  }
}
