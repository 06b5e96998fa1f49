/**
 * What the routing of a network namespace does with a packet, queried like `ip route get` (RTM_GETROUTE, rtnetlink(7)).
 */
import { isNativeError, type Reader } from '../../../native/index.ts'
import type { Family } from '../../contract/model.ts'
import {
  type Attribute,
  attributesByType,
  fromHostU32,
  hostU32,
  netlinkMessages,
  netlinkRequest,
} from '../collect/netlink-message.ts'
import { isLimitedBroadcast, isMulticast } from '../common/addresses.ts'

const RTM_NEWROUTE = 24
const RTM_GETROUTE = 26
const RTA_DST = 1
const RTA_SRC = 2
const RTA_IIF = 3
const RTA_OIF = 4
const RTM_F_FIB_MATCH = 0x2000
const AF = { ipv4: 2, ipv6: 10 } as const
const RTN_LOCAL = 2
const RTN_BROADCAST = 3
const RTN_ANYCAST = 4
/** Offsets of type and flags in rtmsg (linux/rtnetlink.h). */
const TYPE_AT = 7
const FLAGS_AT = 8
const RTMSG = 12
/**
 * A routing table's answers without a route: ENETUNREACH, EHOSTUNREACH, EACCES (prohibit), EINVAL (blackhole, or an
 * impossible source), EXDEV (the reverse path filter).
 */
const NO_ROUTE: ReadonlySet<string> = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EACCES', 'EINVAL', 'EXDEV'])
/** `code` where the kernel was started with `ipv6.disable=1`: rtnetlink then has no IPv6. */
export const NO_FAMILY = 'EAFNOSUPPORT'
/** The start of a sentence that says what follows. */
export const WITHOUT_IPV6 = 'This kernel runs without IPv6 (ipv6.disable=1):'
const LOOPBACK_ADDRESS = Uint8Array.from({ length: 16 }, (_, at) => Number(at === 15))

export type RouteRequest = {
  readonly netns: number
  readonly family: Family
  /** 16 bytes each, network order; IPv4 in the first four. */
  readonly to: Uint8Array
  readonly from?: Uint8Array
  /** Queried as for a packet that arrives at this interface. */
  readonly incoming?: number
  /** The matching table entry, not its result: a local address names the interface that has it. */
  readonly entry?: boolean
}

/**
 * `local`: the namespace accepts it. `everyone`: it is a broadcast or multicast address. `elsewhere`: it leaves, through
 * `interface`. `none`: no route, `code` says why. `unknown`: the query failed.
 */
export type Route =
  | { readonly kind: 'local' | 'everyone' | 'elsewhere'; readonly interface: number }
  | { readonly kind: 'none' | 'unknown'; readonly code: string }

/**
 * Never rejects for the kernel's answers. Not asked about multicast and 255.255.255.255: they need no route to arrive
 * (ip_route_input_slow(), inet_addr_type() in net/ipv4), and an answer would be about sending.
 */
export async function queryRoute(reader: Pick<Reader, 'query'>, question: RouteRequest): Promise<Route> {
  const { netns, family, to, from, incoming, entry } = question
  if (isMulticast(family, to) || isLimitedBroadcast(family, to)) return { kind: 'everyone', interface: 0 }
  const size = family === 'ipv4' ? 4 : 16
  const fixed = new Uint8Array(RTMSG)
  fixed[0] = AF[family]
  fixed[1] = 8 * size
  if (from !== undefined) fixed[2] = 8 * size
  if (entry) fixed.set(fromHostU32(RTM_F_FIB_MATCH), FLAGS_AT)
  const attributes: Attribute[] = [{ type: RTA_DST, payload: to.subarray(0, size) }]
  if (from !== undefined) attributes.push({ type: RTA_SRC, payload: from.subarray(0, size) })
  if (incoming !== undefined) attributes.push({ type: RTA_IIF, payload: fromHostU32(incoming) })
  try {
    const request = netlinkRequest(RTM_GETROUTE, fixed, attributes, 'get')
    return parseRoute(await reader.query({ netns, family: 'route', request }))
  } catch (error) {
    if (!isNativeError(error)) throw error
    if (family === 'ipv6' && error.code === 'EOPNOTSUPP') return { kind: 'none', code: NO_FAMILY }
    return { kind: NO_ROUTE.has(error.code) ? 'none' : 'unknown', code: error.code }
  }
}

/** Whether the kernel has IPv6 at all: with `ipv6.disable=1` no process can make such a socket. */
export async function hasIpv6(reader: Pick<Reader, 'query'>, netns: number): Promise<boolean> {
  const route = await queryRoute(reader, { netns, family: 'ipv6', to: LOOPBACK_ADDRESS })
  return route.kind !== 'none' || route.code !== NO_FAMILY
}

/** Parses an answer. Exported for its tests. */
export function parseRoute(answer: Uint8Array): Route {
  for (const { type, body } of netlinkMessages(answer)) {
    if (type !== RTM_NEWROUTE || body.length < RTMSG) continue
    const index = hostU32(attributesByType(body.subarray(RTMSG)).get(RTA_OIF)) ?? 0
    const routed = body[TYPE_AT]
    if (routed === RTN_BROADCAST) return { kind: 'everyone', interface: index }
    return { kind: routed === RTN_LOCAL || routed === RTN_ANYCAST ? 'local' : 'elsewhere', interface: index }
  }
  return { kind: 'unknown', code: 'no answer' }
}
