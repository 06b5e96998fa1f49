/** The member that one client reaches, and why it is that one. */
import { availableParallelism } from 'node:os'
import type { Flow, Probe, SteeredBy } from '../../contract/analysis.ts'
import { endpointText } from '../../contract/format.ts'
import type { Group, GroupKey, Member } from '../../contract/model.ts'
import { WATCHED_FRAME } from '../collect/frame-request.ts'
import type { FrameView } from '../collect/frame-view.ts'
import type { Sampler } from '../collect/sampler.ts'
import { warningsBefore } from './before-lookup.ts'
import {
  arrivalWarnings,
  besideText,
  blockedBefore,
  CONNECTED,
  CPU_WARNING,
  type KernelLookup,
  queryOf,
  socketsBeside,
} from './kernel-lookup.ts'
import { measuredText, packetOf, programAnswerFor } from './program-lookup.ts'
import type { ResolvedFlow, WithArrival } from './query.ts'

/** The state of a connection in ProbeAnswer. */
const CONNECTION = 255

/** CPUs from which a client is looked up: as many as the addon uses. */
const CPUS = Math.min(16, availableParallelism())

type LookupParts = { readonly lookup: KernelLookup; readonly sampler: Sampler }
type AnswerOf = (by: SteeredBy, reason: string) => Probe

/** The member that one client reaches. Throws InvalidQuery; rejects with the kernel's error. */
export async function probeClient(parts: LookupParts, flow: Flow): Promise<Probe> {
  return probeArrived(parts, await parts.lookup.arrivedFlow(flow))
}

/** The same for a flow whose arrival is known. Rejects with the kernel's error. */
export async function probeArrived(parts: LookupParts, flow: WithArrival<ResolvedFlow>): Promise<Probe> {
  const stopped = blockedBefore(flow)
  if (stopped !== null) {
    const unserved = {
      remote: flow.remote,
      member: null,
      group: null,
      otherSockets: [],
      warnings: warningsBefore(flow.beforeLookup),
    }
    return { ...queryOf(flow), ...unserved, ...stopped }
  }
  const answer = await parts.lookup.lookUp(flow, repeated(flow, CPUS))
  const errno = answer.errnos[0] ?? 0
  if (errno !== 0) throw new Error(`the kernel did not answer the probe (errno ${errno})`)
  const state = answer.states[0] ?? 0
  const cookie = answer.cookies[0] ?? 0n
  /** More than one if the CPU decides. */
  const named = new Set(answer.cookies)
  const asked = queryOf(flow)
  const client = endpointText(flow.remote.address, flow.remote.port)
  const of = (by: SteeredBy, reason: string): Probe => ({
    ...asked,
    remote: flow.remote,
    member: null,
    group: null,
    otherSockets: [],
    steeredBy: by,
    reason,
    warnings: arrivalWarnings(flow),
  })
  if (state === CONNECTION) {
    return of(
      'connection',
      `A connection from ${client}, live or in TIME_WAIT, answers instead of the listener: the client cannot open a new one while it exists.`,
    )
  }
  if (cookie === 0n) {
    const now = await parts.sampler.read(WATCHED_FRAME, async ({ frame }) => frame)
    return state === CONNECTED ? connected(now, flow, of) : of('none', whyUnserved(now, flow))
  }
  const frame = await parts.lookup.frameWith(cookie)
  const socket = frame.socketOf(cookie)
  if (socket < 0) {
    return of('unknown', 'The kernel named a socket that was just opened or closed. Try again.')
  }
  return steered(parts.lookup, { frame, socket, named: named.size, flow, of })
}

