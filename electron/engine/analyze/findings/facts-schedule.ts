/** Which namespaces' counters and settings are read in a slot. */
import type { FrameView } from '../../collect/frame-view.ts'

/** Maximum namespaces per slot, at about 0.1 ms each. */
const MAX_NAMESPACES = 32

type Frame = Pick<FrameView, 'receiving' | 'isUnshared' | 'netns'> & { readonly groups: { readonly count: number } }

/** Namespaces with a receiving group, those with a shared one first. */
export function namespacesToRead(frame: Frame): number[] {
  const shared = new Set<number>()
  const unshared = new Set<number>()
  for (let row = 0; row < frame.groups.count && shared.size < MAX_NAMESPACES; row++) {
    if (frame.receiving(row) > 0) (frame.isUnshared(row) ? unshared : shared).add(frame.netns(row))
  }
  return [...new Set([...shared, ...unshared])].slice(0, MAX_NAMESPACES)
}
