/** What uses a port, and whether another socket could bind it: listeners, bound sockets, connections, TIME_WAIT. */

import { readFileSync } from 'node:fs'
import type { PortDump } from '../../../native/index.ts'
import { layout } from '../../../native/layout.generated.ts'
import type { PortBind, PortHolder, PortRequest, PortUse } from '../../contract/analysis.ts'
import { pluralize } from '../../contract/format.ts'
import type { Family, Protocol } from '../../contract/model.ts'
import type { Collector } from '../collect/collector.ts'
import { isInodeKey } from '../collect/frame-fields.ts'
import { SINGLE_FRAME } from '../collect/frame-request.ts'
import type { FrameView } from '../collect/frame-view.ts'
import { readHost } from '../collect/host.ts'
import type { Sampler } from '../collect/sampler.ts'
import { findNamespace } from '../collect/selection.ts'
import { describeMissing, hintFor } from '../collect/sock-diag.ts'
import { addressText, endpointText } from '../common/addresses.ts'
import { refuses } from '../lab/port-conflicts.ts'
import { InvalidQuery } from './query.ts'

const MAX_HOLDERS = 1000
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
const NEW_SYN_RECV = 12
const { kOptionsFromSocket, kReusePort, kReuseAddr } = layout.numbers

/** A socket that has the port, as bind(2) checks it. */
export type Bound = {
  readonly netns: number
  readonly protocol: Protocol
  readonly uid: number
  readonly listens: boolean
  /** null if they cannot be read. */
  readonly options: { readonly reuseport: boolean; readonly reuseaddr: boolean } | null
}

/** `bound` is null for a connection in SYN_RECV: it does not hold the port itself. */
type FoundSocket = { holder: PortHolder; bound: Bound | null }

/** Answers the query. Throws InvalidQuery if the namespace is not accessible; rejects with the kernel's error. */
export async function portUse(
  { collector, sampler }: { collector: Collector; sampler: Sampler },
  question: PortRequest,
): Promise<PortUse> {
  const members = await membersWithOptions(collector, sampler, question.port)
  const namespaces = collector.namespaces.list()
  const requested = question.netns === undefined ? null : findNamespace(namespaces, question.netns)
  if (question.netns !== undefined && requested === null) {
    throw new InvalidQuery('NOT_FOUND', {
      operation: `network namespace "${question.netns}"`,
      cause: 'no accessible namespace has that name',
      hint: `Accessible: ${namespaces.map(({ name }) => name).join(', ')}.`,
    })
  }
  const inScope = requested === null ? namespaces.map(({ inode }) => inode) : [requested.inode]
  const limitations = question.protocol === 'udp' ? [] : await uncheckedTcp(collector)
  const connections: FoundSocket[] = []
  for (const netns of question.protocol === 'udp' ? [] : inScope) {
    for (const family of ['ipv4', 'ipv6'] as const) {
      connections.push(...(await connectionsOn(collector, netns, family, question.port)))
    }
  }
  const found = [...members, ...connections].filter(
    ({ holder }) =>
      inScope.includes(holder.netns) && (question.protocol === undefined || holder.protocol === question.protocol),
  )
  // If nothing uses the port, binds are evaluated for the requested namespace only.
  const places = [
    ...new Set([requested?.inode ?? collector.namespaces.self ?? 0, ...found.map(({ holder }) => holder.netns)]),
  ]
  const protocols = question.protocol === undefined ? (['tcp', 'udp'] as const) : [question.protocol]
  const uid = process.geteuid?.() ?? 0
  return {
    port: question.port,
    holders: found.slice(0, MAX_HOLDERS).map(({ holder }) => holder),
    omitted: Math.max(0, found.length - MAX_HOLDERS),
    binds: places.flatMap((netns) => {
      const allowed = mayBind(collector, netns, question.port)
      return protocols.flatMap((protocol) =>
        bindOutcomes(
          found.flatMap(({ bound }) => bound ?? []),
          { netns, protocol, uid, allowed, complete: protocol === 'udp' || limitations.length === 0 },
        ),
      )
    }),
    summary: summaryOf(
      question.port,
      found.map(({ holder }) => holder),
      limitations.length === 0,
      (netns) => {
        const { name, self } = namespaces.find(({ inode }) => inode === netns) ?? { name: String(netns), self: false }
        return self ? '' : ` in ${name}`
      },
    ),
    limitations,
  }
}

