/**
 * The path of one packet: the candidates, their scores, the winner, the member picked, and the processes woken to read
 * it.
 */
import type { Candidate, Flow, PacketPath, Probe } from '../../contract/analysis.ts'
import type { Problem } from '../../contract/errors.ts'
import { endpointText, formatQueue } from '../../contract/format.ts'
import { memberId } from '../../contract/ids.ts'
import type { GroupKey, Member } from '../../contract/model.ts'
import type { Collector } from '../collect/collector.ts'
import type { FrameView } from '../collect/frame-view.ts'
import type { Sampler } from '../collect/sampler.ts'
import { warningsBefore } from './before-lookup.ts'
import { candidatesOf, isCurrent, kernelOrder, type PathCandidate, rowsOnPort, winningReason } from './candidates.ts'
import { blockedBefore, type KernelLookup, queryOf } from './kernel-lookup.ts'
import { judge, lookup, type Packet } from './lookup.ts'
import { probeArrived } from './probe-client.ts'
import type { ResolvedFlow, WithArrival } from './query.ts'
import { recentFrame } from './recent-frame.ts'

const NOTHING = { winner: null, orderDecides: false } as const

/** Follows one packet. Throws InvalidQuery; rejects with the kernel's error. */
export async function followPacket(
  parts: { collector: Collector; sampler: Sampler; lookup: KernelLookup },
  flow: Flow,
): Promise<PacketPath> {
  const { collector, sampler } = parts
  const resolved = await parts.lookup.arrivedFlow(flow)
  const lacking = parts.lookup.unavailable(flow.protocol)
  const kernel = lacking === null ? await probeArrived(parts, resolved) : withoutKernelLookup(resolved, lacking)
  const order = await kernelOrder(collector, resolved)
  const recent = await recentFrame(collector, sampler, { bound: true })
  const frame = isCurrent(recent, resolved, order) ? recent : await parts.lookup.readNow()
  const candidates = candidatesOf(frame, resolved, order)
  const packet = packetOf(resolved)
  const stopped = blockedBefore(resolved)
  const { winner, orderDecides } = stopped === null ? lookup(packet, candidates) : NOTHING
  const judged = candidates.map((candidate) =>
    stopped === null
      ? judgedCandidate(packet, candidate, winner, candidates)
      : unreachedCandidate(packet, candidate, stopped.steeredBy),
  )
  const agrees = agreement(kernel, winner)
  const path = {
    ...queryOf(resolved),
    remote: resolved.remote,
    candidates: judged.sort((a, b) => (b.score ?? -1) - (a.score ?? -1)),
    winner: winner?.key ?? null,
    orderDecides,
    choice: { steeredBy: kernel.steeredBy, among: winner?.sockets ?? 0 },
    lookup: kernel,
    agrees,
    wakes: kernel.member === null ? null : wokenProcesses(frame, kernel.member),
    warnings: [
      ...kernel.warnings,
      ...candidates
        .filter(({ key }) => key.sharing === 'unknown' && key.protocol === 'udp')
        .map(({ key }) => `How the sockets at ${endpoint(key)} share the port is unknown: SO_REUSEPORT is assumed.`),
      ...unknownInterfaces(frame, resolved),
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
function withoutKernelLookup(flow: WithArrival<ResolvedFlow>, { cause }: Problem): Probe {
  const nobody = {
    remote: flow.remote,
    member: null,
    group: null,
    otherSockets: [],
    warnings: warningsBefore(flow.beforeLookup),
  }
  const stopped = blockedBefore(flow)
  if (stopped !== null) return { ...queryOf(flow), ...nobody, ...stopped }
  return {
    ...queryOf(flow),
    ...nobody,
    steeredBy: 'unknown',
    reason: `Which member gets it is unknown: only the kernel lookup tells, and ${cause}. The group is derived from the kernel's rules alone.`,
  }
}

/** Warnings for groups whose interface is neither in /proc/net nor readable elsewhere. */
function unknownInterfaces(frame: FrameView, flow: ResolvedFlow): string[] {
  return rowsOnPort(frame, flow)
    .filter((row) => frame.interfaceUnknown(row))
    .map(
      (row) =>
        `Whether the sockets at ${endpoint(frame.key(row))} are bound to an interface is unknown: assumed not to be.`,
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

function judgedCandidate(
  packet: Packet,
  candidate: PathCandidate,
  winner: PathCandidate | null,
  all: readonly PathCandidate[],
): Candidate {
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
function unreachedCandidate(packet: Packet, candidate: PathCandidate, by: 'unreachable' | 'redirected'): Candidate {
  const { pass, score, points } = judge(packet, candidate)
  const reason = by === 'unreachable' ? 'No such packet arrives.' : 'The packet is sent elsewhere before the lookup.'
  const base = { group: candidate.key, state: candidate.state, sockets: candidate.sockets, pass, score, points }
  return { ...base, outcome: 'not-reached', reason }
}

function agreement(kernel: Probe, winner: PathCandidate | null): boolean | null {
  if (kernel.steeredBy === 'unknown' && kernel.member === null) return null
  if (kernel.steeredBy === 'connection' || kernel.steeredBy === 'unreachable' || kernel.steeredBy === 'redirected')
    return null
  if (kernel.steeredBy === 'none') return winner === null
  if (winner === null) return false
  return kernel.member === null ? null : winner.cookies.has(memberId(kernel.member))
}

function wokenProcesses(frame: FrameView, member: Member): PacketPath['wakes'] {
  const commands = new Map((member.holders ?? []).map((holder) => [holder.pid, holder.command]))
  if (member.pollers !== null && member.pollers.length > 0) {
    return member.pollers.map((pid) => ({
      pid,
      command: commands.get(pid) ?? frame.commandOf(pid) ?? '',
      how: 'epoll' as const,
    }))
  }
  return member.holders?.map(({ pid, command }) => ({ pid, command, how: 'holds' as const })) ?? null
}

function stepsOf(path: Omit<PacketPath, 'steps'>): string[] {
  const { lookup: kernel, arrival } = path
  const to = endpointText(path.local.address, path.local.port)
  const from = endpointText(path.remote.address, path.remote.port)
  const possible = path.candidates.filter(({ score }) => score !== null)
  const steps = [
    `A ${path.protocol.toUpperCase()} packet from ${from} to ${to}${path.interface === null ? '' : ` on ${path.interface}`}.`,
    ...(arrival.interfaceGiven || arrival.reach === 'unreachable' ? [] : [arrival.reason]),
    `Sockets on port ${path.local.port}: ${path.candidates.length === 0 ? 'none' : path.candidates.map(candidateText).join('; ')}.`,
  ]
  if (kernel.steeredBy === 'unreachable' || kernel.steeredBy === 'redirected') return [...steps, kernel.reason]
  if (path.winner === null) steps.push('None of them takes it.')
  else {
    const won = path.candidates.find(({ outcome }) => outcome === 'won')
    steps.push(`${possible.length} could take it; ${endpoint(path.winner)} wins. ${won?.reason ?? ''}`.trim())
  }
  steps.push(kernel.reason)
  if (kernel.member !== null) {
    steps.push(`It joins the queue of member ${kernel.member.cookie}: ${formatQueue(kernel.member.queue)} queued.`)
    steps.push(wokenText(path.wakes))
  }
  if (path.agrees === false) steps.push('The kernel lookup disagrees with these rules.')
  return steps
}

function candidateText({ group, sockets, state, score }: Candidate): string {
  const what = `${endpoint(group)} (${sockets} ${state}${group.interface === null ? '' : `, on ${group.interface}`})`
  return `${what} ${score === null ? 'excluded' : `scores ${score}`}`
}

function wokenText(wakes: PacketPath['wakes']): string {
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
