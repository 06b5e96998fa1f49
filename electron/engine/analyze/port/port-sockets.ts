/** The sockets that have a port: members of groups, and TCP connections, which are in no group. */
import type { PortDump } from '../../../../native/index.ts'
import { layout } from '../../../../native/layout.generated.ts'
import type { Family, Protocol } from '../../../contract/model.ts'
import type { PortHolder, PortOptions, PortRequest } from '../../../contract/port.ts'
import type { Collector } from '../../collect/collector.ts'
import { isInodeKey } from '../../collect/frame-fields.ts'
import { SINGLE_FRAME } from '../../collect/frame-request.ts'
import type { FrameView } from '../../collect/frame-view.ts'
import type { Sampler } from '../../collect/sampler.ts'
import { addressText } from '../../common/addresses.ts'
import { overlaps } from '../../lab/port-conflicts.ts'
import type { Bound } from './bind-rules.ts'

/** Names of `ss`, by the kernel's numbers (include/net/tcp_states.h). */
const CONNECTION_STATES: Readonly<Record<number, string>> = {
  1: 'established',
  2: 'syn-sent',
  3: 'syn-recv',
  4: 'fin-wait-1',
  5: 'fin-wait-2',
  6: 'time-wait',
  8: 'close-wait',
  9: 'last-ack',
  11: 'closing',
  12: 'syn-recv',
}
const FIN_WAIT_2 = 5
const TIME_WAIT = 6
const NEW_SYN_RECV = 12
const { kOptionsFromSocket, kReusePort, kReuseAddr } = layout.numbers

/** A socket on the port, with its address as the bind rules compare it. */
export type PortSocket = Bound & {
  readonly holder: PortHolder
  /** False for a connection in SYN_RECV, and for one that only /proc/net/tcp lists: it does not hold the port itself. */
  readonly binds: boolean
  /** In TIME_WAIT, or closed by its process: no process has its options. */
  readonly ended: boolean
}

/** The namespaces in whose sockets the port is looked for, by inode. */
export async function portSockets(
  { collector, sampler }: { collector: Collector; sampler: Sampler },
  { port, protocol }: Pick<PortRequest, 'port' | 'protocol'>,
  namespaces: () => readonly number[],
): Promise<PortSocket[]> {
  const members = await membersWithOptions(collector, sampler, port)
  const inScope = namespaces()
  const connections: PortSocket[] = []
  for (const netns of protocol === 'udp' ? [] : inScope) {
    for (const family of ['ipv4', 'ipv6'] as const) {
      connections.push(...(await connectionsOn(collector, netns, family, port)))
    }
  }
  const found = [...members, ...connections.map((connection) => accepted(connection, members))].filter(
    ({ holder }) => inScope.includes(holder.netns) && (protocol === undefined || holder.protocol === protocol),
  )
  return protocol === 'tcp' ? found : inKernelOrder(collector, found, port)
}

/**
 * A connection at the address of a listener was accepted by it, or by one before it, and has its options. Only those
 * that no process holds need that: the options of the others are read.
 */
function accepted(connection: PortSocket, members: readonly PortSocket[]): PortSocket {
  const listeners = members.filter(
    (member) => member.listens && member.holder.netns === connection.holder.netns && overlaps(member, connection),
  )
  const [first, ...others] = listeners
  if (first === undefined) return connection
  const agree = others.every(
    ({ options }) => options?.reuseport === first.options?.reuseport && options?.reuseaddr === first.options?.reuseaddr,
  )
  return { ...connection, accepted: true, options: connection.options ?? (agree ? first.options : null) }
}

/** UDP sockets in the order of the kernel's list, which decides about binds; the others stay before them. */
async function inKernelOrder(collector: Collector, found: readonly PortSocket[], port: number): Promise<PortSocket[]> {
  const udp = found.filter(({ holder }) => holder.protocol === 'udp')
  const places = new Map<string, number>()
  for (const netns of new Set(udp.map(({ holder }) => holder.netns))) {
    for (const family of [4, 6] as const) {
      const request = { netns, protocol: 'udp', state: 'receiving', port, family } as const
      const { cookies } = await collector.reader.dumpPort(request)
      for (const [place, cookie] of cookies.entries()) places.set(String(cookie), place)
    }
  }
  const placeOf = ({ holder }: PortSocket) => places.get(holder.cookie ?? '') ?? Number.MAX_SAFE_INTEGER
  const ordered = udp.sort((a, b) => placeOf(a) - placeOf(b))
  return [...found.filter(({ holder }) => holder.protocol === 'tcp'), ...ordered]
}

