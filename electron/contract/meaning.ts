/**
 * What values of the model mean. Apart from their shapes, which are zod's: who only shows them need not load that, and a
 * terminal command would wait for it a fifth of its time.
 */
import type { SocketState } from './model.ts'

export const SNAPSHOT_SCHEMA = 'reuseport-inspector/snapshot/1'

/** True for a state in which a socket receives what clients send to the port. */
export function receives(state: SocketState): boolean {
  return state === 'listening' || state === 'unconnected'
}

/** The command of every process of the lab, as the kernel names it. A group whose holders all carry it is marked as ours. */
export const LAB_COMMAND = 'reuseport-lab'

/** True where every holder is a process of a lab. With an owner unseen nobody can say, and it is not marked. */
export function isLabGroup({ owners, ownersHidden }: LabMarked): boolean {
  return owners.length > 0 && ownersHidden === 0 && owners.every(({ command }) => command === LAB_COMMAND)
}
type LabMarked = { readonly owners: readonly { readonly command: string }[]; readonly ownersHidden: number }
