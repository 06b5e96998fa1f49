/** Which groups a front requested. */
import ipaddr from 'ipaddr.js'
import type { Selection } from '../../contract/contract.ts'
import type { Namespace } from '../../contract/model.ts'
import { addressText } from '../common/addresses.ts'
import type { FrameView } from './frame-view.ts'

/** A selection with its names resolved to numbers. `netns` and `uid` null: any. */
export type ResolvedSelection = Pick<Selection, 'ports' | 'family' | 'pid' | 'command' | 'service' | 'receiving'> & {
  /** Whether a local address is selected; undefined: any. */
  address?: ((address: string) => boolean) | undefined
  protocol: Selection['protocol']
  port: number | undefined
  netns: number | null
  user: string | null
  sharing: Selection['sharing']
  all: boolean
}

/** The namespace with this name or inode, or `self`; null where there is none. */
export function findNamespace(namespaces: readonly Namespace[], wanted: string): Namespace | null {
  return (
    namespaces.find((namespace) => namespace.name === wanted) ??
    namespaces.find((namespace) => String(namespace.inode) === wanted) ??
    (wanted === 'self' ? (namespaces.find((namespace) => namespace.self) ?? null) : null)
  )
}

/** True when the group in `row` is selected. A user matches by name or uid, of the group or of any member. */
export function matchesSelection(selection: ResolvedSelection, frame: FrameView, row: number): boolean {
  const { sharing } = selection
  if (sharing !== undefined ? frame.sharing(row) !== sharing : frame.isUnshared(row) && !selection.all) return false
  if (selection.protocol !== undefined && frame.protocol(row) !== selection.protocol) return false
  if (selection.netns !== null && frame.netns(row) !== selection.netns) return false
  if (selection.port !== undefined && frame.destination(row).localPort !== selection.port) return false
  if (selection.user !== null && !frame.hasUser(row, selection.user)) return false
  return matchesPlace(selection, frame, row) && matchesHolders(selection, frame, row)
}

function matchesPlace(
  { ports, family, address, receiving }: ResolvedSelection,
  frame: FrameView,
  row: number,
): boolean {
  if (receiving === true && frame.receiving(row) === 0) return false
  if (family !== undefined && frame.groupFamily(row) !== family) return false
  if (ports !== undefined && !ports.some(([from, to]) => frame.port(row) >= from && frame.port(row) <= to)) return false
  return address === undefined || address(addressText(frame.destination(row).localAddress, frame.groupFamily(row)))
}

function matchesHolders({ pid, command, service }: ResolvedSelection, frame: FrameView, row: number): boolean {
  if (pid === undefined && command === undefined && service === undefined) return true
  return frame.hasHolder(
    row,
    (held, process) =>
      (pid === undefined || held === pid) &&
      (command === undefined || process?.command === command) &&
      (service === undefined || process?.service === service),
  )
}

/** Whether an address is this one, or in this prefix; null for what is neither. */
export function addressMatcher(text: string): ((address: string) => boolean) | null {
  try {
    const [network, length] = text.includes('/')
      ? ipaddr.parseCIDR(text)
      : [ipaddr.parse(text), ipaddr.parse(text).kind() === 'ipv4' ? 32 : 128]
    return (address) => {
      const parsed = ipaddr.parse(address)
      return parsed.kind() === network.kind() && parsed.match(network, length)
    }
  } catch {
    return null
  }
}
