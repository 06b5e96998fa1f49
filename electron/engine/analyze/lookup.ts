/**
 * The kernel's socket lookup for a packet, as pure functions: `__inet_lookup_listener()` and `inet6_lookup_listener()`
 * (net/ipv4/inet_hashtables.c, net/ipv6/inet6_hashtables.c), `__udp4_lib_lookup()` and `__udp6_lib_lookup()`
 * (net/ipv4/udp.c, net/ipv6/udp.c). Two passes: sockets bound to the packet's own address, then, if there is none,
 * sockets bound to the wildcard. Within a pass each socket gets a score, and the walk keeps the best; but the first
 * socket of an SO_REUSEPORT group that beats all before it ends the walk, so a later group never wins by a higher
 * score. Measured on Linux 6.18. VRF (l3mdev) is not considered.
 */
import type { Family, Protocol, SocketState } from '../../contract/model.ts'
import { addressBytes, isWildcard } from '../common/addresses.ts'

export type Packet = {
  protocol: Protocol
  family: Family
  /** 16 bytes, network order, IPv4 in the first four. */
  localAddress: Uint8Array
  remoteAddress: Uint8Array
  remotePort: number
  /** Index of the ingress interface; 0 for one that no socket is bound to. */
  interface: number
  /** The receiving CPU; null if unknown. */
  cpu: number | null
}

/** A socket, or the members of an SO_REUSEPORT group, which the lookup treats as one. Bound to the packet's port. */
export type LookupCandidate = {
  family: Family
  v6only: boolean
  address: Uint8Array
  /** 0 if not bound to an interface. */
  interface: number
  state: SocketState
  reuseport: boolean
  /** UDP: a member of the group is connected, so the group does not end the walk (reuseport_has_conns()). */
  hasConnections: boolean
  /** The peer of a connected socket. */
  remote: { address: Uint8Array; port: number } | null
  /** SO_INCOMING_CPU; null if not set or unknown. */
  cpu: number | null
  /** Position in the kernel's list: lower comes first. */
  order: number
}

export type Pass = 'exact' | 'wildcard'
export type Points = { name: string; points: number }
export type ScoreResult =
  | { pass: Pass; score: number; points: Points[]; excluded: null }
  | { pass: Pass | null; score: null; points: Points[]; excluded: string }

/** The score that compute_score() gives a candidate, and its reasons. */
export function judge(packet: Packet, candidate: LookupCandidate): ScoreResult {
  const pass = passOf(packet, candidate)
  const no = (excluded: string): ScoreResult => ({
    pass: typeof pass === 'string' ? pass : null,
    score: null,
    points: [],
    excluded,
  })
  if (candidate.state === 'bound') return no('it is bound but not listening')
  if (typeof pass !== 'string') return no(pass.excluded)
  if (candidate.remote !== null) {
    if (!sameBytes(candidate.remote.address, peerAddress(packet, candidate)))
      return no('it is connected to another address')
    if (candidate.remote.port !== packet.remotePort) return no('it is connected to another port')
  }
  if (candidate.interface !== 0 && candidate.interface !== packet.interface)
    return no('it is bound to another interface')
  const points = packet.protocol === 'tcp' ? tcpPoints(packet, candidate) : udpPoints(packet, candidate)
  if (candidate.cpu !== null && candidate.cpu === packet.cpu) {
    points.push({ name: 'SO_INCOMING_CPU is the receiving CPU', points: 1 })
  }
  return { pass, score: points.reduce((sum, each) => sum + each.points, 0), points, excluded: null }
}

function tcpPoints(packet: Packet, candidate: LookupCandidate): Points[] {
  const points = [
    candidate.interface === 0
      ? { name: 'bound to no interface', points: 1 }
      : { name: 'bound to the interface', points: 2 },
  ]
  if (packet.family === 'ipv4' && candidate.family === 'ipv4') points.push({ name: 'an IPv4 socket', points: 1 })
  return points
}

function udpPoints(packet: Packet, candidate: LookupCandidate): Points[] {
  const points: Points[] = []
  const ipv4 = packet.family === 'ipv4'
  const each = ipv4 ? 4 : 1
  if (ipv4) {
    points.push(
      candidate.family === 'ipv4' ? { name: 'an IPv4 socket', points: 2 } : { name: 'an IPv6 socket', points: 1 },
    )
  }
  if (candidate.remote !== null) {
    points.push({ name: "connected to the client's address", points: each })
    points.push({ name: "connected to the client's port", points: each })
  }
  if (candidate.interface !== 0) points.push({ name: 'bound to the interface', points: each })
  return points
}

