/** Which socket or group the clients of each local address reach on a port, by the kernel's rules and its own lookup. */
import { endpointText } from '../../../contract/format.ts'
import type { Family, Protocol } from '../../../contract/model.ts'
import type { PortReach } from '../../../contract/port.ts'
import type { Collector } from '../../collect/collector.ts'
import type { FrameView } from '../../collect/frame-view.ts'
import type { Interface } from '../../collect/interfaces.ts'
import { documentationClients, probeAddress } from '../../collect/sharing-lookup.ts'
import { addressBytes, addressText, isMulticast, isWildcard } from '../../common/addresses.ts'
import { candidatesOf, kernelOrder, type PathCandidate, winningReason } from '../candidates.ts'
import { judge, lookup, mappedAddress, type Packet } from '../lookup.ts'
import { hasIpv6, queryRoute } from '../routes.ts'

/** Addresses of one namespace that are answered for, "any other" included. */
const MAX_ADDRESSES = 512

export type ReachPlace = { readonly netns: number; readonly protocol: Protocol; readonly port: number }

/** A local address to which clients may send; `bytes` null: any other of the family. */
type LocalAddress = {
  readonly family: Family
  readonly bytes: Uint8Array | null
  /** Index and name of the interface that has it; 0 and null for any other. */
  readonly index: number
  readonly interface: string | null
  /** False: no packet for it arrives. */
  readonly arrives: boolean
  /** A multicast or broadcast address. */
  readonly ofMany: boolean
}

/**
 * What clients of each address of the namespace reach. Empty where no socket of the port receives. `only`: one address
 * in place of all. The frame is decoded before the first await but one, and must be of now.
 */
export async function portReaches(
  collector: Collector,
  frame: FrameView,
  place: ReachPlace,
  only: { readonly family: Family; readonly bytes: Uint8Array } | null,
): Promise<PortReach[]> {
  const where = { ...place, local: { port: place.port } }
  // Only an order is asked for, and it is for the frame's own sockets.
  const candidates = candidatesOf(frame, where, new Map())
  if (!candidates.some(({ state }) => state === 'listening' || state === 'unconnected')) return []
  if (!collector.isMissing(place.protocol)) await setOrder(collector, where, candidates)
  const addresses = await localAddresses(collector, place.netns, candidates, only)
  const reaches = await Promise.all(
    addresses.map((address) =>
      address.ofMany ? reachesOfMany(place, candidates, address) : reachOf(collector, place, candidates, address),
    ),
  )
  return reaches.flat()
}

async function setOrder(
  collector: Collector,
  where: Parameters<typeof kernelOrder>[1],
  candidates: readonly PathCandidate[],
): Promise<void> {
  const order = await kernelOrder(collector, where)
  for (const candidate of candidates) {
    const places = [...candidate.cookies].flatMap((cookie) => order.get(BigInt(cookie)) ?? [])
    const behind = candidate.family === 'ipv6' && candidate.reuseport ? 0x1_0000_0000 : 0
    if (places.length > 0) candidate.order = behind + Math.min(...places)
  }
}

