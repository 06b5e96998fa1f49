/** Everything about one port: who has it, what a client reaches on it, and whether another socket could bind it. */
import { endpointText, pluralize } from '../../../contract/format.ts'
import type { GroupRow } from '../../../contract/live.ts'
import type { Family, Protocol } from '../../../contract/model.ts'
import type { PortHolder, PortRequest, PortUse } from '../../../contract/port.ts'
import type { Collector } from '../../collect/collector.ts'
import type { FrameView } from '../../collect/frame-view.ts'
import { readHost } from '../../collect/host.ts'
import type { Sampler } from '../../collect/sampler.ts'
import { findNamespace } from '../../collect/selection.ts'
import { describeMissing, hintFor } from '../../collect/sock-diag.ts'
import { addressText, isMulticast, isWildcard } from '../../common/addresses.ts'
import type { FindingsLog } from '../findings/findings-log.ts'
import { parseAddress } from '../lookup.ts'
import { InvalidQuery } from '../query.ts'
import { recentFrame } from '../recent-frame.ts'
import { hasIpv6, queryRoute } from '../routes.ts'
import { type BindAddress, bindAddresses, bindOutcomes, bindUsers } from './port-binds.ts'
import { portInFront } from './port-in-front.ts'
import { bindsAnywhere, portRange } from './port-ranges.ts'
import { portReaches } from './port-reach.ts'
import { type PortSocket, portSockets } from './port-sockets.ts'

const MAX_HOLDERS = 1000
/** Sockets in one slot of the UDP table from which on the kernel compares only some of them (udp_lib_get_port()). */
const CROWDED_SLOT = 10
/** The table has at least that many slots, one for each remainder of the port (UDP_HTABLE_SIZE_MIN). */
const UDP_SLOTS = 256

type Parts = {
  readonly collector: Collector
  readonly sampler: Sampler
  readonly findings: { readonly log: FindingsLog }
}

/**
 * Answers the query. Throws InvalidQuery if the namespace is not accessible or the address is none; rejects with the
 * kernel's error.
 */
export async function portUse(parts: Parts, question: PortRequest): Promise<PortUse> {
  const { collector } = parts
  const { port } = question
  const only = question.address === undefined ? null : addressOf(question.address)
  const sockets = await portSockets(parts, question, () => scopeOf(collector, question))
  const frame = await recentFrame(collector, parts.sampler)
  const groups = groupsOn(collector, frame, question)
  const crowded = isCrowded(frame, port)
  const ids = new Set(groups.map(({ id }) => id))
  const limitations = question.protocol === 'udp' ? [] : await uncheckedTcp(collector)
  const self = collector.namespaces.self ?? 0
  const own = question.netns === undefined ? self : (scopeOf(collector, question)[0] ?? self)
  // If nothing uses the port, binds are evaluated for the requested namespace only.
  const places = [...new Set([own, ...sockets.map(({ holder }) => holder.netns)])]
  const protocols = question.protocol === undefined ? (['tcp', 'udp'] as const) : [question.protocol]
  const reaches = (
    await Promise.all(
      places.flatMap((netns) =>
        protocols.map((protocol) => portReaches(collector, collector.frame ?? frame, { netns, protocol, port }, only)),
      ),
    )
  ).flat()
  const inFront = await Promise.all(
    places.flatMap((netns) => protocols.map((protocol) => portInFront(collector, { netns, protocol, port }, only))),
  )
  const ranges = places.map((netns) => portRange(collector.reader, netns, port))
  const binds = await Promise.all(
    ranges.flatMap((range) =>
      protocols.map((protocol) =>
        bindsIn(
          collector,
          { range, protocol, only, complete: protocol === 'udp' || limitations.length === 0, crowded },
          sockets,
        ),
      ),
    ),
  )
  const holders = sockets.map(({ holder }) => holder)
  const namespaces = collector.namespaces.list()
  return {
    port,
    holders: holders.slice(0, MAX_HOLDERS),
    omitted: Math.max(0, holders.length - MAX_HOLDERS),
    states: statesOf(holders),
    groups,
    inFront: inFront.flat(),
    reaches,
    binds: binds.flat(),
    ranges,
    findings: [...parts.findings.log.raised.values()].map(({ row }) => row).filter(({ group }) => ids.has(group)),
    summary: summaryOf(port, holders, limitations.length === 0, (netns) => {
      const known = namespaces.find(({ inode }) => inode === netns)
      return known?.self === true ? '' : ` in ${known?.name ?? netns}`
    }),
    limitations: [...limitations, ...assumptions(sockets)],
  }
}

/** The namespaces in question. Throws InvalidQuery if the requested one is not accessible. */
function scopeOf(collector: Collector, { netns }: PortRequest): number[] {
  const namespaces = collector.namespaces.list()
  if (netns === undefined) return namespaces.map(({ inode }) => inode)
  const found = findNamespace(namespaces, netns)
  if (found !== null) return [found.inode]
  throw new InvalidQuery('NOT_FOUND', {
    operation: `network namespace "${netns}"`,
    cause: 'no accessible namespace has that name',
    hint: `Accessible: ${namespaces.map(({ name }) => name).join(', ')}.`,
  })
}