/** Which TCP sockets could have the port but are not listed, and why. */
async function uncheckedTcp(collector: Collector): Promise<string[]> {
  if (collector.isMissing('tcp')) {
    const why = `${describeMissing(collector.missing)}, and /proc/net does not list them`
    return [`TCP sockets that are bound but not listening are not checked: ${why}. ${hintFor(collector.missing)}`]
  }
  const sees = await collector.listsBoundTcp()
  if (sees === true) return []
  const why =
    sees === false
      ? 'this kernel does not list them (Linux 6.8 and later do)'
      : 'the kernel did not say whether it lists them'
  return [`TCP sockets that are bound but not listening are not checked: ${why}.`]
}

/**
 * Whether this user may bind the port at all (inet_port_requires_bind_service(), include/net/ip.h); null if unreadable.
 */
function mayBind({ reader }: Collector, netns: number, port: number): boolean | null {
  if (readHost().capabilities?.includes('cap_net_bind_service') === true) return true
  try {
    return port >= reader.within(netns, readUnprivilegedPortStart)
  } catch {
    return null
  }
}

/** Throws if it cannot be read. */
function readUnprivilegedPortStart(): number {
  return Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'))
}

export type BindPlace = {
  readonly netns: number
  readonly protocol: Protocol
  readonly uid: number
  /** Whether this user may bind the port if nothing else uses it; null if unknown. */
  readonly allowed: boolean | null
  /** Whether the given sockets are all that can have the port. */
  readonly complete: boolean
}

/** Whether a socket can bind the wildcard address next to these. Exported for its tests. */
export function bindOutcomes(
  all: readonly Bound[],
  { netns, protocol, uid, allowed, complete }: BindPlace,
): PortBind[] {
  const others = all.filter((bound) => bound.netns === netns && bound.protocol === protocol)
  const binding = (option: PortBind['option'], reuseaddr: boolean, reuseport: boolean): PortBind => {
    const wanted = { protocol, uid, reuseaddr, reuseport }
    const refused = others.map(({ options, ...other }) => {
      if (options !== null) return refuses(wanted, { ...other, ...options })
      // Without an option of its own it conflicts with every socket, whatever that one sets; and neither option helps
      // against a listener with the other one.
      if (!reuseaddr && !reuseport) return true
      return other.listens && (reuseaddr || other.uid !== uid) ? true : null
    })
    // The kernel checks permissions first (__inet_bind()).
    const error = allowed === false ? 'EACCES' : refused.includes(true) ? 'EADDRINUSE' : null
    if (error !== null) return { netns, protocol, option, succeeds: false, error, unknownBecause: null }
    const unknown = refused.includes(null) ? 'options' : !complete ? 'unchecked' : allowed === null ? 'privilege' : null
    return { netns, protocol, option, succeeds: unknown === null ? true : null, error, unknownBecause: unknown }
  }
  return [binding('none', false, false), binding('SO_REUSEADDR', true, false), binding('SO_REUSEPORT', false, true)]
}

/**
 * The members on the port. A frame has only options that decide how a group shares its port; the others are read now.
 */
async function membersWithOptions(collector: Collector, sampler: Sampler, port: number): Promise<FoundSocket[]> {
  const members = await sampler.read(SINGLE_FRAME, async ({ frame }) => {
    const found = membersOn(frame, port)
    if (found.every(({ bound }) => bound?.options !== null)) return found
    await collector.readAllOptions()
    return null
  })
  return members ?? sampler.read(SINGLE_FRAME, async ({ frame }) => membersOn(frame, port))
}