/** Those of the interfaces, those that sockets are bound to, and any other. */
export async function localAddresses(
  { interfaces, reader }: Pick<Collector, 'interfaces' | 'reader'>,
  netns: number,
  candidates: readonly PathCandidate[],
  only: { readonly family: Family; readonly bytes: Uint8Array } | null,
): Promise<LocalAddress[]> {
  await interfaces.update([netns])
  const known = interfaces.list(netns)
  const found = new Map<string, LocalAddress>()
  const add = (address: LocalAddress) => {
    const key = `${address.family} ${address.bytes === null ? '' : addressText(address.bytes, address.family)}`
    if (!found.has(key) && found.size < MAX_ADDRESSES) found.set(key, address)
  }
  const elsewhere = async (family: Family, bytes: Uint8Array) => {
    const route = await queryRoute(reader, { netns, family, to: bytes })
    const at = route.kind === 'local' ? known.find(({ index }) => index === route.interface) : undefined
    add({
      family,
      bytes,
      index: at?.index ?? 0,
      interface: at?.name ?? null,
      arrives: route.kind !== 'none' && route.kind !== 'elsewhere',
      ofMany: route.kind === 'everyone',
    })
  }
  if (only !== null && !isWildcard(only.bytes)) {
    for (const address of known.flatMap(ownAddresses)) if (isSame(address, only)) add(address)
    if (found.size === 0) await elsewhere(only.family, only.bytes)
    return [...found.values()]
  }
  for (const address of known.flatMap(ownAddresses)) if (only === null || only.family === address.family) add(address)
  if (only === null) {
    for (const { address, family } of candidates) {
      if (isWildcard(address)) continue
      const mapped = family === 'ipv6' ? mappedAddress(address) : null
      await elsewhere(mapped === null ? family : 'ipv4', mapped ?? address)
    }
  }
  const families: readonly Family[] = (await hasIpv6(reader, netns)) ? ['ipv4', 'ipv6'] : ['ipv4']
  for (const family of families) {
    if (only === null || only.family === family)
      add({ family, bytes: null, index: 0, interface: null, arrives: true, ofMany: false })
  }
  return [...found.values()].sort(
    (a, b) => a.family.localeCompare(b.family) || Number(a.bytes === null) - Number(b.bytes === null),
  )
}

function ownAddresses({ index, name, addresses }: Interface): LocalAddress[] {
  return addresses.flatMap((text) => {
    const family = text.includes(':') ? 'ipv6' : 'ipv4'
    const bytes = addressBytes(text, family)
    return bytes === null ? [] : [{ family, bytes, index, interface: name, arrives: true, ofMany: false } as const]
  })
}

function isSame(a: LocalAddress, b: { readonly family: Family; readonly bytes: Uint8Array }): boolean {
  return a.family === b.family && (a.bytes?.every((byte, at) => byte === b.bytes[at]) ?? false)
}

/**
 * Which groups get what is sent to a multicast or broadcast address: not one socket, but a copy each
 * (__udp4_lib_mcast_deliver(), __udp6_lib_mcast_deliver()). TCP drops it (tcp_v4_conn_request()).
 */
export function reachesOfMany(
  { netns, protocol }: ReachPlace,
  candidates: readonly PathCandidate[],
  { family, bytes, interface: name }: Pick<LocalAddress, 'family' | 'bytes' | 'interface'>,
): PortReach[] {
  const localAddress = bytes ?? new Uint8Array(16)
  const address = addressText(localAddress, family)
  const about = { netns, protocol, family, address, interface: name, shadowed: [] }
  const multicast = isMulticast(family, localAddress)
  const kind = multicast ? 'multicast' : 'broadcast'
  if (protocol === 'tcp') {
    const reason = `${address} is a ${kind} address: TCP accepts no connection to it.`
    return [{ ...about, group: null, among: 0, steeredBy: 'none', reason }]
  }
  const packet = { protocol, family, localAddress, remoteAddress: new Uint8Array(16), remotePort: 0, cpu: null }
  const sockets = new Map<string, number>()
  for (const candidate of candidates) {
    // Those that are connected take it from their peer only.
    if (candidate.remote !== null) continue
    // It may arrive on the interface that the socket is bound to.
    if (judge({ ...packet, interface: candidate.interface }, candidate).score === null) continue
    sockets.set(candidate.key.id, (sockets.get(candidate.key.id) ?? 0) + candidate.sockets)
  }
  if (sockets.size === 0) {
    const anyone: Packet = { ...packet, interface: 0 }
    return [{ ...about, group: null, among: 0, steeredBy: 'none', reason: whyNone(anyone, candidates) }]
  }
  const reason = multicast
    ? 'A multicast address: each socket gets a copy, where an interface has joined the address.'
    : 'A broadcast address: each socket gets a copy.'
  return [...sockets].map(([group, among]) => ({ ...about, group, among, steeredBy: 'copies', reason }))
}

