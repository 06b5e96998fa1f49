/** Whether what is kept by row is still about the same groups. */
import type { FrameFields } from './frame-fields.ts'

type Rows = Pick<FrameFields, 'refresh' | 'since' | 'anyMembersChanged'> & {
  readonly groups: { readonly count: number }
  readonly raw: { readonly removedGroups: ArrayLike<bigint> }
}

/** Whether groups are in other rows than in the previous frame. */
export function rowsMoved(frame: Rows, previous: Rows | null): boolean {
  if (previous?.refresh !== frame.refresh - 1 || previous.groups.count !== frame.groups.count) return true
  if (frame.raw.removedGroups.length > 0) return true
  // A group that was added has new members.
  if (!frame.anyMembersChanged()) return false
  for (let row = 0; row < frame.groups.count; row++) if (frame.since(row) === frame.refresh) return true
  return false
}
