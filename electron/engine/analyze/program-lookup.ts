/** Which member a group's program picks, in a frame; the kernel lookup answers without it. */
import type { ClientPacket } from '../../contract/classic-run.ts'
import { formatCount } from '../../contract/format.ts'
import type { KernelGroup } from '../../contract/kernel-group.ts'
import { picksNone } from '../../contract/program-targets.ts'
import type { FrameView } from '../collect/frame-view.ts'
import type { ResolvedDestination } from './query.ts'
import { type NameOf, placeFor, programAnswer, programText } from './steering-program.ts'

/** Members whose measured shares a sentence lists. */
const MAX_SHARES = 8

/** The program's answer for a client whose lookup named this socket; null where its group has no program. */
export function programAnswerFor(frame: FrameView, row: number, cookie: bigint, packet: ClientPacket) {
  const group = kernelGroupOf(frame, row, cookie)
  if (group === null) return null
  const answer = programAnswer(group, packet, memberNames(frame, row))
  if (answer === null) return null
  const picked = answer.kind === 'member' ? (group.members[answer.place] ?? null) : null
  return { answer, picked: picked === null ? null : BigInt(picked) }
}

/** Each program of the group in a sentence. Decodes the frame at once. */
export function programTexts(frame: FrameView, row: number): string[] {
  return (frame.kernelGroups(row) ?? []).flatMap((group) => programText(group, memberNames(frame, row)) ?? [])
}

/** "Since 14:46:52 its members were given 200 connections: member 1 75 %, member 2 25 %." null where nothing is counted. */
export function measuredText(frame: FrameView, row: number): string | null {
  const given = frame.givenOf(row)
  if (given === undefined || given.sample === 0) return null
  const shares = receivers(frame, row)
    .map((socket, at) => ({ member: at + 1, share: (frame.given(socket)?.sample ?? 0) / given.sample }))
    .sort((a, b) => b.share - a.share || a.member - b.member)
  const listed = shares
    .slice(0, MAX_SHARES)
    .map(({ member, share }) => `member ${member} ${(100 * share).toFixed(1)} %`)
  const more = shares.length - listed.length
  const what = frame.protocol(row) === 'tcp' ? 'connections' : 'datagrams'
  const since = `${given.sampleSince.slice(11, 19)} UTC`
  return `Since ${since} its members were given ${formatCount(given.sample)} ${what}: ${listed.join(', ')}${more > 0 ? ` and ${formatCount(more)} more` : ''}.`
}

/**
 * What the groups' programs make of the clients for which the kernel lookup named `cookies`: the cookie of each, null
 * where the program decides and its answer is not known here.
 */
export function steerClients(
  frame: FrameView,
  destination: ResolvedDestination,
  remotes: Uint8Array,
  cookies: BigUint64Array,
): (bigint | null)[] {
  const groups = new Map<bigint, KernelGroup | null>()
  const steeredBy = (cookie: bigint) => {
    let group = groups.get(cookie)
    if (group === undefined) {
      const socket = frame.socketOf(cookie)
      group = socket < 0 ? null : kernelGroupOf(frame, frame.groupOf(socket), cookie)
      if (group !== null && picksNone(group)) group = null
      groups.set(cookie, group)
    }
    return group
  }
  const view = new DataView(remotes.buffer, remotes.byteOffset)
  return Array.from(cookies, (cookie, client) => {
    const group = cookie === 0n ? null : steeredBy(cookie)
    if (group === null || group.program === null) return cookie
    if (group.program.kind === 'extended') return null
    const at = 18 * client
    const packet = packetOf(destination, remotes.subarray(at, at + 16), view.getUint16(at + 16))
    const place = placeFor(group, packet)
    if (place === null) return null
    const picked = group.members[place]
    return picked === undefined ? cookie : picked === null ? null : BigInt(picked)
  })
}

/** A packet of this client. */
export function packetOf(to: ResolvedDestination, remoteAddress: Uint8Array, remotePort: number): ClientPacket {
  const { protocol, family, localAddress, anyAddress, local, interfaceIndex } = to
  return {
    protocol,
    family,
    localAddress: anyAddress ? null : localAddress,
    localPort: local.port,
    remoteAddress,
    remotePort,
    interface: interfaceIndex,
  }
}

function kernelGroupOf(frame: FrameView, row: number, cookie: bigint): KernelGroup | null {
  const text = String(cookie)
  return frame.kernelGroups(row)?.find(({ members }) => members.includes(text)) ?? null
}

/** Members are numbered from 1 in the order of cookies, as in every front. */
function memberNames(frame: FrameView, row: number): NameOf {
  let numbers: Map<string, number> | null = null
  return (cookie) => {
    numbers ??= new Map(receivers(frame, row).map((socket, at) => [String(frame.cookie(socket)), at + 1]))
    const number = numbers.get(cookie)
    return number === undefined ? `socket ${cookie}` : `member ${formatCount(number)}`
  }
}

function receivers(frame: FrameView, row: number): number[] {
  const first = frame.firstSocket(row)
  const sockets: number[] = []
  for (let socket = first; socket < first + frame.socketCount(row); socket++) {
    if (frame.socketReceives(socket)) sockets.push(socket)
  }
  return sockets
}
