/** Which binds to a port would succeed: for each address worth asking about, each user, and each pair of options. */
import type { Family, Protocol } from '../../../contract/model.ts'
import type { PortBind, PortOptions, PortRange } from '../../../contract/port.ts'
import { addressText, isWildcard } from '../../common/addresses.ts'
import { sameAddress } from '../../lab/port-conflicts.ts'
import { mappedAddress } from '../lookup.ts'
import { WITHOUT_IPV6 } from '../routes.ts'
import { bindVerdict, type Wanted } from './bind-rules.ts'
import type { PortSocket } from './port-sockets.ts'

/** Addresses of sockets on the port that are asked about, besides the wildcards. */
const MAX_ADDRESSES = 16
/** Users of sockets on the port that are asked about, besides this one, root and a stranger. */
const MAX_USERS = 4

const OPTION_PAIRS: readonly PortOptions[] = [
  { reuseport: false, reuseaddr: false },
  { reuseport: false, reuseaddr: true },
  { reuseport: true, reuseaddr: false },
  { reuseport: true, reuseaddr: true },
]

export type BindAddress = { readonly family: Family; readonly address: Uint8Array; readonly v6only: boolean }

/** Who binds; `uid` null: a stranger. */
export type BindUser = {
  readonly uid: number | null
  readonly user: string | null
  /** May bind privileged ports; null if unknown. */
  readonly privileged: boolean | null
}

export type BindScope = {
  readonly netns: number
  readonly protocol: Protocol
  readonly range: PortRange
  readonly users: readonly BindUser[]
  readonly addresses: readonly BindAddress[]
  /** Whether a socket can have this address; null if unknown. */
  readonly isHere: (address: BindAddress) => boolean | null
  /** Whether the kernel has IPv6. */
  readonly ipv6: boolean
  /** All sockets of the protocol in the namespace that have the port. */
  readonly sockets: readonly PortSocket[]
  /** Whether the given sockets are all that can have the port. */
  readonly complete: boolean
  /** Whether the slot of the kernel's UDP table may have more than ten sockets (udp_lib_get_port()). */
  readonly crowded: boolean
}

/** Every combination, in the order of addresses, users, options. */
export function bindOutcomes(place: BindScope): PortBind[] {
  return place.addresses.flatMap((address) =>
    place.users.flatMap((user) => OPTION_PAIRS.map((options) => bindOutcome(place, address, user, options))),
  )
}

/**
 * The wildcards, and the addresses to which sockets on the port are bound. `only`: one address in place of all. `ipv6`:
 * whether the kernel has that.
 */
export function bindAddresses(sockets: readonly PortSocket[], only: BindAddress | null, ipv6: boolean): BindAddress[] {
  if (only !== null) {
    return only.family === 'ipv6' && isWildcard(only.address) ? [only, { ...only, v6only: true }] : [only]
  }
  const any = new Uint8Array(16)
  const found: BindAddress[] = [
    { family: 'ipv4', address: any, v6only: false },
    ...(ipv6 ? [false, true].map((v6only) => ({ family: 'ipv6' as const, address: any, v6only })) : []),
  ]
  for (const { accepted, holder, ...bound } of sockets) {
    // `::ffff:a.b.c.d` is a.b.c.d to every bind.
    const mapped = bound.family === 'ipv6' ? mappedAddress(bound.address) : null
    const { family, address } = mapped === null ? bound : { family: 'ipv4' as const, address: mapped }
    if (isWildcard(address) || isLinkLocal(family, address) || accepted || holder.group === null) continue
    const known = found.some(
      (other) => other.family === family && sameAddress(other, { family, address, v6only: true }),
    )
    if (!known && found.length < MAX_ADDRESSES + 3) found.push({ family, address, v6only: family === 'ipv6' })
  }
  return found
}

/** This user, root, the users with sockets on the port, and a stranger. */
export function bindUsers(
  sockets: readonly PortSocket[],
  { uid: own, privileged }: { readonly uid: number; readonly privileged: boolean | null },
  nameOf: (uid: number) => string | null,
): BindUser[] {
  const uids = new Set(sockets.flatMap(({ uid, accepted }) => (uid === null || accepted ? [] : [uid])))
  const others = [...new Set([0, ...[...uids].sort((a, b) => a - b).slice(0, MAX_USERS)])].filter((uid) => uid !== own)
  return [
    { uid: own, user: nameOf(own), privileged },
    ...others.map((uid) => ({ uid, user: nameOf(uid), privileged: uid === 0 })),
    { uid: null, user: null, privileged: false },
  ]
}

type Outcome = Pick<PortBind, 'succeeds' | 'error' | 'refusedBy' | 'joins' | 'reason' | 'unknownBecause'>