/** The pass that considers a candidate, or why neither does. */
function passOf(packet: Packet, candidate: LookupCandidate): Pass | { excluded: string } {
  if (packet.family === 'ipv6' && candidate.family === 'ipv4') return { excluded: 'it is an IPv4 socket' }
  if (packet.family === 'ipv4' && candidate.family === 'ipv6') {
    if (candidate.v6only) return { excluded: 'it accepts only IPv6 (IPV6_V6ONLY)' }
    const mapped = mappedAddress(candidate.address)
    if (mapped !== null) {
      return sameBytes(mapped, packet.localAddress) ? 'exact' : { excluded: 'it is bound to another address' }
    }
    return isWildcard(candidate.address) ? 'wildcard' : { excluded: 'it is bound to an IPv6 address' }
  }
  if (isWildcard(candidate.address)) return 'wildcard'
  return sameBytes(candidate.address, packet.localAddress) ? 'exact' : { excluded: 'it is bound to another address' }
}

export type Lookup<C extends LookupCandidate> = {
  winner: C | null
  pass: Pass | null
  /** Whether the reverse order of the kernel's list would give another winner. */
  orderDecides: boolean
}

/** Walks the candidates as the kernel does. */
export function lookup<C extends LookupCandidate>(packet: Packet, candidates: readonly C[]): Lookup<C> {
  const ordered = [...candidates].sort((a, b) => a.order - b.order)
  for (const pass of ['exact', 'wildcard'] as const) {
    const considered = ordered.filter((candidate) => judge(packet, candidate).pass === pass)
    const winner = walk(packet, considered)
    if (winner === null) continue
    return { winner, pass, orderDecides: walk(packet, reversedOrder(considered)) !== winner }
  }
  return { winner: null, pass: null, orderDecides: false }
}

/** The list if the sockets had been bound in reverse order: IPv6 ones with SO_REUSEPORT are always at the end. */
function reversedOrder<C extends LookupCandidate>(met: readonly C[]): C[] {
  const behind = (candidate: C) => Number(candidate.family === 'ipv6' && candidate.reuseport)
  return met.toReversed().sort((a, b) => behind(a) - behind(b))
}

function walk<C extends LookupCandidate>(packet: Packet, candidates: readonly C[]): C | null {
  let winner: C | null = null
  let best = Number.NEGATIVE_INFINITY
  for (const candidate of candidates) {
    const { score } = judge(packet, candidate)
    if (score === null || score <= best) continue
    best = score
    winner = candidate
    if (candidate.reuseport && candidate.state !== 'connected' && !candidate.hasConnections) return winner
  }
  return winner
}

/** The packet's source address in the form of the candidate's family. */
function peerAddress(packet: Packet, candidate: LookupCandidate): Uint8Array {
  if (packet.family === candidate.family) return packet.remoteAddress
  const mapped = new Uint8Array(16)
  mapped.set([0xff, 0xff], 10)
  mapped.set(packet.remoteAddress.subarray(0, 4), 12)
  return mapped
}

/** The IPv4 address (16 bytes, the first four used) inside `::ffff:a.b.c.d`; null for any other. */
export function mappedAddress(address: Uint8Array): Uint8Array | null {
  const prefix = address.subarray(0, 10).every((byte) => byte === 0) && address[10] === 0xff && address[11] === 0xff
  if (!prefix) return null
  const inner = new Uint8Array(16)
  inner.set(address.subarray(12, 16))
  return inner
}

/**
 * Parses an address of either family; `::ffff:a.b.c.d` becomes IPv4, the form on the wire. null if it is not an
 * address.
 */
export function parseAddress(text: string): { family: Family; bytes: Uint8Array } | null {
  const v4 = addressBytes(text, 'ipv4')
  if (v4 !== null) return { family: 'ipv4', bytes: v4 }
  const v6 = addressBytes(text, 'ipv6')
  if (v6 === null) return null
  const mapped = mappedAddress(v6)
  return mapped === null ? { family: 'ipv6', bytes: v6 } : { family: 'ipv4', bytes: mapped }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  for (let index = 0; index < 16; index++) if (a[index] !== b[index]) return false
  return true
}
