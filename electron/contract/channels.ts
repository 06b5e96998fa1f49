/** What a page can open a channel to, and the three messages between page, preload and main process. */

/** `engine`: this machine's. `hosts`: the connections to other hosts (hosts.ts). `host/NAME`: the engine of a host. */
export type PeerName = 'engine' | 'hosts' | `host/${string}`

/** Longest name of a peer, in characters. */
export const MAX_PEER_NAME = 300

/** Whether it has the form of a peer's name. */
export function isPeerName(name: unknown): name is PeerName {
  if (typeof name !== 'string' || name.length > MAX_PEER_NAME) return false
  return name === 'engine' || name === 'hosts' || /^host\/./su.test(name)
}

/** The host of a peer's name; null where it is not that of a host. */
export function hostOfPeer(name: PeerName): string | null {
  return name.startsWith('host/') ? name.slice('host/'.length) : null
}

/** Page to preload, preload to main: requests a port to the peer of that name. */
export const ASK_PORT = 'reuseport-inspector/ask-port'
/** Main to preload, preload to page: the port, in `ports[0]` of the message, and the name of its peer. */
export const PORT = 'reuseport-inspector/port'
/**
 * Main to preload, preload to page: the page's ports have no engine, or no longer have one; `problem` says why
 * (contract/errors.ts). Whether a page's port closes by itself when the other end is gone depends on what holds that
 * end: if another page does, not in Chromium 156; in Electron it closes.
 */
export const NO_PORT = 'reuseport-inspector/no-port'