function bindOutcome(place: BindScope, address: BindAddress, who: BindUser, options: PortOptions): PortBind {
  const { netns, protocol } = place
  const { family, v6only } = address
  const text = addressText(address.address, family)
  const about = { netns, protocol, family, address: text, v6only, uid: who.uid, user: who.user, options }
  return { ...about, ...outcomeOf(place, address, text, who, options) }
}

function outcomeOf(place: BindScope, address: BindAddress, text: string, who: BindUser, options: PortOptions): Outcome {
  const { protocol, range } = place
  if (address.family === 'ipv6' && !place.ipv6) return failed('EAFNOSUPPORT', `${WITHOUT_IPV6} socket(2) fails.`)
  const here = place.isHere(address)
  const allowed = who.privileged === true ? true : range.privileged === null ? null : !range.privileged
  // The kernel checks the address first over IPv4, the privilege first over IPv6 (__inet_bind(), __inet6_bind()).
  const refusals = [
    ...(here === false ? [failed('EADDRNOTAVAIL', `No interface of this network namespace has ${text}.`)] : []),
    ...(allowed === false
      ? [failed('EACCES', `The port is privileged: below ${range.unprivilegedFrom}, it needs CAP_NET_BIND_SERVICE.`)]
      : []),
  ]
  const [refusal] = address.family === 'ipv4' ? refusals : refusals.toReversed()
  if (refusal !== undefined) return refusal
  const wanted: Wanted = { protocol, ...address, uid: who.uid, ...options }
  const verdict = bindVerdict(
    wanted,
    place.sockets.filter(({ binds }) => binds),
    place.crowded,
  )
  if (verdict.succeeds === false) {
    return { ...failed('EADDRINUSE', refusalReason(wanted, verdict.by)), refusedBy: verdict.by.holder }
  }
  if (verdict.succeeds === null) {
    return verdict.because === 'options'
      ? unknown('options', `The options of ${ownerOf(verdict.by)} are not readable.`)
      : unknown('order', `The order in which the sockets were bound decides: ${refusalReason(wanted, verdict.by)}`)
  }
  if (!place.complete) return unknown('unchecked', 'A socket that is not checked could have the port.')
  if (allowed === null) return unknown('privilege', 'The lowest port that this user may bind could not be read.')
  if (here === null)
    return unknown('address', `Whether ${text} is an address of this network namespace could not be read.`)
  return { ...NOTHING, succeeds: true, error: null, joins: options.reuseport ? joined(place, wanted) : null }
}

const NOTHING = { refusedBy: null, joins: null, reason: null, unknownBecause: null } as const

function failed(error: NonNullable<PortBind['error']>, reason: string): Outcome {
  return { ...NOTHING, succeeds: false, error, reason }
}

function unknown(because: NonNullable<PortBind['unknownBecause']>, reason: string): Outcome {
  return { ...NOTHING, succeeds: null, error: null, reason, unknownBecause: because }
}

/** The group that a socket with SO_REUSEPORT would join: one with its address and its user. */
function joined({ sockets }: BindScope, wanted: Wanted): string | null {
  const like = sockets.find(
    ({ holder, family, address, v6only, uid, options, listens }) =>
      holder.group !== null &&
      (listens || holder.state === 'unconnected') &&
      family === wanted.family &&
      sameAddress({ family, address, v6only }, wanted) &&
      (!isWildcard(address) || v6only === wanted.v6only) &&
      uid === wanted.uid &&
      options?.reuseport === true &&
      !holder.address.includes('%'),
  )
  return like?.holder.group ?? null
}

/** Why the socket refuses, and what it has that stands in the way. */
function refusalReason(wanted: Wanted, { options, uid, listens, ended, holder }: PortSocket): string {
  const its = ended ? 'A connection in TIME_WAIT' : ownerOf({ holder })
  if (!wanted.reuseport && !wanted.reuseaddr) return `${its} has it, and the new socket sets no option to share it.`
  if (options === null) return `${its} has it.`
  if (wanted.reuseport && options.reuseport && uid !== wanted.uid)
    return `${its} sets SO_REUSEPORT too, but only sockets of one user share a port, and its user is ${holder.user ?? 'unknown'}.`
  if (wanted.reuseport) return `${its} does not set SO_REUSEPORT.`
  if (wanted.protocol === 'tcp' && options.reuseaddr && listens)
    return `${its} listens: SO_REUSEADDR shares no port with a listener.`
  return `${its} does not set SO_REUSEADDR.`
}

function ownerOf({ holder: { holders, state, user } }: Pick<PortSocket, 'holder'>): string {
  const [first] = holders ?? []
  if (first !== undefined) return `${first.command} (pid ${first.pid})`
  return user === null ? `A connection without a process (${state})` : `A socket of user ${user}`
}

/** fe80::/10: such an address needs an interface, so it is not asked about. */
function isLinkLocal(family: Family, address: Uint8Array): boolean {
  return family === 'ipv6' && address[0] === 0xfe && ((address[1] ?? 0) & 0xc0) === 0x80
}
