/** Which groups a front requested. */
import type { Selection } from '../../contract/contract.ts'
import type { Namespace } from '../../contract/model.ts'
import type { FrameView } from './frame-view.ts'

/** A selection with its names resolved to numbers. `netns` and `uid` null: any. */
export type ResolvedSelection = {
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
  return selection.user === null || frame.hasUser(row, selection.user)
}
