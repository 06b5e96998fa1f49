/**
 * Checks a request before a lab starts: refuses what the kernel would refuse later, and says what to change. What slips
 * through (someone takes the port in between) the kernel refuses, and lab-error-texts.ts has the texts.
 */
import { isIP } from 'node:net'
import { displayNumber, endpointText, formatCount, pluralize } from '../../contract/format.ts'
import type { ListenRequest, TrafficRequest } from '../../contract/lab.ts'
import { MAX_PROCESSES } from '../../contract/lab.ts'
import type { Family } from '../../contract/model.ts'
import type { Account } from '../collect/users.ts'
import { addressBytes, isWildcard } from '../common/addresses.ts'
import { LabError } from './lab-error.ts'
import type { Machine } from './machine.ts'
import type { BindRequest, PortConflict } from './port-conflicts.ts'

/** Descriptors of a worker in each accept model (native/lab/lab.cc): its socket and what it waits with. */
const DESCRIPTORS_PER_WORKER = { reuseport: 2, shared: 1, dispatcher: 3 } as const
/** Of every process besides: the standard ones, the connection to the supervisor, connections in transit. */
const DESCRIPTORS_BESIDE = 64

/** Workers that one process can have. */
export function workersPerProcess(machine: Pick<Machine, 'descriptors'>, taking: ListenRequest['acceptModel']): number {
  return Math.max(0, Math.floor((machine.descriptors() - DESCRIPTORS_BESIDE) / DESCRIPTORS_PER_WORKER[taking]))
}

type Field = keyof ListenRequest | keyof TrafficRequest
const wrong = (field: Field, operation: string, cause: string, hint: string) =>
  new LabError('UNPROCESSABLE_CONTENT', operation, cause, hint, field)
const forbidden = (field: Field, operation: string, cause: string, hint: string) =>
  new LabError('FORBIDDEN', operation, cause, hint, field)

/** Refuses options that exclude each other. Throws LabError. */
export function validateRequest(request: ListenRequest): void {
  const {
    protocol,
    acceptModel: taking,
    listeners,
    processes,
    reuseport,
    reuseaddr,
    steering,
    steerTo,
    reply: answer,
  } = request
  const operation = `opening ${pluralize(listeners, 'test listener')} over ${protocol}`
  if (processes > listeners) {
    throw wrong(
      'processes',
      operation,
      `${processes} processes are too many for them`,
      `Use at most ${pluralize(listeners, 'process', 'processes')}.`,
    )
  }
  if (taking === 'dispatcher' && protocol === 'udp') {
    throw wrong(
      'acceptModel',
      operation,
      'a dispatcher hands off connections, and UDP has none',
      'Use `shared` or `reuseport`, or TCP.',
    )
  }
  if (answer === 'dns' && protocol === 'tcp') {
    throw wrong('reply', operation, 'DNS replies are supported over UDP only', 'Use UDP, or reply with `echo`.')
  }
  if (taking === 'reuseport' && listeners > 1 && !reuseport && (protocol === 'tcp' || !reuseaddr)) {
    const hint =
      protocol === 'tcp'
        ? 'Set SO_REUSEPORT, or use one listener.'
        : 'Set SO_REUSEPORT or SO_REUSEADDR, or use one listener.'
    throw wrong('reuseport', operation, 'without SO_REUSEPORT the second cannot bind to the port of the first', hint)
  }
  if (steering !== 'hash' && (taking !== 'reuseport' || !reuseport)) {
    throw wrong(
      'steering',
      operation,
      `steering by ${steering} selects among the sockets of a reuseport group`,
      'Use `reuseport`, or steer by hash.',
    )
  }
  if (steering === 'member' && steerTo >= listeners) {
    throw wrong(
      'steerTo',
      operation,
      `there is no member ${displayNumber(steerTo)}`,
      `Members are numbered from 1 to ${listeners}.`,
    )
  }
}

