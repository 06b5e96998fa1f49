/**
 * Constants and predicates of the model. Separate from its zod schemas, because loading zod would take a fifth of a
 * terminal command's time.
 */
import type { SOCKET_STATES } from './values.ts'

export const SNAPSHOT_SCHEMA = 'reuseport-inspector/snapshot/1'

/** True for a state in which a socket receives what clients send to the port. */
export function receives(state: (typeof SOCKET_STATES)[number]): boolean {
  return state === 'listening' || state === 'unconnected'
}

/** The command name (comm) of every lab process. A group whose holders all have it is labeled as the lab's. */
export const LAB_COMMAND = 'reuseport-lab'

/** True where every holder is a lab process. False where an owner is hidden. */
export function isLabGroup({ owners, ownersHidden }: Owned): boolean {
  return owners.length > 0 && ownersHidden === 0 && owners.every(({ command }) => command === LAB_COMMAND)
}
type Owned = { readonly owners: readonly { readonly command: string }[]; readonly ownersHidden: number }

/** Processes listed in the row of a group: with more, it would be too large to send at every change. */
export const MAX_ROW_PIDS = 1024

/**
 * Events that the engine remembers, and the newest of a recording that a page shows: a day of a machine with some trouble,
 * about 2 MB.
 */
export const MAX_EVENTS = 2000

/** Base64 characters of one chunk of a file: far below the limit of a WebSocket frame. */
export const MAX_CHUNK_CHARACTERS = 700_000

/**
 * What root sees on this machine: offered to every other user as a host of this name. ssh takes no name with spaces, and
 * `host add` refuses this one.
 */
export const ROOT_HERE = 'this machine as root'