/** The members on the port, decoded before the first await. */
function membersOn(frame: FrameView, port: number): FoundSocket[] {
  const found: FoundSocket[] = []
  for (let row = 0; row < frame.groups.count; row++) {
    if (frame.port(row) !== port) continue
    const key = frame.key(row)
    const { netns, protocol, family, address, interface: bound, id } = key
    const first = frame.firstSocket(row)
    for (let socket = first; socket < first + frame.socketCount(row); socket++) {
      const member = frame.member(socket)
      const remote = frame.remoteOf(socket)
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
        },
        bound: {
          netns,
          protocol,
          uid: member.uid,
          listens: member.state === 'listening',
          options: frame.optionsOf(socket),
        },
      })
    }
  }
  return found
}

async function connectionsOn(
  collector: Collector,
  netns: number,
  family: Family,
  port: number,
): Promise<FoundSocket[]> {
  const dump = await collector.reader.dumpPort({
    netns,
    protocol: 'tcp',
    family: family === 'ipv6' ? 6 : 4,
    state: 'connections',
    port,
  })
  return [...dump.cookies.keys()].map((at) => connection(collector, netns, family, dump, at))
}

function connection(collector: Collector, netns: number, family: Family, dump: PortDump, at: number): FoundSocket {
  const pid = dump.pids[at] ?? 0
  const uid = dump.uids[at] ?? 0
  const options = dump.options[at] ?? 0
  const held = (dump.inodes[at] ?? 0) !== 0
  const command = collector.processTable.processes.get(pid)?.command
  const address = (bytes: Uint8Array) => addressText(bytes.subarray(16 * at, 16 * at + 16), family)
  return {
    holder: {
      netns,
      protocol: 'tcp',
      family,
      state: CONNECTION_STATES[dump.states[at] ?? 0] ?? 'unknown',
      address: address(dump.addresses),
      remote: { address: address(dump.remoteAddresses), port: dump.remotePorts[at] ?? 0 },
      cookie: cookieText(dump.cookies[at] ?? 0n),
      user: held ? (collector.users.name(uid) ?? String(uid)) : null,
      holders: pid === 0 || command === undefined ? null : [{ pid, command }],
      group: null,
    },
    bound:
      dump.states[at] === NEW_SYN_RECV
        ? null
        : {
            netns,
            protocol: 'tcp',
            uid,
            listens: false,
            options:
              (options & kOptionsFromSocket) === 0
                ? null
                : { reuseport: (options & kReusePort) !== 0, reuseaddr: (options & kReuseAddr) !== 0 },
          },
  }
}

/** null if the socket is known only from /proc/net. */
function cookieText(cookie: bigint): string | null {
  return cookie === 0n || isInodeKey(cookie) ? null : String(cookie)
}

/**
 * What uses the port, in one sentence. Connections are described, because no list of groups shows them. `complete`: the
 * holders are all there are. `where`: names the namespace if it is not the engine's own.
 */
function summaryOf(
  port: number,
  holders: readonly PortHolder[],
  complete: boolean,
  where: (netns: number) => string,
): string {
  const connections = holders.filter(({ group }) => group === null)
  const members = holders.length - connections.length
  if (holders.length === 0) return complete ? `Nothing uses port ${port}.` : `Nothing visible uses port ${port}.`
  const [first] = connections
  const sockets = `${pluralize(members, 'socket')} ${members === 1 ? 'uses' : 'use'} port ${port}`
  if (first === undefined) return `${sockets}.`
  const { remote, state } = first
  const owner = first.holders?.[0]
  const who = owner === undefined ? 'no visible process' : `${owner.command} (pid ${owner.pid})`
  const way =
    remote === null ? '' : `, ${endpointText(first.address, port)} to ${endpointText(remote.address, remote.port)}`
  const more = connections.length > 1 ? `; ${pluralize(connections.length - 1, 'more connection')}` : ''
  const connection = `a connection${where(first.netns)}`
  const lead =
    members === 0 ? `No listener uses port ${port}, but ${connection} does` : `${sockets}, and so does ${connection}`
  return `${lead}: ${state}, ${who}${way}${more}.`
}