/** `named`: how many sockets the kernel named, asked from every CPU; `socket`: the first of them. */
async function steered(
  lookup: KernelLookup,
  {
    frame,
    socket,
    named,
    flow,
    of,
  }: { frame: FrameView; socket: number; named: number; flow: ResolvedFlow; of: AnswerOf },
): Promise<Probe> {
  // Decoded before the first await: the frame's memory is reused.
  const row = frame.groupOf(socket)
  const member: Member = frame.member(socket)
  const group: GroupKey = frame.key(row)
  const receiving = frame.receiving(row)
  const beside = socketsBeside(frame, row)
  const packet = packetOf(flow, flow.remoteAddress, flow.remote.port)
  const program = programAnswerFor(frame, row, frame.cookie(socket), packet)
  if (program !== null && program.answer.kind !== 'fallback') {
    const picked = program.picked === null ? -1 : frame.socketOf(program.picked)
    const measured = program.answer.kind === 'unknown' ? measuredText(frame, row) : null
    const answer = of('program', [program.answer.reason, ...(measured === null ? [] : [measured])].join(' '))
    return { ...answer, member: picked < 0 ? null : frame.member(picked), group, otherSockets: beside }
  }
  const fallback = program === null ? '' : `${program.answer.reason} `
  const steering = await lookup.warningsOf(frame, [row])
  const first = receiving === 1 && beside.length > 0
  const by = steering.includes(CPU_WARNING) ? 'cpu' : first ? 'newest' : steeredBy(group.sharing, receiving)
  const among = first ? 1 + beside.length : receiving
  const also = beside.length > 0 && !first ? ` ${besideText(beside.length)}` : ''
  const answer = of(by, `${fallback}${reasonOf(by, among, named)}${also}`)
  return { ...answer, member, group, otherSockets: beside, warnings: [...steering, ...answer.warnings] }
}

function connected(frame: FrameView, flow: ResolvedFlow, of: AnswerOf): Probe {
  const reason = 'A UDP socket connected to this client takes its datagrams; the group never sees them.'
  for (let row = 0; row < frame.groups.count; row++) {
    const destination = frame.destination(row)
    if (frame.protocol(row) !== 'udp' || destination.netns !== flow.netns) continue
    if (destination.localPort !== flow.local.port) continue
    const first = frame.firstSocket(row)
    for (let socket = first; socket < first + frame.socketCount(row); socket++) {
      const remote = frame.remoteOf(socket)
      if (remote === null || remote.port !== flow.remote.port) continue
      if (!remote.address.every((byte, at) => byte === flow.remoteAddress[at])) continue
      return { ...of('connected', reason), member: frame.member(socket), group: frame.key(row) }
    }
  }
  return of('connected', reason)
}

function whyUnserved(frame: FrameView, flow: ResolvedFlow): string {
  const what = flow.protocol === 'tcp' ? 'listens' : 'is bound'
  const at = endpointText(flow.local.address, flow.local.port)
  const others: string[] = []
  for (let row = 0; row < frame.groups.count; row++) {
    const destination = frame.destination(row)
    if (frame.protocol(row) !== flow.protocol || destination.localPort !== flow.local.port) continue
    if (destination.netns !== flow.netns || frame.receiving(row) === 0) continue
    const key = frame.key(row)
    const on = key.interface === null ? '' : ` on ${key.interface}`
    others.push(`${endpointText(key.address, key.port)}${on}${key.v6only ? ' (IPv6 only)' : ''}`)
  }
  const there = others.length === 0 ? '' : ` Others on this port: ${[...new Set(others)].slice(0, 5).join(', ')}.`
  return `No ${flow.protocol.toUpperCase()} socket ${what} at ${at} for this client.${there}`
}

/** One client, `times` times, in the form of `clientsOf`. */
function repeated({ remoteAddress, remote }: ResolvedFlow, times: number): Uint8Array {
  const remotes = new Uint8Array(18 * times)
  const view = new DataView(remotes.buffer)
  for (let at = 0; at < remotes.length; at += 18) {
    remotes.set(remoteAddress, at)
    view.setUint16(at + 16, remote.port)
  }
  return remotes
}

function steeredBy(sharing: Group['sharing'], receiving: number): SteeredBy {
  if (receiving === 1) return 'single'
  if (sharing === 'reuseport') return 'hash'
  return sharing === 'reuseaddr' ? 'newest' : 'unknown'
}

function reasonOf(by: SteeredBy, receiving: number, named: number): string {
  switch (by) {
    case 'hash':
      return `Hash steering picks it among ${receiving} members.`
    case 'cpu':
      return named > 1
        ? `Members set SO_INCOMING_CPU: looked up from ${CPUS} CPUs, the kernel names ${named} members. This is the one for the first CPU.`
        : `Members set SO_INCOMING_CPU, and from each of ${CPUS} CPUs the kernel names this one of ${receiving}.`
    case 'single':
      return 'It is the only socket that takes this traffic.'
    case 'newest':
      return `${receiving} sockets share the port through SO_REUSEADDR: the newest takes everything.`
    default:
      return `The kernel lookup names it; how the ${receiving} sockets share the port is unknown.`
  }
}
