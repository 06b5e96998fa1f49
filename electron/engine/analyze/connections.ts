/** Established TCP connections of a group, by the process that holds them: accepted connections that are still open. */

import type { PortDump } from '../../../native/index.ts'
import type { Connections } from '../../contract/analysis.ts'
import type { Collector } from '../collect/collector.ts'
import type { FrameView } from '../collect/frame-view.ts'
import { isWildcard } from '../common/addresses.ts'
import { receivingSockets } from './kernel-lookup.ts'
import { servingPids } from './serving.ts'

/** Maximum groups whose connections are remembered, to recognize new ones at the next query. */
const REMEMBERED = 64

/** The number of a group's connections that each of its processes holds. */
export type ConnectionCounts = {
  /** pid → connections; 0 for processes that serve the group and hold none. */
  byPid: Map<number, number>
  /** pid → number of members it serves: the weight of its expected share. */
  members: Map<number, number>
  hidden: number
  waiting: number
  cookies: bigint[]
}

export class ConnectionCounter {
  readonly #collector: Collector
  readonly #before = new Map<string, { cookies: Set<bigint>; at: number }>()

  constructor(collector: Collector) {
    this.#collector = collector
  }

  /** Counts for the group in `row`. The frame's memory must stay valid meanwhile. Owners are those of the last scan. */
  async describe(frame: FrameView, row: number): Promise<Connections | null> {
    const { netns, protocol, family, localPort } = frame.destination(row)
    if (protocol !== 'tcp') return null
    const { connectionSpread } = await import('./statistics.ts')
    const dump = await this.#collector.reader.dumpPort({
      netns,
      protocol,
      family,
      state: 'established',
      port: localPort,
    })
    const counts = countConnections(this.#collector, frame, row, dump)
    if (counts === null) return null
    const pids = [...counts.byPid.keys()]
    const established = pids.map((pid) => counts.byPid.get(pid) ?? 0)
    return {
      processes: pids
        .map((pid, index) => ({ pid, command: frame.commandOf(pid) ?? '', established: established[index] ?? 0 }))
        .sort((a, b) => b.established - a.established || a.pid - b.pid),
      ownersHidden: counts.hidden,
      queued: counts.waiting,
      newPerSecond: this.#newPerSecond(frame.id(row), counts.cookies),
      // Connections without a known owner cannot be attributed.
      spread: counts.hidden > 0.05 * counts.cookies.length ? null : connectionSpread(counts),
    }
  }

  #newPerSecond(id: string, cookies: readonly bigint[]): number | null {
    const before = this.#before.get(id)
    const at = performance.now()
    this.#before.delete(id)
    this.#before.set(id, { cookies: new Set(cookies), at })
    for (const oldest of this.#before.keys()) {
      if (this.#before.size <= REMEMBERED) break
      this.#before.delete(oldest)
    }
    if (before === undefined) return null
    const fresh = cookies.filter((cookie) => !before.cookies.has(cookie)).length
    return Math.round((10_000 * fresh) / Math.max(at - before.at, 1)) / 10
  }
}

/**
 * Counts the connections in a dump (of the group's family and port) that belong to the group in `row`. `among`: the
 * entries to consider. null if it is unknown which of them belong to it.
 */
export function countConnections(
  collector: Collector,
  frame: FrameView,
  row: number,
  dump: PortDump,
  among: Iterable<number> = dump.cookies.keys(),
): ConnectionCounts | null {
  const belongs = belongsTo(frame, row, !collector.isMissing('tcp'))
  if (belongs === null) return null
  const counts: ConnectionCounts = { byPid: new Map(), members: new Map(), hidden: 0, waiting: 0, cookies: [] }
  for (const socket of receivingSockets(frame, row)) {
    for (const pid of servingPids(collector, frame, socket)) {
      counts.members.set(pid, (counts.members.get(pid) ?? 0) + 1)
      counts.byPid.set(pid, 0)
    }
  }
  for (const index of among) {
    const cookie = dump.cookies[index]
    const address = dump.addresses.subarray(16 * index, 16 * index + 16)
    if (cookie === undefined || !belongs(address, dump.interfaces[index] ?? 0)) continue
    counts.cookies.push(cookie)
    const pid = dump.pids[index] ?? 0
    if (dump.inodes[index] === 0) counts.waiting++
    else if (pid === 0) counts.hidden++
    else counts.byPid.set(pid, (counts.byPid.get(pid) ?? 0) + 1)
  }
  return counts
}

/**
 * Whether a connection with this local address and bound interface came in through the group. A connection is bound
 * like its listener (inet_request_bound_dev_if()); if the listener is not bound, it may still be bound to the link of a
 * link-local client. Of two listeners that match, the more specific one accepted it. null if interfaces decide and are
 * unknown.
 */
export function belongsTo(
  frame: FrameView,
  row: number,
  interfacesKnown: boolean,
): ((address: Uint8Array, bound: number) => boolean) | null {
  const own = listenerOf(frame, row)
  const others: Listener[] = []
  for (let other = 0; other < frame.groups.count; other++) {
    if (other === row || frame.port(other) !== frame.port(row) || frame.netns(other) !== frame.netns(row)) continue
    if (frame.protocol(other) !== frame.protocol(row)) continue
    if (frame.groupFamily(other) !== frame.groupFamily(row) || frame.receiving(other) === 0) continue
    others.push(listenerOf(frame, other))
  }
  if (!interfacesKnown && [own, ...others].some((listener) => listener.interface !== 0)) return null
  return (address, bound) => {
    const text = address.join('.')
    const rank = rankOf(own, text, bound)
    return rank > 0 && others.every((other) => rankOf(other, text, bound) <= rank)
  }
}

type Listener = { readonly address: string; readonly wildcard: boolean; readonly interface: number }

function listenerOf(frame: FrameView, row: number): Listener {
  const { localAddress, interface: bound } = frame.destination(row)
  return { address: localAddress.join('.'), wildcard: isWildcard(localAddress), interface: bound }
}

/** 0 if the listener cannot have accepted the connection; otherwise higher for a more specific bind. */
function rankOf(listener: Listener, address: string, bound: number): number {
  if (!listener.wildcard && listener.address !== address) return 0
  if (listener.interface !== 0 && listener.interface !== bound) return 0
  return 1 + (listener.wildcard ? 0 : 1) + (listener.interface === 0 ? 0 : 2)
}
