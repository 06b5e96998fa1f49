/** Members that were removed since the previous frame, with the queue that they had there. */
import { groupIdText } from '../../collect/frame-fields.ts'
import type { FrameView } from '../../collect/frame-view.ts'
import type { RemovedMember } from './rule.ts'

type Removals = Pick<FrameView, 'refresh'> & {
  readonly raw: Pick<FrameView['raw'], 'removedSockets' | 'removedSocketGroups'>
}
type Before = Pick<FrameView, 'refresh' | 'queueLength' | 'socketReceives' | 'cookie'> & {
  readonly sockets: { readonly count: number }
}

/** By the id of their group. `before` is the previous frame, whose memory must still be valid; null for none. */
export function removedMembers(frame: Removals, before: Before | null): Map<string, RemovedMember[]> {
  const byGroup = new Map<string, RemovedMember[]>()
  const { removedSockets, removedSocketGroups } = frame.raw
  if (removedSockets.length === 0 || before === null || before.refresh !== frame.refresh - 1) return byGroup
  const removed = new Set(removedSockets)
  const queued = new Map<bigint, number>()
  for (let socket = 0; socket < before.sockets.count; socket++) {
    if (before.queueLength(socket) === 0 || !before.socketReceives(socket)) continue
    const cookie = before.cookie(socket)
    if (removed.has(cookie)) queued.set(cookie, before.queueLength(socket))
  }
  for (const [index, cookie] of removedSockets.entries()) {
    const group = removedSocketGroups[index]
    if (group === undefined) continue
    const id = groupIdText(group)
    const member = { cookie, queued: queued.get(cookie) ?? 0 }
    const members = byGroup.get(id)
    if (members === undefined) byGroup.set(id, [member])
    else members.push(member)
  }
  return byGroup
}