/** Throws InvalidQuery for what is no address. `::ffff:a.b.c.d` is a.b.c.d. */
function addressOf(text: string): { family: Family; bytes: Uint8Array } {
  const parsed = parseAddress(text)
  if (parsed !== null) return parsed
  throw new InvalidQuery('UNPROCESSABLE_CONTENT', {
    operation: `the address "${text}"`,
    cause: 'it is not an IPv4 or IPv6 address',
    hint: 'Use one such as 127.0.0.1 or 2001:db8::1, without a zone.',
  })
}

/** The groups on the port, decoded from the frame. */
function groupsOn(collector: Collector, frame: FrameView, question: PortRequest): GroupRow[] {
  const scope = scopeOf(collector, question)
  const rows: GroupRow[] = []
  for (let row = 0; row < frame.groups.count; row++) {
    if (frame.port(row) !== question.port || !scope.includes(frame.netns(row))) continue
    if (question.protocol !== undefined && frame.protocol(row) !== question.protocol) continue
    rows.push(frame.groupRow(row, collector.ownerSummary(frame, row, frame.id(row))))
  }
  return rows
}

function isCrowded(frame: FrameView, port: number): boolean {
  let sockets = 0
  for (let row = 0; row < frame.groups.count; row++) {
    if (frame.protocol(row) === 'udp' && frame.port(row) % UDP_SLOTS === port % UDP_SLOTS)
      sockets += frame.socketCount(row)
  }
  return sockets > CROWDED_SLOT
}

async function bindsIn(
  collector: Collector,
  about: {
    readonly range: PortUse['ranges'][number]
    readonly protocol: Protocol
    readonly only: { readonly family: Family; readonly bytes: Uint8Array } | null
    readonly complete: boolean
    readonly crowded: boolean
  },
  all: readonly PortSocket[],
) {
  const { range, protocol, only } = about
  const { netns } = range
  const sockets = all.filter(({ holder }) => holder.netns === netns && holder.protocol === protocol)
  const ipv6 = await hasIpv6(collector.reader, netns)
  const addresses = bindAddresses(
    sockets,
    only && { family: only.family, address: only.bytes, v6only: only.family === 'ipv6' && !isWildcard(only.bytes) },
    ipv6,
  )
  const here = new Map<BindAddress, boolean | null>()
  for (const address of addresses) here.set(address, await isHere(collector, netns, address))
  const own = {
    uid: process.geteuid?.() ?? 0,
    privileged: readHost().capabilities?.includes('cap_net_bind_service') ?? null,
  }
  return bindOutcomes({
    netns,
    protocol,
    range,
    users: bindUsers(sockets, own, (uid) => collector.users.name(uid)),
    addresses,
    ipv6,
    isHere: (address) => here.get(address) ?? null,
    sockets,
    complete: about.complete,
    crowded: about.crowded,
  })
}

/**
 * Whether a socket can be bound to the address (inet_addr_valid_or_nonlocal(), ipv6_chk_addr()): over IPv6 an interface
 * must have it, over IPv4 a local route is enough.
 */
async function isHere(collector: Collector, netns: number, { family, address }: BindAddress): Promise<boolean | null> {
  if (isWildcard(address) || isMulticast(family, address)) return true
  if (family === 'ipv6') {
    await collector.interfaces.update([netns])
    const text = addressText(address, family)
    if (collector.interfaces.list(netns).some(({ addresses }) => addresses.includes(text))) return true
  } else {
    const { kind } = await queryRoute(collector.reader, { netns, family, to: address })
    if (kind === 'local' || kind === 'everyone') return true
    if (kind === 'unknown') return null
  }
  return bindsAnywhere(collector.reader, netns, family)
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

/** What the kernel does not list of ended connections, and is taken from the listener at their address. */
function assumptions(sockets: readonly PortSocket[]): string[] {
  const ended = sockets.filter(
    ({ ended, accepted, options, holder }) => ended && accepted && options !== null && holder.options === null,
  )
  if (ended.length === 0) return []
  const whose = ended.length === 1 ? 'its' : 'their'
  return [
    `${pluralize(ended.length, 'connection')} in TIME_WAIT: ${whose} options are taken to be those of the listener there.`,
  ]
}

function statesOf(holders: readonly PortHolder[]): PortUse['states'] {
  const counts = new Map<string, PortUse['states'][number]>()
  for (const { netns, protocol, state } of holders) {
    const key = `${netns} ${protocol} ${state}`
    const known = counts.get(key)
    if (known === undefined) counts.set(key, { netns, protocol, state, sockets: 1 })
    else known.sockets++
  }
  return [...counts.values()]
}

/**
 * What uses the port, in one sentence. Where there are only connections, the first is described: no list of groups shows
 * it. `complete`: the
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
  if (members > 0)
    return `${sockets}, and so ${connections.length === 1 ? 'does' : 'do'} ${pluralize(connections.length, 'connection')}.`
  const { remote, state } = first
  const owner = first.holders?.[0]
  const who = owner === undefined ? 'no visible process' : `${owner.command} (pid ${owner.pid})`
  const way =
    remote === null ? '' : `, ${endpointText(first.address, port)} to ${endpointText(remote.address, remote.port)}`
  const more = connections.length > 1 ? `; ${pluralize(connections.length - 1, 'more connection')}` : ''
  return `No listener uses port ${port}, but a connection${where(first.netns)} does: ${state}, ${who}${way}${more}.`
}
