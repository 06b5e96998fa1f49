/** Evidence for how a group shares its port, and what would increase confidence. */
import type { GroupRow } from '../../../electron/contract/live.ts'
import { getsCopies } from '../../../electron/contract/multicast.ts'
import { countOf, formatCount } from '../../ui/format.ts'
import { HERE, type MemberColumns, OPTION_READ } from './member-columns.ts'

export type EvidenceSummary = {
  /** Short form for the row of facts. */
  short: string
  /** What was observed and why it is evidence. */
  sentence: string
  /** What would increase confidence; null where it is conclusive. */
  improvement: string | null
}

const HOW_TO_READ =
  'Read the option from the sockets themselves: run as root, or as the user that the processes run as (ptrace access).'

/** `columns` are those of the receiving members. */
export function evidenceOf(row: GroupRow, columns: MemberColumns): EvidenceSummary {
  const read = columns.count(OPTION_READ)
  const count = columns.count(HERE)
  switch (row.sharing) {
    case 'none':
      return {
        short: 'one socket on this endpoint',
        sentence: 'No other socket is in a group with this one.',
        improvement:
          read > 0
            ? null
            : `It may have SO_REUSEPORT set and be a group of one${row.ownersHidden > 0 ? ', and several processes may hold it' : ''}. ${HOW_TO_READ}`,
      }
    case 'inherited':
      return {
        short: 'one socket, several processes',
        sentence: `${countOf(row.holders, 'process', 'processes')} hold descriptors of one socket (the same inode). It has one queue: the process that calls accept first gets the next client, and no hash distributes them. That is not a group.`,
        improvement: null,
      }
    case 'unknown':
      return {
        short: 'no readable evidence',
        sentence:
          count === 1
            ? 'This is one socket, and its SO_REUSEPORT option was not read: whether it shares its port is unknown.'
            : `${countOf(count, 'socket')} have this address and port. SO_REUSEPORT and SO_REUSEADDR both allow that, and nothing readable by this user shows which one it is.`,
        improvement: HOW_TO_READ,
      }
    default:
      return known(row, count, read)
  }
}

function known(row: GroupRow, count: number, read: number): EvidenceSummary {
  const { evidence, sharing } = row
  const copies = getsCopies(row)
  switch (evidence) {
    case 'co-listening':
      return {
        short: 'co-listening',
        sentence: `${countOf(count, 'socket')} of one user listen on one address and port. The kernel refuses the second listen() unless SO_REUSEPORT is set on both, so this is certain.`,
        improvement: null,
      }
    case 'socket-option':
      return {
        // A snapshot records that the option was read, but not from how many members.
        short: read === 0 ? 'socket option' : `socket option, read from ${formatCount(read)} of ${formatCount(count)}`,
        sentence:
          sharing === 'reuseaddr'
            ? `Read from the sockets themselves: SO_REUSEADDR is set and SO_REUSEPORT is not. They share the port, and ${copies ? 'each gets a copy of every datagram for this address' : 'the newest receives every datagram'}.`
            : `Read from the sockets themselves: SO_REUSEPORT is set. Address, port, user and namespace are the same, so the kernel keeps them in one group.`,
        improvement: read > 0 && read < count ? `${formatCount(count - read)} could not be read. ${HOW_TO_READ}` : null,
      }
    case 'kernel-lookup':
      return {
        short: 'kernel lookup',
        sentence:
          sharing === 'reuseaddr'
            ? 'Kernel lookups of made-up clients returned the newest socket each time: sharing through SO_REUSEADDR does that, SO_REUSEPORT would distribute them.'
            : 'Kernel lookups of made-up clients returned different members: only SO_REUSEPORT distributes clients by hash.',
        improvement: HOW_TO_READ,
      }
    case 'bpf':
      return {
        short: 'read from the kernel by BPF',
        sentence: "The kernel's own list of the group's members was read. This is conclusive.",
        improvement: null,
      }
    default:
      return {
        short: 'unknown',
        sentence: 'Nothing proves how these sockets share the port.',
        improvement: HOW_TO_READ,
      }
  }
}