/** The address of the listeners, in bytes. Throws LabError where it is no address, or not one of this machine. */
export function checkAddress(request: Pick<ListenRequest, 'address'>, machine: Pick<Machine, 'addresses'>): Place {
  const { address } = request
  const operation = `opening test listeners on ${address}`
  const [bare = '', zone] = address.split('%')
  const family: Family | null = isIP(bare) === 4 ? 'ipv4' : isIP(bare) === 6 ? 'ipv6' : null
  const bytes = family === null ? null : addressBytes(bare, family)
  if (family === null || bytes === null || (zone !== undefined && family === 'ipv4')) {
    throw wrong('address', operation, 'this is not an IP address', 'Give a numeric one, such as 127.0.0.1 or ::1.')
  }
  const ours = machine.addresses()
  // All of 127.0.0.0/8 belongs to this machine, but only one address of it is on the interface.
  const local = isWildcard(bytes) || (family === 'ipv4' && bytes[0] === 127) || isLocalAddress(bytes, family, ours)
  if (!local) {
    const always = ['127.0.0.1', '::1', '0.0.0.0', '::']
    const others = ours.filter((address) => !always.includes(address)).slice(0, 8)
    const all = [...always, ...others]
    const last = all.pop()
    throw wrong('address', operation, 'this is not an address of this machine', `Use ${all.join(', ')} or ${last}.`)
  }
  return { family, address: bytes }
}
export type Place = Pick<BindRequest, 'family' | 'address'>

function isLocalAddress(bytes: Uint8Array, family: Family, ours: readonly string[]): boolean {
  const bare = ours.map((address) => address.split('%')[0] ?? '')
  const mapped =
    family === 'ipv6' && bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255
  if (mapped) {
    const [a, b, c, d] = bytes.subarray(12)
    return a === 127 || bare.includes(`${a}.${b}.${c}.${d}`)
  }
  return bare.some((address) => addressBytes(address, family)?.every((byte, at) => byte === bytes[at]) === true)
}

/** Who the workers run as; null: as the caller. Throws LabError for an unknown user, or another user without root. */
export function checkUser(user: string | null, machine: Pick<Machine, 'account' | 'uid' | 'root'>): Account | null {
  if (user === null) return null
  const operation = `opening listeners as user ${user}`
  const account = machine.account(user)
  if (account === null) {
    throw wrong('user', operation, 'this machine has no such user', 'Give a login name from /etc/passwd, or a uid.')
  }
  if (account.uid === machine.uid) return null
  if (!machine.root)
    throw forbidden(
      'user',
      operation,
      'only root can run processes as another user',
      'Leave the user out, or run the inspector as root.',
    )
  return account
}

/** Refuses what this user has no permission for, or this machine no room for. Throws LabError. */
export function checkAllowed(
  request: Pick<ListenRequest, 'port' | 'interface' | 'listeners' | 'processes' | 'acceptModel'>,
  account: Account | null,
  machine: Pick<Machine, 'has' | 'unprivilegedPortStart' | 'interfaces' | 'descriptors'>,
): void {
  const { port, interface: device, listeners, processes, acceptModel: taking } = request
  const start = machine.unprivilegedPortStart()
  // A shared listener is bound before its workers change their user.
  const bindsAs = taking === 'reuseport' ? account : null
  const mayBindAny = machine.has('cap_net_bind_service') && (bindsAs === null || bindsAs.uid === 0)
  if (port > 0 && port < start && !mayBindAny) {
    const whom =
      bindsAs === null ? 'root (or CAP_NET_BIND_SERVICE)' : `root, but the listeners run as uid ${bindsAs.uid}`
    throw forbidden(
      'port',
      `binding port ${port}`,
      `ports below ${start} are privileged: they require ${whom}`,
      `Use a port from ${start} on, or 0 for a free one.`,
    )
  }
  if (device !== null) {
    const known = machine.interfaces()
    if (!known.includes(device)) {
      throw wrong(
        'interface',
        `opening listeners on interface ${device}`,
        'there is no such interface',
        `Use one of ${known.join(', ')}.`,
      )
    }
  }
  // A dispatcher's process holds the connections to all workers.
  const sharing = taking === 'dispatcher' ? 1 : processes
  const most = workersPerProcess(machine, taking)
  const each = Math.ceil(listeners / sharing)
  if (each > most) {
    const needed = Math.ceil(listeners / Math.max(1, most))
    const spread =
      taking !== 'dispatcher' && most > 0 && needed <= MAX_PROCESSES ? `, or spread them over ${needed} processes` : ''
    throw wrong(
      'listeners',
      `opening ${pluralize(listeners, 'test listener')} in ${pluralize(processes, 'process', 'processes')}`,
      `${formatCount(each)} listeners per process need ${formatCount(each * DESCRIPTORS_PER_WORKER[taking] + DESCRIPTORS_BESIDE)} descriptors, and the limit is ${formatCount(machine.descriptors())}`,
      `Use at most ${formatCount(most * sharing)}${spread}, or raise the limit (ulimit -n).`,
    )
  }
}