async function reachOf(
  collector: Collector,
  { netns, protocol, port }: ReachPlace,
  candidates: readonly PathCandidate[],
  address: LocalAddress,
): Promise<PortReach> {
  const { family, bytes } = address
  const version = family === 'ipv6' ? 6 : 4
  const remotes = documentationClients(version, 1)
  const localAddress = bytes ?? probeAddress(new Uint8Array(16), version)
  const packet: Packet = {
    protocol,
    family,
    localAddress,
    remoteAddress: firstAddress(remotes, family),
    remotePort: 1024,
    interface: address.index,
    cpu: null,
  }
  const text = bytes === null ? null : addressText(bytes, family)
  const about = { netns, protocol, family, address: text, interface: address.interface }
  const nobody = { ...about, group: null, among: 0, shadowed: [] }
  if (!address.arrives) {
    return { ...nobody, steeredBy: 'unreachable', reason: `No interface has ${text}: packets for it do not arrive.` }
  }
  const { winner } = lookup(packet, candidates)
  const named = collector.isMissing(protocol)
    ? null
    : await collector.reader.probe({
        netns,
        protocol,
        family: version,
        localAddress,
        localPort: port,
        interface: address.index,
        remotes,
        everyCpu: true,
      })
  const cookie = named?.cookies[0] ?? null
  const byKernel = cookie === null ? null : (candidates.find(({ cookies }) => cookies.has(String(cookie))) ?? null)
  const receiver = byKernel ?? winner
  if (receiver === null || cookie === 0n) {
    return { ...nobody, steeredBy: 'none', reason: whyNone(packet, candidates) }
  }
  const agrees = byKernel === null || byKernel === winner
  const sockets = receiver.sockets
  return {
    ...about,
    group: receiver.key.id,
    among: sockets,
    steeredBy: sockets > 1 ? 'hash' : receiver.key.sharing === 'reuseaddr' ? 'newest' : 'single',
    reason: agrees
      ? whyReceiver(packet, receiver, candidates)
      : 'The kernel lookup names it, against these rules: a BPF program (sk_lookup) may decide.',
    shadowed: shadowedBy(packet, receiver, candidates),
  }
}

/** Shorter than in `path` where nothing competes: most rows of a table say one of these. */
function whyReceiver(packet: Packet, receiver: PathCandidate, candidates: readonly PathCandidate[]): string {
  const { pass } = judge(packet, receiver)
  const rivals = candidates.filter((other) => other !== receiver && judge(packet, other).pass === pass)
  if (rivals.some((rival) => judge(packet, rival).score !== null)) return winningReason(packet, receiver, candidates)
  return pass === 'exact' ? 'Bound to the address itself.' : 'Nothing is bound to the address itself.'
}

/** The groups that would receive the packet, but are checked after this one. */
function shadowedBy(packet: Packet, receiver: PathCandidate, candidates: readonly PathCandidate[]): string[] {
  const others = candidates.filter(
    (other) => other.key.id !== receiver.key.id && other.remote === null && judge(packet, other).score !== null,
  )
  return [...new Set(others.map(({ key }) => key.id))]
}

/** Why each of the receivers leaves the packet to no one, in one sentence. */
function whyNone(packet: Packet, candidates: readonly PathCandidate[]): string {
  const reasons = candidates
    .filter(({ state }) => state === 'listening' || state === 'unconnected')
    .map((candidate) => {
      const { excluded } = judge(packet, candidate)
      return `${endpointText(candidate.key.address, candidate.key.port)}: ${excluded ?? 'not chosen'}`
    })
  return `${[...new Set(reasons)].slice(0, 3).join('; ')}.`
}

function firstAddress(remotes: Uint8Array, family: Family): Uint8Array {
  const address = new Uint8Array(16)
  address.set(remotes.subarray(0, family === 'ipv6' ? 16 : 4))
  return address
}
