/** What a page can open a channel to. */
import type { AnyRouter } from '@orpc/server'
import { hostOfPeer, type PeerName } from '../contract/channels.ts'
import type { Engine } from '../engine/index.ts'
import type { Hosts } from './hosts/hosts.ts'

export type Peer = {
  readonly router: AnyRouter
  /** Resolves when it is gone, and the channel has to be closed; null where it stays. */
  readonly ended: Promise<void> | null
}

/** The peer of that name; null where there is none now. `hosts` is null where other hosts are not offered. */
export function findPeer(name: PeerName, engine: Pick<Engine, 'router'>, hosts: Hosts | null): Peer | null {
  if (name === 'engine') return { router: engine.router, ended: null }
  if (name === 'hosts') return hosts === null ? null : { router: hosts.router, ended: null }
  const session = hosts?.session(hostOfPeer(name) ?? '') ?? null
  return session === null ? null : { router: session.view.router, ended: session.ended }
}
