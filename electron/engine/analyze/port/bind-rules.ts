/**
 * Whether bind(2) would succeed beside the sockets that have the port, as the kernel decides it. TCP:
 * inet_csk_get_port() and inet_bind_conflict() (net/ipv4/inet_connection_sock.c); every socket with an overlapping
 * address is asked. UDP: udp_lib_get_port() and udp_lib_lport_inuse() (net/ipv4/udp.c); the first socket in the
 * kernel's list that does not share by SO_REUSEADDR decides alone. Held against Linux 6.18 (test/integration/port-binds.test.ts).
 */
import type { PortOptions } from '../../../contract/port.ts'
import { isWildcard } from '../../common/addresses.ts'
import { type BindRequest, overlaps, sameAddress } from '../../lab/port-conflicts.ts'

/** A socket that is about to be bound, to no interface. */
export type Wanted = Pick<BindRequest, 'protocol' | 'family' | 'address' | 'v6only' | 'reuseport' | 'reuseaddr'> & {
  /** null: a user that has no socket on the port. */
  readonly uid: number | null
}

/** A socket that has the port. */
export type Bound = Pick<BindRequest, 'family' | 'address' | 'v6only'> & {
  /** null: its user does not matter, because it is in TIME_WAIT. */
  readonly uid: number | null
  readonly listens: boolean
  /** A connection that was accepted here: it has the port from its listener and was never bound itself. */
  readonly accepted: boolean
  /** null if they cannot be read. */
  readonly options: PortOptions | null
}

/** `by`: the socket that refuses; or, if it is unknown whether one does, the one that decides. */
export type BindVerdict<B> =
  | { readonly succeeds: true }
  | { readonly succeeds: false; readonly by: B }
  | { readonly succeeds: null; readonly because: 'options' | 'order'; readonly by: B }

/** `others`: all sockets of the protocol and the namespace on the port; for UDP in the kernel's order of each family. */
export function bindVerdict<B extends Bound>(wanted: Wanted, others: readonly B[], crowded: boolean): BindVerdict<B> {
  const met = others.filter((other) => overlaps(wanted, other))
  return wanted.protocol === 'tcp' ? tcpVerdict(wanted, met) : udpVerdict(wanted, met, crowded)
}

// ── TCP ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

function tcpVerdict<B extends Bound>(wanted: Wanted, met: readonly B[]): BindVerdict<B> {
  const answers = met.map((other) => ({ other, refuses: tcpRefuses(wanted, other) }))
  const certain = answers.filter(({ refuses }) => refuses === true)
  const refusing = (certain.find(({ other }) => other.listens) ?? certain[0])?.other
  const doubtful = answers.find(({ refuses }) => refuses === null)?.other
  if (refusing === undefined) {
    return doubtful === undefined ? { succeeds: true } : { succeeds: null, because: 'options', by: doubtful }
  }
  switch (joinsWithoutCheck(wanted, met)) {
    case true:
      return { succeeds: true }
    case null:
      return { succeeds: null, because: 'order', by: refusing }
    case false:
      return { succeeds: false, by: refusing }
  }
}

/** null: that depends on options that cannot be read. */
function tcpRefuses(wanted: Wanted, other: Bound): boolean | null {
  const { options } = other
  const sameUser = other.uid === null || other.uid === wanted.uid
  if (options === null) {
    const mayHelp = (wanted.reuseport && sameUser) || (wanted.reuseaddr && !other.listens)
    return mayHelp ? null : true
  }
  if (wanted.reuseaddr && options.reuseaddr && !other.listens) return false
  return !(wanted.reuseport && options.reuseport && sameUser)
}

/**
 * Whether the kernel skips the check (sk_reuseport_match(), net/ipv4/inet_connection_sock.c). It remembers the socket
 * with SO_REUSEPORT that was bound last, and lets another one of the same user to the same address pass. A server whose
 * workers run as another user depends on that: their connections would refuse its next listener. null: it may.
 */
function joinsWithoutCheck(wanted: Wanted, met: readonly Bound[]): boolean | null {
  if (!wanted.reuseport) return false
  const binders = met.filter(({ accepted, uid }) => !accepted && uid !== null)
  const mayBeLike = ({ options, uid }: Bound) => options?.reuseport !== false && uid === wanted.uid
  if (!binders.some((other) => mayBeLike(other) && covers(other, wanted))) return false
  return binders.every((other) => mayBeLike(other) && other.options !== null) ? true : null
}

/** Whether the address of the remembered socket includes the wanted one. */
function covers(other: Bound, wanted: Wanted): boolean {
  return isWildcard(other.address) || sameAddress(other, wanted)
}

// ── UDP ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

type Outcome<B> = { readonly by: B | null; readonly refused: boolean; readonly certain: boolean }

function udpVerdict<B extends Bound>(wanted: Wanted, met: readonly B[], crowded: boolean): BindVerdict<B> {
  const orders = listOrders(met)
  // Where many sockets are in one slot of the table, the kernel looks only at those with the same address, or none.
  if (crowded) {
    const near = met.filter((other) => isWildcard(other.address) || sameAddress(other, wanted))
    orders.push(...listOrders(near))
  }
  const outcomes = orders.flatMap((order) => udpOutcomes(wanted, order))
  const refused = outcomes.find((outcome) => outcome.refused)
  if (refused?.by === undefined || refused.by === null) return { succeeds: true }
  if (outcomes.every((outcome) => outcome.refused)) return { succeeds: false, by: refused.by }
  const known = outcomes.every(({ certain }) => certain)
  return { succeeds: null, because: known ? 'order' : 'options', by: refused.by }
}

/**
 * The orders in which the kernel's list may have the sockets. New ones go to its front, except IPv6 ones with
 * SO_REUSEPORT, which go to its end (sk_add_node_rcu(), include/net/sock.h). Each family is dumped in order, but how
 * the front ones of both are mixed is unknown: the first that decides is that of one family or that of the other.
 */
function listOrders<B extends Bound>(met: readonly B[]): B[][] {
  const four = met.filter(({ family }) => family === 'ipv4')
  const six = met.filter(({ family }) => family === 'ipv6')
  const isBehind = ({ options }: Bound) => options?.reuseport === true
  const front = six.filter((other) => !isBehind(other))
  const end = six.filter(isBehind)
  return [
    [...four, ...front, ...end],
    [...front, ...four, ...end],
  ]
}

/** All outcomes that are possible with this order: more than one where options cannot be read. */
function udpOutcomes<B extends Bound>(wanted: Wanted, order: readonly B[]): Outcome<B>[] {
  const outcomes: Outcome<B>[] = []
  let certain = true
  for (const other of order) {
    const { options } = other
    const sameUser = other.uid === wanted.uid
    if (options === null) {
      if (wanted.reuseport && sameUser) outcomes.push({ by: other, refused: false, certain: false })
      const maySkip = wanted.reuseaddr
      outcomes.push({ by: other, refused: true, certain: certain && !maySkip && outcomes.length === 0 })
      if (!maySkip) return outcomes
      certain = false
      continue
    }
    if (wanted.reuseaddr && options.reuseaddr) continue
    const joins = wanted.reuseport && options.reuseport && sameUser
    return [...outcomes, { by: other, refused: !joins, certain }]
  }
  return [...outcomes, { by: null, refused: false, certain }]
}