/**
 * Refuses a port that cannot be shared with the sockets that have it, or whose sharing was not requested. `found`: all
 * those sockets; null where they could not be read. Throws LabError.
 */
export function checkPort(
  request: Pick<ListenRequest, 'protocol' | 'address' | 'port' | 'reuseport' | 'join'>,
  found: readonly PortConflict[] | null,
): void {
  const operation = `binding ${request.protocol} ${endpointText(request.address, request.port)}`
  if (found === null) {
    if (request.join) return
    throw new LabError(
      'SERVICE_UNAVAILABLE',
      operation,
      'the sockets of this network namespace could not be read, so others may have this port and would lose clients',
      'Use 0 for a free port, or share it with `join` (`--join`).',
      'port',
    )
  }
  if (found.some(({ refuses }) => refuses === true)) throw portInUse(request, found)
  if (request.join || found.length === 0) return
  throw wrong(
    'port',
    operation,
    `clients of ${describeConflicts(found)} would reach the test listeners instead`,
    'Use another port, 0 for a free one, or share it with `join` (`--join`).',
  )
}

function describeConflicts(found: readonly PortConflict[]): string {
  const who = [...new Set(found.map(({ description: words }) => words))]
  return who.slice(0, 3).join('; ') + (who.length > 3 ? `; and ${who.length - 3} more` : '')
}

/** "the port is in use by nginx (pid 812, user root)", with a hint. */
export function portInUse(
  { protocol, address, port, reuseport }: Pick<ListenRequest, 'protocol' | 'address' | 'port' | 'reuseport'>,
  found: readonly PortConflict[],
): LabError {
  const cause = found.length === 0 ? 'the port is in use' : `the port is in use by ${describeConflicts(found)}`
  const why = !reuseport
    ? 'or set SO_REUSEPORT on both sides'
    : found.some((conflict) => conflict.reuseport === true)
      ? 'or run as the same user: SO_REUSEPORT does not share with other users'
      : 'or end it: it was bound without SO_REUSEPORT, so no other socket can join it'
  return wrong(
    'port',
    `binding ${protocol} ${endpointText(address, port)}`,
    cause,
    `Use another port, 0 for a free one, ${why}.`,
  )
}

/** Refuses an exchange that the listeners do not support. Throws LabError. */
export function checkTraffic(request: TrafficRequest, listening: Pick<ListenRequest, 'protocol' | 'reply'>): void {
  const { exchange } = request
  const operation = `sending traffic with exchange ${exchange}`
  const allowed = listening.protocol === 'tcp' ? ['echo', 'hold', 'close'] : ['echo', 'send', 'dns']
  if (!allowed.includes(exchange)) {
    throw wrong(
      'exchange',
      operation,
      `lab ${request.id} listens on ${listening.protocol.toUpperCase()}`,
      `Use ${allowed.join(', ')}.`,
    )
  }
  if (listening.reply === 'dns' && exchange === 'echo') {
    throw wrong('exchange', operation, `lab ${request.id} replies with DNS`, 'Use dns or send.')
  }
  if (exchange === 'dns' && listening.reply !== 'dns') {
    throw wrong(
      'exchange',
      operation,
      `lab ${request.id} echoes what it receives`,
      'Open one that replies with DNS, or use echo.',
    )
  }
}
