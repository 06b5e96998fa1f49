/** The candidates of a lookup: every socket on a port of one namespace, those of one SO_REUSEPORT group as one. */
import type { GroupKey } from '../../contract/model.ts'
import type { Collector } from '../collect/collector.ts'
import type { FrameView } from '../collect/frame-view.ts'
import { judge, type LookupCandidate, type Packet } from './lookup.ts'
import type { ResolvedDestination } from './query.ts'

/** Where the candidates are. */
export type CandidatePlace = Pick<ResolvedDestination, 'netns' | 'protocol'> & {
  readonly local: { readonly port: number }
}

/** A candidate with its group's key and its sockets. */
export type PathCandidate = LookupCandidate & { key: GroupKey; sockets: number; cookies: Set<string> }

/** The position of each receiver on the port in the dump, by cookie. */
export async function kernelOrder(collector: Collector, place: CandidatePlace): Promise<Map<bigint, number>> {
  const { netns, protocol } = place
  const request = { netns, protocol, state: 'receiving', port: place.local.port } as const
  // IPv6 sockets may take IPv4 too. IPv4 sockets take no IPv6, but are still listed as candidates.
  const v4 = await collector.reader.dumpPort({ ...request, family: 4 })
  const v6 = await collector.reader.dumpPort({ ...request, family: 6 })
  const order = new Map<bigint, number>()
  for (const [at, cookie] of v4.cookies.entries()) order.set(cookie, at)
  for (const [at, cookie] of v6.cookies.entries()) order.set(cookie, at)
  return order
}

/** Whether the frame has exactly the receivers on this port that the kernel lists now, all of them classified. */
export function isCurrent(frame: FrameView, place: CandidatePlace, order: ReadonlyMap<bigint, number>): boolean {
  let known = 0
  for (const row of rowsOnPort(frame, place)) {
    if (frame.sharing(row) === 'unknown') return false
    const first = frame.firstSocket(row)
    for (let socket = first; socket < first + frame.socketCount(row); socket++) {
      const listed = order.has(frame.cookie(socket))
      // A socket that was only bound but is listed now has started to listen since.
      if (listed === (frame.state(socket) === 'bound')) return false
      if (listed) known++
    }
  }
  return known === order.size
}

export function rowsOnPort(frame: FrameView, place: CandidatePlace): number[] {
  const rows: number[] = []
  for (let row = 0; row < frame.groups.count; row++) {
    if (frame.port(row) !== place.local.port || frame.netns(row) !== place.netns) continue
    if (frame.protocol(row) === place.protocol) rows.push(row)
  }
  return rows
}

/**
 * The position of a socket in the kernel's list. New sockets go to the front, except IPv6 ones with SO_REUSEPORT, which
 * go to the end (inet_hash(), sk_add_node_rcu()). The dump of one family walks the list in order.
 */
function placeInList(key: GroupKey, reuseport: boolean, dumped: number | undefined): number {
  if (dumped === undefined) return Number.MAX_SAFE_INTEGER
  return key.family === 'ipv6' && reuseport ? 0x1_0000_0000 + dumped : dumped
}

/** All sockets on the port, those of one SO_REUSEPORT group as one candidate. */
export function candidatesOf(
  frame: FrameView,
  place: CandidatePlace,
  order: ReadonlyMap<bigint, number>,
): PathCandidate[] {
  return rowsOnPort(frame, place).flatMap((row) => candidatesIn(frame, row, order))
}

function candidatesIn(frame: FrameView, row: number, order: ReadonlyMap<bigint, number>): PathCandidate[] {
  const key = frame.key(row)
  const { localAddress, interface: index } = frame.destination(row)
  const first = frame.firstSocket(row)
  const sockets = Array.from({ length: frame.socketCount(row) }, (_, offset) => first + offset)
  const hasConnections = sockets.some((socket) => frame.state(socket) === 'connected')
  // Two TCP listeners can have overlapping addresses only with SO_REUSEPORT (inet_csk_bind_conflict()); for UDP it is
  // assumed if unknown.
  const reuseport = key.sharing === 'reuseport' || key.sharing === 'unknown' || key.protocol === 'tcp'
  const together = new Map<string, PathCandidate>()
  for (const socket of sockets) {
    const cookie = frame.cookie(socket)
    const state = frame.state(socket)
    const receives = state === 'listening' || state === 'unconnected'
    const known = together.get(state)
    const place = placeInList(key, reuseport, order.get(cookie))
    const remote = frame.remoteOf(socket)
    if (known !== undefined && remote === null && (!receives || reuseport)) {
      known.sockets++
      known.cookies.add(String(cookie))
      known.order = Math.min(known.order, place)
      continue
    }
    together.set(remote === null && (!receives || reuseport) ? state : String(cookie), {
      family: key.family,
      v6only: key.v6only === true,
      address: localAddress.slice(),
      interface: index,
      state,
      reuseport: receives && (reuseport || frame.optionsOf(socket)?.reuseport === true),
      hasConnections,
      remote,
      cpu: null,
      order: place,
      key,
      sockets: 1,
      cookies: new Set([String(cookie)]),
    })
  }
  return [...together.values()]
}

export function winningReason(packet: Packet, candidate: PathCandidate, all: readonly PathCandidate[]): string {
  const mine = judge(packet, candidate)
  const rivals = all.filter(
    (other) => other !== candidate && judge(packet, other).pass === mine.pass && judge(packet, other).score !== null,
  )
  if (rivals.length === 0) {
    return mine.pass === 'exact'
      ? 'The only one bound to the address itself.'
      : 'The only one bound to the wildcard, and none is bound to the address itself.'
  }
  const better = rivals.every((rival) => (judge(packet, rival).score ?? 0) < (mine.score ?? 0))
  return better ? 'The highest score.' : "The first in the kernel's list among those that could win."
}
