/**
 * The path of one packet: the candidates, their scores, the winner, the member picked, and the processes woken to read
 * it.
 */
import type { Contender, Flow, PacketPath, Probe } from '../../contract/analysis.ts'
import type { Problem } from '../../contract/errors.ts'
import type { GroupKey, Member } from '../../contract/model.ts'
import { memberId } from '../../contract/model.ts'
import { queueWords } from '../../contract/words.ts'
import { endpointText } from '../addresses.ts'
import type { Inspection } from '../inspection.ts'
import type { Picture } from '../picture.ts'
import type { Sampler } from '../sampler.ts'
import { warningsBefore } from './before-lookup.ts'
import { type Candidate, judge, lookup, type Packet } from './lookup.ts'
import { askedOf, type Oracle, stoppedBefore } from './oracle.ts'
import type { Arrived, ResolvedFlow } from './question.ts'
import { recentPicture } from './recent-picture.ts'

/** A candidate with its group's key and its sockets. */
type Met = Candidate & { key: GroupKey; sockets: number; cookies: Set<string> }

const NOTHING = { winner: null, orderDecides: false } as const

/** Follows one packet. Throws Unanswerable; rejects with the kernel's error. */
export async function followPacket(
  parts: { inspection: Inspection; sampler: Sampler; oracle: Oracle },
  flow: Flow,
): Promise<PacketPath> {
  const { inspection, sampler } = parts
  const resolved = await parts.oracle.arrivedFlow(flow)
  const lacking = parts.oracle.lacking(flow.protocol)
  const oracle = lacking === null ? await parts.oracle.probeArrived(resolved) : byRulesAlone(resolved, lacking)
  const order = await kernelOrder(inspection, resolved)
  const recent = await recentPicture(inspection, sampler, { bound: true })
  const picture = isOfNow(recent, resolved, order) ? recent : await parts.oracle.lookNow()
  const met = candidatesOf(picture, resolved, order)
  const packet = packetOf(resolved)
  const stopped = stoppedBefore(resolved)
  const { winner, orderDecides } = stopped === null ? lookup(packet, met) : NOTHING
  const contenders = met.map((candidate) =>
    stopped === null ? contenderOf(packet, candidate, winner, met) : notAsked(packet, candidate, stopped.by),
  )
  const agrees = agreement(oracle, winner)
  const path = {
    ...askedOf(resolved),
    remote: resolved.remote,
    contenders: contenders.sort((a, b) => (b.score ?? -1) - (a.score ?? -1)),
    winner: winner?.key ?? null,
    orderDecides,
    choice: { by: oracle.by, among: winner?.sockets ?? 0 },
    oracle,
    agrees,
    wakes: oracle.member === null ? null : wakenBy(picture, oracle.member),
    warnings: [
      ...oracle.warnings,
      ...met
        .filter(({ key }) => key.sharing === 'unknown' && key.protocol === 'udp')
        .map(({ key }) => `How the sockets at ${endpoint(key)} share the port is unknown: SO_REUSEPORT is assumed.`),
      ...unknownInterfaces(picture, resolved),
      ...(orderDecides
        ? ["Several groups could win here: the order of the kernel's list decides, and a restart may change it."]
        : []),
      ...(agrees === false
        ? [
            'The kernel lookup disagrees with these rules. Trust the kernel: sockets may have changed meanwhile, or a BPF program (sk_lookup) decides.',
          ]
        : []),
    ],
  }
  return { ...path, steps: stepsOf(path) }
}

/** The substitute for a kernel lookup that is not available: the rules give the group, but not the member. */
function byRulesAlone(flow: Arrived<ResolvedFlow>, { happened }: Problem): Probe {
  const nobody = { remote: flow.remote, member: null, group: null, beside: [], warnings: warningsBefore(flow.before) }
  const stopped = stoppedBefore(flow)
  if (stopped !== null) return { ...askedOf(flow), ...nobody, ...stopped }
  return {
    ...askedOf(flow),
    ...nobody,
    by: 'unknown',
    reason: `Which member gets it is unknown: only the kernel lookup tells, and ${happened}. The group is derived from the kernel's rules alone.`,
  }
}

/** Warnings for groups whose interface is neither in /proc/net nor readable elsewhere. */
function unknownInterfaces(picture: Picture, flow: ResolvedFlow): string[] {
  return rowsOnPort(picture, flow)
    .filter((row) => picture.interfaceUnknown(row))
    .map(
      (row) =>
        `Whether the sockets at ${endpoint(picture.key(row))} are bound to an interface is unknown: assumed not to be.`,
    )
}

function packetOf(flow: ResolvedFlow): Packet {
  return {
    protocol: flow.protocol,
    family: flow.family,
    localAddress: flow.localAddress,
    remoteAddress: flow.remoteAddress,
    remotePort: flow.remote.port,
    interface: flow.interfaceIndex,
    cpu: null,
  }
}