/**
 * The members on the port. A frame has only options that decide how a group shares its port; the others are read now.
 */
async function membersWithOptions(collector: Collector, sampler: Sampler, port: number): Promise<PortSocket[]> {
  const members = await sampler.read(SINGLE_FRAME, async ({ frame }) => {
    const found = membersOn(frame, port)
    if (found.every(({ holder }) => holder.options !== null)) return found
    await collector.readAllOptions()
    return null
  })
  return members ?? sampler.read(SINGLE_FRAME, async ({ frame }) => membersOn(frame, port))
}

/** The members on the port, decoded before the first await. */
function membersOn(frame: FrameView, port: number): PortSocket[] {
  const found: PortSocket[] = []
  for (let row = 0; row < frame.groups.count; row++) {
    if (frame.port(row) !== port) continue
    const { netns, protocol, family, address, interface: bound, id, sharing, v6only } = frame.key(row)
    const localAddress = frame.destination(row).localAddress.slice()
    const first = frame.firstSocket(row)
    for (let socket = first; socket < first + frame.socketCount(row); socket++) {
      const member = frame.member(socket)
      const remote = frame.remoteOf(socket)
      const listens = member.state === 'listening'
      const options = frame.optionsOf(socket)
      found.push({
        holder: {
          netns,
          protocol,
          family,
          state: member.state,
          address: bound === null ? address : `${address}%${bound}`,
          remote: remote === null ? null : { address: addressText(remote.address, family), port: remote.port },
          cookie: member.cookie,
          user: member.user ?? String(member.uid),
          holders: member.holders?.map(({ pid, command }) => ({ pid, command })) ?? null,
          group: id,
          options,
        },
        family,
        address: localAddress,
        v6only: v6only === true,
        uid: member.uid,
        listens,
        accepted: false,
        binds: true,
        ended: false,
        // Beside a listener SO_REUSEADDR does not matter, so what its group shows is all that is needed.
        options: options ?? (listens && sharing === 'reuseport' ? { reuseport: true, reuseaddr: false } : null),
      })
    }
  }
  return found
}

async function connectionsOn(collector: Collector, netns: number, family: Family, port: number): Promise<PortSocket[]> {
  const dump = await collector.reader.dumpPort({
    netns,
    protocol: 'tcp',
    family: family === 'ipv6' ? 6 : 4,
    state: 'connections',
    port,
  })
  return [...dump.cookies.keys()].map((at) => connection(collector, { netns, protocol: 'tcp', family, dump, at }))
}

function connection(
  collector: Collector,
  {
    netns,
    protocol,
    family,
    dump,
    at,
  }: { netns: number; protocol: Protocol; family: Family; dump: PortDump; at: number },
): PortSocket {
  const pid = dump.pids[at] ?? 0
  const uid = dump.uids[at] ?? 0
  const state = dump.states[at] ?? 0
  const options = optionsFrom(dump.options[at] ?? 0)
  const held = (dump.inodes[at] ?? 0) !== 0
  const command = collector.processTable.processes.get(pid)?.command
  const bytes = (all: Uint8Array) => all.slice(16 * at, 16 * at + 16)
  const ended = state === TIME_WAIT || (!held && state === FIN_WAIT_2)
  return {
    holder: {
      netns,
      protocol,
      family,
      state: CONNECTION_STATES[state] ?? 'unknown',
      address: addressText(bytes(dump.addresses), family),
      remote: { address: addressText(bytes(dump.remoteAddresses), family), port: dump.remotePorts[at] ?? 0 },
      cookie: cookieText(dump.cookies[at] ?? 0n),
      user: held ? (collector.users.name(uid) ?? String(uid)) : null,
      holders: pid === 0 || command === undefined ? null : [{ pid, command }],
      group: null,
      options,
    },
    family,
    address: bytes(dump.addresses),
    // Only the wildcard address accepts both families, and no connection has that.
    v6only: true,
    uid: ended ? null : uid,
    listens: false,
    accepted: false,
    binds: state !== NEW_SYN_RECV,
    ended,
    options,
  }
}

function optionsFrom(bits: number): PortOptions | null {
  if ((bits & kOptionsFromSocket) === 0) return null
  return { reuseport: (bits & kReusePort) !== 0, reuseaddr: (bits & kReuseAddr) !== 0 }
}

/** null if the socket is known only from /proc/net. */
function cookieText(cookie: bigint): string | null {
  return cookie === 0n || isInodeKey(cookie) ? null : String(cookie)
}
