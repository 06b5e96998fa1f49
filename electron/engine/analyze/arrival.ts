/**
 * Whether a packet arrives in a network namespace at all, and on which interface: decided before any socket is looked
 * up. Follows the kernel's routing (ip_route_input_slow() in net/ipv4/route.c, ip6_rcv_core()).
 */
import type { Family } from '../../contract/model.ts'
import { NO_FAMILY, type Route, type RouteRequest, WITHOUT_IPV6 } from './routes.ts'

/** The loopback interface of every namespace (LOOPBACK_IFINDEX, include/net/net_namespace.h). */
export const LOOPBACK = 1

export type PacketArrival = {
  /** `everyone`: a broadcast address, every socket gets a copy. `unknown`: the route lookup failed. */
  readonly reach: 'local' | 'everyone' | 'unreachable' | 'unknown'
  /** Index of the ingress interface; 0 if it is unknown or the packet does not arrive. */
  readonly interface: number
  readonly named: boolean
  /** One sentence: why this interface, or why it does not arrive. */
  readonly reason: string
}

/** A packet with its names resolved; `local` is null for "any address", `named` the interface given by the user. */
export type ResolvedPacket = {
  readonly family: Family
  readonly local: Uint8Array | null
  readonly remote: Uint8Array
  readonly localText: string
  readonly remoteText: string
  readonly named: number | null
}

export type RouteLookup = (question: Omit<RouteRequest, 'netns' | 'family'>) => Promise<Route>
/** The name of an interface, and the indexes of all interfaces. */
export type InterfaceNames = { name(index: number): string; all(): readonly number[] }

export async function arrivalOf(
  packet: ResolvedPacket,
  ask: RouteLookup,
  names: InterfaceNames,
): Promise<PacketArrival> {
  const { local, remote, named } = packet
  const reach = await reachOf(packet, ask, names)
  if (reach !== null) return { interface: named ?? 0, named: named !== null, ...reach }
  if (named !== null) return arrivalOnNamed(packet, named, ask, names)

  const back = await ask(local === null ? { to: remote } : { to: remote, from: local })
  if (back.kind === 'unknown') return unknown(back.code)
  if (back.kind === 'local') {
    return assumed(LOOPBACK, `${packet.remoteText} is an address of this namespace: its packets arrive on lo.`)
  }
  const loopback = local !== null && isLoopback(packet.family, local)
  if (back.kind === 'elsewhere') {
    const name = names.name(back.interface)
    if (loopback && (packet.family === 'ipv6' || !(await accepts(packet, back.interface, ask)))) {
      return { ...martian(packet), interface: 0, named: false }
    }
    return assumed(
      back.interface,
      `The route back to ${packet.remoteText} goes out on ${name}: the packet is assumed to arrive there.`,
    )
  }
  if (loopback) return { ...martian(packet), interface: 0, named: false }
  return withoutReturnRoute(packet, ask, names)
}

/** Why no unicast packet for the address arrives; null if it does. */
async function reachOf(
  { local, localText }: ResolvedPacket,
  ask: RouteLookup,
  names: InterfaceNames,
): Promise<Pick<PacketArrival, 'reach' | 'reason'> | null> {
  if (local === null) return null
  const route = await ask({ to: local })
  if (route.kind === 'local') return null
  if (route.kind === 'everyone') return { reach: 'everyone', reason: `${localText} is a broadcast address.` }
  if (route.kind === 'unknown') return unknown(route.code)
  if (route.kind === 'none' && route.code === NO_FAMILY) {
    return { reach: 'unreachable', reason: `${WITHOUT_IPV6} no packet for ${localText} arrives.` }
  }
  const instead = route.kind === 'elsewhere' ? ` The route to it goes out on ${names.name(route.interface)}.` : ''
  return {
    reach: 'unreachable',
    reason: `No interface of this network namespace has ${localText}, and no local route covers it: packets for it do not arrive.${instead}`,
  }
}

/** For an interface given by the user: the kernel says whether it accepts such a packet there. */
async function arrivalOnNamed(
  packet: ResolvedPacket,
  named: number,
  ask: RouteLookup,
  names: InterfaceNames,
): Promise<PacketArrival> {
  const base = { interface: named, named: true }
  const name = names.name(named)
  const accepted = { ...base, reach: 'local' as const, reason: `Looked up as arriving on ${name}.` }
  // A packet on lo was routed when it was sent: no second lookup.
  if (named === LOOPBACK || packet.local === null) return accepted
  const route = await ask({ to: packet.local, from: packet.remote, incoming: named })
  if (route.kind === 'unknown') return { ...unknown(route.code), ...base }
  if (route.kind === 'local') return accepted
  const why =
    route.kind === 'none' && route.code === 'EXDEV'
      ? `its reverse path filter (rp_filter) rejects ${packet.remoteText} there`
      : `such a packet cannot come from there (${route.kind === 'none' ? route.code : 'it would be forwarded'})`
  return {
    ...base,
    reach: 'unreachable',
    reason: `The kernel drops a packet from ${packet.remoteText} to ${packet.localText} that arrives on ${name}: ${why}.`,
  }
}

/** Replies have no route, but packets for the address still arrive, on the interface that has it. */
async function withoutReturnRoute(
  packet: ResolvedPacket,
  ask: RouteLookup,
  names: InterfaceNames,
): Promise<PacketArrival> {
  const without = `There is no route back to ${packet.remoteText}`
  const entry = packet.local === null ? null : await ask({ to: packet.local, entry: true })
  const others = names.all().filter((index) => index !== LOOPBACK)
  const having = entry?.kind === 'local' && entry.interface > LOOPBACK ? entry.interface : null
  if (having !== null) {
    return assumed(
      having,
      `${without}: the packet is assumed to arrive on ${names.name(having)}, which has ${packet.localText}.`,
    )
  }
  const [only] = others
  if (only !== undefined && others.length === 1) {
    return assumed(
      only,
      `${without}: the packet is assumed to arrive on ${names.name(only)}, the only interface besides lo.`,
    )
  }
  return assumed(0, `${without}: the ingress interface is unknown, so sockets bound to an interface are left out.`)
}

/** Whether the kernel accepts the packet on this interface (net.ipv4.conf.*.route_localnet). */
async function accepts(packet: ResolvedPacket, index: number, ask: RouteLookup): Promise<boolean> {
  if (packet.local === null) return true
  return (await ask({ to: packet.local, from: packet.remote, incoming: index })).kind === 'local'
}

function martian({ localText, remoteText }: ResolvedPacket): Pick<PacketArrival, 'reach' | 'reason'> {
  return {
    reach: 'unreachable',
    reason: `${localText} is a loopback address: only this namespace can send to it, and ${remoteText} is not one of its addresses.`,
  }
}

function assumed(index: number, reason: string): PacketArrival {
  return { reach: 'local', interface: index, named: false, reason }
}

function unknown(code: string): PacketArrival {
  return {
    reach: 'unknown',
    interface: 0,
    named: false,
    reason: `Whether the packet arrives is unknown: the route lookup failed (${code}).`,
  }
}

/** 127.0.0.0/8 (RFC 1122), ::1 (RFC 4291). */
export function isLoopback(family: Family, bytes: Uint8Array): boolean {
  if (family === 'ipv4') return bytes[0] === 127
  return bytes[15] === 1 && bytes.subarray(0, 15).every((byte) => byte === 0)
}