/** The position of each receiver on the port in the dump, by cookie. */
async function kernelOrder(inspection: Inspection, flow: ResolvedFlow): Promise<Map<bigint, number>> {
  const { netns, protocol } = flow
  const request = { netns, protocol, state: 'receiving', port: flow.local.port } as const
  // IPv6 sockets may take IPv4 too. IPv4 sockets take no IPv6, but are still listed as candidates.
  const v4 = await inspection.reader.dumpPort({ ...request, family: 4 })
  const v6 = await inspection.reader.dumpPort({ ...request, family: 6 })
  const order = new Map<bigint, number>()
  for (const [place, cookie] of v4.cookies.entries()) order.set(cookie, place)
  for (const [place, cookie] of v6.cookies.entries()) order.set(cookie, place)
  return order
}

/** Whether the frame has exactly the receivers on this port that the kernel lists now, all of them classified. */
function isOfNow(picture: Picture, flow: ResolvedFlow, order: ReadonlyMap<bigint, number>): boolean {
  let known = 0
  for (const row of rowsOnPort(picture, flow)) {
    if (picture.sharing(row) === 'unknown') return false
    const first = picture.firstSocket(row)
    for (let socket = first; socket < first + picture.socketCount(row); socket++) {
      const listed = order.has(picture.cookie(socket))
      // A socket that was only bound but is listed now has started to listen since.
      if (listed === (picture.state(socket) === 'bound')) return false
      if (listed) known++
    }
  }
  return known === order.size
}

function rowsOnPort(picture: Picture, flow: ResolvedFlow): number[] {
  const rows: number[] = []
  for (let row = 0; row < picture.groups.count; row++) {
    if (picture.port(row) !== flow.local.port || picture.netns(row) !== flow.netns) continue
    if (picture.protocol(row) === flow.protocol) rows.push(row)
  }
  return rows
}

/**
 * The position of a socket in the kernel's list. New sockets go to the front, except IPv6 ones with SO_REUSEPORT, which
 * go to the end (inet_hash(), sk_add_node_rcu()). The dump of one family walks the list in order.
 */
function placeInList(key: GroupKey, reuseport: boolean, dumped: number | undefined): number {
  if (dumped === undefined) return Number.MAX_SAFE_INTEGER
  return key.family === 'ipv6' && reuseport ? 0x1_0000_0000 + dumped : dumped
}

/** All sockets on the port, those of one SO_REUSEPORT group as one candidate. */
function candidatesOf(picture: Picture, flow: ResolvedFlow, order: ReadonlyMap<bigint, number>): Met[] {
  return rowsOnPort(picture, flow).flatMap((row) => candidatesIn(picture, row, order))
}

function candidatesIn(picture: Picture, row: number, order: ReadonlyMap<bigint, number>): Met[] {
  const key = picture.key(row)
  const { localAddress, interface: index } = picture.destination(row)
  const first = picture.firstSocket(row)
  const sockets = Array.from({ length: picture.socketCount(row) }, (_, offset) => first + offset)
  const hasConnections = sockets.some((socket) => picture.state(socket) === 'connected')
  // Two TCP listeners can have overlapping addresses only with SO_REUSEPORT (inet_csk_bind_conflict()); for UDP it is
  // assumed if unknown.
  const reuseport = key.sharing === 'reuseport' || key.sharing === 'unknown' || key.protocol === 'tcp'
  const together = new Map<string, Met>()
  for (const socket of sockets) {
    const cookie = picture.cookie(socket)
    const state = picture.state(socket)
    const receives = state === 'listening' || state === 'unconnected'
    const known = together.get(state)
    const place = placeInList(key, reuseport, order.get(cookie))
    const remote = picture.remoteOf(socket)
    if (known !== undefined && remote === null && (!receives || reuseport)) {
      known.sockets++
      known.cookies.add(String(cookie))
      known.order = Math.min(known.order, place)
      continue
    }
    together.set(remote === null && (!receives || reuseport) ? state : String(cookie), {
      family: key.family,
      v6only: key.v6only === true,
      address: localAddress.slice(),
      interface: index,
      state,
      reuseport: receives && (reuseport || picture.optionsOf(socket)?.reuseport === true),
      hasConnections,
      remote,
      cpu: null,
      order: place,
      key,
      sockets: 1,
      cookies: new Set([String(cookie)]),
    })
  }
  return [...together.values()]
}

function contenderOf(packet: Packet, candidate: Met, winner: Met | null, all: readonly Met[]): Contender {
  const { pass, score, points, excluded } = judge(packet, candidate)
  const base = { group: candidate.key, state: candidate.state, sockets: candidate.sockets, pass, score, points }
  if (excluded !== null) return { ...base, outcome: 'excluded', reason: `Not for this packet: ${excluded}.` }
  if (candidate === winner) return { ...base, outcome: 'won', reason: winningReason(packet, candidate, all) }
  const winning = winner === null ? null : judge(packet, winner)
  if (winner === null || winning === null) return { ...base, outcome: 'lost', reason: 'Nothing won.' }
  if (winning.pass === 'exact' && pass === 'wildcard') {
    return {
      ...base,
      outcome: 'not-reached',
      reason: `Shadowed: sockets bound to the address itself are checked first, and ${endpoint(winner.key)} took the packet.`,
    }
  }
  if (score > (winning.score ?? 0)) {
    return {
      ...base,
      outcome: 'not-reached',
      reason: `It would score higher but comes later: the first SO_REUSEPORT group ends the search.`,
    }
  }
  return {
    ...base,
    outcome: 'lost',
    reason: score === winning.score ? 'It has the same score but comes later.' : 'It has a lower score.',
  }
}

