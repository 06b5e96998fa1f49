/** Which sockets have a port already, and whether the kernel allows another one beside them. */
import type { Family, Protocol } from '../../contract/model.ts'
import type { FrameView } from '../collect/frame-view.ts'
import { isWildcard } from '../common/addresses.ts'

/** A socket that is about to be bound. */
export type BindRequest = {
  readonly protocol: Protocol
  readonly family: Family
  /** 16 bytes, network order; IPv4 in the first four. */
  readonly address: Uint8Array
  readonly v6only: boolean
  readonly port: number
  readonly interface: string | null
  readonly uid: number
  readonly reuseport: boolean
  readonly reuseaddr: boolean
}

export type PortConflict = {
  /** "nginx (pid 812, user root)". */
  readonly description: string
  readonly uid: number
  readonly reuseport: boolean | null
  /** True where bind() will fail because of it; null where its options cannot be read. */
  readonly refuses: boolean | null
}

/** The sockets of namespace `netns` that have the port, on an address that overlaps with the wanted one. */
export function portConflicts(frame: FrameView, netns: number, wanted: BindRequest): PortConflict[] {
  const found: PortConflict[] = []
  for (let row = 0; row < frame.groups.count; row++) {
    if (frame.netns(row) !== netns || frame.port(row) !== wanted.port || frame.protocol(row) !== wanted.protocol)
      continue
    const key = frame.key(row)
    if (key.interface !== null && wanted.interface !== null && key.interface !== wanted.interface) continue
    const { localAddress, family } = frame.destination(row)
    const place = {
      family: family === 6 ? ('ipv6' as const) : ('ipv4' as const),
      address: localAddress,
      v6only: key.v6only === true,
    }
    if (!overlaps(place, wanted)) continue
    const first = frame.firstSocket(row)
    for (let socket = first; socket < first + frame.socketCount(row); socket++) {
      const options = frame.optionsOf(socket) ?? concluded(key.sharing)
      const uid = frame.uidOf(socket)
      found.push({
        description: describeHolder(frame, socket),
        uid,
        reuseport: options?.reuseport ?? null,
        refuses:
          options === null ? null : refuses(wanted, { ...options, uid, listens: frame.state(socket) === 'listening' }),
      })
    }
  }
  return found
}

/** What a group's sharing says about its members' options, where those cannot be read. */
function concluded(sharing: string): { reuseport: boolean; reuseaddr: boolean } | null {
  return sharing === 'reuseport' ? { reuseport: true, reuseaddr: false } : null
}

/**
 * As the kernel decides: TCP in inet_bind_conflict() (net/ipv4/inet_connection_sock.c), UDP in udp_lib_lport_inuse()
 * (net/ipv4/udp.c). SO_REUSEPORT on both needs one uid; SO_REUSEADDR on both is enough for UDP, and for TCP where the
 * other does not listen.
 */
export function refuses(
  wanted: Pick<BindRequest, 'protocol' | 'uid' | 'reuseport' | 'reuseaddr'>,
  other: { reuseport: boolean; reuseaddr: boolean; uid: number; listens: boolean },
): boolean {
  if (wanted.reuseport && other.reuseport && wanted.uid === other.uid) return false
  if (wanted.reuseaddr && other.reuseaddr) return wanted.protocol === 'tcp' && other.listens
  return true
}

type Place = Pick<BindRequest, 'family' | 'address' | 'v6only'>

/** True where some packet would match both (ipv6_rcv_saddr_equal(), net/ipv6/…). Exported for its tests. */
export function overlaps(a: Place, b: Place): boolean {
  const [one, other] = [asIpv4(a), asIpv4(b)]
  if (one.family === other.family)
    return isWildcard(one.address) || isWildcard(other.address) || same(one.address, other.address)
  const six = one.family === 'ipv6' ? one : other
  // Of IPv6 only the wildcard accepts IPv4 clients too, unless IPV6_V6ONLY is set.
  return isWildcard(six.address) && !six.v6only
}

/** Whether both are the same address, `::ffff:a.b.c.d` being a.b.c.d. */
export function sameAddress(a: Place, b: Place): boolean {
  const [one, other] = [asIpv4(a), asIpv4(b)]
  return one.family === other.family && same(one.address, other.address)
}

const MAPPED = Buffer.from('00000000000000000000ffff', 'hex')

/** `::ffff:a.b.c.d` receives what is sent to a.b.c.d. */
function asIpv4(place: Place): Place {
  if (place.family === 'ipv4' || !MAPPED.equals(place.address.subarray(0, 12))) return place
  const address = new Uint8Array(16)
  address.set(place.address.subarray(12, 16))
  return { family: 'ipv4', address, v6only: false }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, at) => byte === b[at])
}

function describeHolder(frame: FrameView, socket: number): string {
  const member = frame.member(socket)
  const user = member.user === null ? `uid ${member.uid}` : `user ${member.user}`
  const holder = member.holders?.[0]
  return holder === undefined ? `a hidden process of ${user}` : `${holder.command} (pid ${holder.pid}, ${user})`
}
