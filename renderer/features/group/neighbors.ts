/**
 * How other sockets on the same port affect a group. The kernel looks a packet up in two steps: among the sockets bound
 * to its exact address, then among the wildcards; in each the highest score wins (`compute_score` in
 * net/ipv4/inet_hashtables.c, net/ipv4/udp.c and their IPv6 twins).
 */
import type { GroupRow } from '../../../electron/contract/live.ts'

export type Relation =
  /** Receives traffic that this group would otherwise get. */
  | 'shadows'
  /**
   * The same endpoint with another user or another kind of sharing: the score does not decide which socket gets a
   * packet.
   */
  | 'rivals'
  /** Gets none of the traffic that both are bound for: this group does. */
  | 'shadowed'
  | 'apart'

export type Neighbor = {
  row: GroupRow
  relation: Relation
  /** The relation as a phrase about the neighbor. */
  text: string
}

type Endpoint = Pick<GroupRow, 'protocol' | 'family' | 'v6only' | 'address' | 'interface' | 'uid' | 'sharing'>

type Own = Endpoint & Pick<GroupRow, 'id' | 'port' | 'netns'>

const ORDER: Record<Relation, number> = { shadows: 0, rivals: 1, shadowed: 2, apart: 3 }

/** Other sockets on the group's port and in its namespace, the most relevant first. */
export function neighborsOf(own: Own, others: Iterable<GroupRow>): Neighbor[] {
  const neighbors: Neighbor[] = []
  for (const row of others) {
    if (row.id === own.id || row.port !== own.port || row.netns !== own.netns) continue
    neighbors.push({ row, ...relate(own, row) })
  }
  return neighbors.sort((a, b) => ORDER[a.relation] - ORDER[b.relation] || (a.row.id < b.row.id ? -1 : 1))
}

function relate(own: Own, other: GroupRow): Omit<Neighbor, 'row'> {
  if (own.protocol !== other.protocol) return apart(`${other.protocol}: different protocol`)
  if (other.receiving === 0) {
    return apart(
      other.connected > 0
        ? 'Connected: receives only from its own peer'
        : 'Bound but not listening: no client reaches it',
    )
  }
  const shared = overlap(own, other)
  if (typeof shared === 'string') return apart(shared)
  const likely = own.v6only === null && own.family === 'ipv6' ? null : other.family === 'ipv6' ? other.v6only : false
  const maybe = likely === null && own.family !== other.family
  const [mine, theirs] = [rank(own, shared), rank(other, shared)]
  if (theirs > mine) {
    return { relation: 'shadows', text: `${maybe ? 'May shadow' : 'Shadows'} this group for ${shared.words}` }
  }
  if (theirs < mine) {
    return {
      relation: 'shadowed',
      text: `${maybe ? 'May be shadowed' : 'Shadowed'} by this group for ${shared.words}`,
    }
  }
  return { relation: 'rivals', text: rivalText(own, other, shared.words) }
}

function apart(words: string): Omit<Neighbor, 'row'> {
  return { relation: 'apart', text: words }
}

type Overlap = { packets: 'ipv4' | 'ipv6'; words: string }

/** The traffic that both are bound for, or why there is no overlap. */
function overlap(own: Endpoint, other: Endpoint): Overlap | string {
  const packets = packetsOf(own).filter((family) => packetsOf(other).includes(family))
  const [family] = packets
  if (family === undefined) {
    if (other.family === 'ipv6') return isWildcard(other) ? 'IPv6 only: no overlap' : 'An IPv6 address: no overlap'
    return 'IPv4: no overlap'
  }
  if (own.interface !== null && other.interface !== null && own.interface !== other.interface) {
    return `On ${other.interface} only: no overlap`
  }
  const [mine, theirs] = [bareAddress(own), bareAddress(other)]
  if (mine !== null && theirs !== null && mine !== theirs) return 'Different address: no overlap'
  const address = theirs ?? mine
  const on = other.interface ?? own.interface
  const everything = packetsOf(own).length > packets.length || packetsOf(other).length > packets.length
  const what = address ?? (everything ? (family === 'ipv4' ? 'IPv4' : 'IPv6') : 'every address')
  return { packets: family, words: on === null ? what : `${what} on ${on}` }
}

/** Families of the packets that an endpoint accepts. An IPv6 wildcard also accepts IPv4 unless IPV6_V6ONLY is set. */
function packetsOf({ family, v6only, address }: Endpoint): ('ipv4' | 'ipv6')[] {
  if (family === 'ipv4') return ['ipv4']
  if (mappedAddress(address) !== null) return ['ipv4']
  return address === '::' && v6only !== true ? ['ipv6', 'ipv4'] : ['ipv6']
}

/** Higher wins. The address outweighs everything else, because it is looked up first. */
function rank(endpoint: Endpoint, { packets }: Overlap): number {
  const specific = isWildcard(endpoint) ? 0 : 100
  const bound = endpoint.interface === null ? 0 : 1
  const sameFamily = endpoint.family === 'ipv4' && packets === 'ipv4' ? 1 : 0
  return specific + (endpoint.protocol === 'udp' ? 4 * bound : bound) + sameFamily
}

function rivalText(own: Endpoint, other: Endpoint, what: string): string {
  if (own.interface !== other.interface || own.family !== other.family) {
    return `Equal match for ${what}: the first in the kernel’s list gets it`
  }
  const who = own.uid !== other.uid ? 'Another user on the same address' : 'The same address'
  return own.protocol === 'udp' ? `${who}: the newest socket may receive the datagrams` : `${who}: a separate group`
}

function isWildcard({ address }: Endpoint): boolean {
  return address === '0.0.0.0' || address === '::' || mappedAddress(address) === '0.0.0.0'
}

/** null for a wildcard; a mapped address as its IPv4 address. */
function bareAddress(endpoint: Endpoint): string | null {
  return isWildcard(endpoint) ? null : (mappedAddress(endpoint.address) ?? endpoint.address)
}

function mappedAddress(address: string): string | null {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? null
}