/** A candidate of a packet for which no socket is looked up. */
function notAsked(packet: Packet, candidate: Met, by: 'unreachable' | 'rewritten'): Contender {
  const { pass, score, points } = judge(packet, candidate)
  const reason = by === 'unreachable' ? 'No such packet arrives.' : 'The packet is sent elsewhere before the lookup.'
  const base = { group: candidate.key, state: candidate.state, sockets: candidate.sockets, pass, score, points }
  return { ...base, outcome: 'not-reached', reason }
}

function winningReason(packet: Packet, candidate: Met, all: readonly Met[]): string {
  const mine = judge(packet, candidate)
  const rivals = all.filter(
    (other) => other !== candidate && judge(packet, other).pass === mine.pass && judge(packet, other).score !== null,
  )
  if (rivals.length === 0) {
    return mine.pass === 'exact'
      ? 'The only one bound to the address itself.'
      : 'The only one bound to the wildcard, and none is bound to the address itself.'
  }
  const better = rivals.every((rival) => (judge(packet, rival).score ?? 0) < (mine.score ?? 0))
  return better ? 'The highest score.' : "The first in the kernel's list among those that could win."
}

function agreement(oracle: Probe, winner: Met | null): boolean | null {
  if (oracle.by === 'unknown' && oracle.member === null) return null
  if (oracle.by === 'connection' || oracle.by === 'unreachable' || oracle.by === 'rewritten') return null
  if (oracle.by === 'nobody') return winner === null
  if (winner === null) return false
  return oracle.member === null ? null : winner.cookies.has(memberId(oracle.member))
}

function wakenBy(picture: Picture, member: Member): PacketPath['wakes'] {
  const commands = new Map((member.holders ?? []).map((holder) => [holder.pid, holder.command]))
  if (member.pollers !== null && member.pollers.length > 0) {
    return member.pollers.map((pid) => ({
      pid,
      command: commands.get(pid) ?? picture.commandOf(pid) ?? '',
      how: 'epoll' as const,
    }))
  }
  return member.holders?.map(({ pid, command }) => ({ pid, command, how: 'holds' as const })) ?? null
}

function stepsOf(path: Omit<PacketPath, 'steps'>): string[] {
  const { oracle, arrival } = path
  const to = endpointText(path.local.address, path.local.port)
  const from = endpointText(path.remote.address, path.remote.port)
  const possible = path.contenders.filter(({ score }) => score !== null)
  const steps = [
    `A ${path.protocol.toUpperCase()} packet from ${from} to ${to}${path.interface === null ? '' : ` on ${path.interface}`}.`,
    ...(arrival.named || arrival.reach === 'unreachable' ? [] : [arrival.reason]),
    `Sockets on port ${path.local.port}: ${path.contenders.length === 0 ? 'none' : path.contenders.map(contenderText).join('; ')}.`,
  ]
  if (oracle.by === 'unreachable' || oracle.by === 'rewritten') return [...steps, oracle.reason]
  if (path.winner === null) steps.push('None of them takes it.')
  else {
    const won = path.contenders.find(({ outcome }) => outcome === 'won')
    steps.push(`${possible.length} could take it; ${endpoint(path.winner)} wins. ${won?.reason ?? ''}`.trim())
  }
  steps.push(oracle.reason)
  if (oracle.member !== null) {
    steps.push(`It joins the queue of member ${oracle.member.cookie}: ${queueWords(oracle.member.queue)} queued.`)
    steps.push(wakingText(path.wakes))
  }
  if (path.agrees === false) steps.push('The kernel lookup disagrees with these rules.')
  return steps
}

function contenderText({ group, sockets, state, score }: Contender): string {
  const what = `${endpoint(group)} (${sockets} ${state}${group.interface === null ? '' : `, on ${group.interface}`})`
  return `${what} ${score === null ? 'excluded' : `scores ${score}`}`
}

function wakingText(wakes: PacketPath['wakes']): string {
  if (wakes === null || wakes.length === 0) return 'Which process reads it is unknown.'
  const who = wakes
    .slice(0, 5)
    .map(({ command, pid }) => `${command} (pid ${pid})`)
    .join(', ')
  const more = wakes.length > 5 ? ` and ${wakes.length - 5} more` : ''
  return wakes[0]?.how === 'epoll'
    ? `Waiting for it with epoll: ${who}${more}.`
    : `Held by ${who}${more}; none is known to poll it with epoll.`
}

function endpoint(key: GroupKey): string {
  return endpointText(key.address, key.port)
}
