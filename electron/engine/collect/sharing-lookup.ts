/**
 * Whether UDP sockets share by SO_REUSEPORT or by SO_REUSEADDR, from the kernel's own lookup: with SO_REUSEPORT clients
 * spread over the members, with SO_REUSEADDR alone one socket receives them all.
 */
import type { ProbeAnswer, Reader } from '../../../native/index.ts'
import { addressBytes, isWildcard } from '../common/addresses.ts'
import type { FrameView } from './frame-view.ts'

/** Clients to look up. With two members, all of them reach the same one by chance once in 2^63 groups. */
const CLIENTS = 64

// Documentation ranges (RFC 5737, RFC 3849): no live connection answers in the listener's place, and no socket is bound
// to the local address more specifically than a wildcard group.
const LOCAL = { 4: addressBytes('203.0.113.77', 'ipv4'), 6: addressBytes('2001:db8:ffff::77', 'ipv6') } as const

/** Clients from a documentation range, 18 bytes each (address, port), always the same. */
export function documentationClients(family: 4 | 6, count: number): Uint8Array {
  const remotes = new Uint8Array(18 * count)
  const view = new DataView(remotes.buffer)
  const prefix = family === 4 ? [198, 51, 100] : [0x20, 0x01, 0x0d, 0xb8]
  for (let client = 0; client < count; client++) {
    remotes.set(prefix, 18 * client)
    if (family === 4) view.setUint8(18 * client + 3, 1 + (client % 254))
    else view.setUint32(18 * client + 12, 1 + client)
    view.setUint16(18 * client + 16, 1024 + ((client * 7919) % 64_000))
  }
  return remotes
}

/** Where a packet for the group arrives: its own address, or for a wildcard an address that no socket is bound to. */
export function probeAddress(localAddress: Uint8Array, family: 4 | 6): Uint8Array {
  const stand_in = LOCAL[family]
  return isWildcard(localAddress) && stand_in !== null ? stand_in : localAddress
}

/**
 * What the lookup's answers say about several sockets with one key; null where no member was named. Which one is the
 * newest is not visible from outside (a cookie is assigned when a socket is first looked at), but one socket that
 * receives every client is the mark of SO_REUSEADDR alone.
 */
export function inferSharing(cookies: readonly bigint[], named: Iterable<bigint>): 'reuseport' | 'reuseaddr' | null {
  const members = new Set(cookies)
  const reached = new Set([...named].filter((cookie) => members.has(cookie)))
  if (reached.size >= 2) return 'reuseport'
  return reached.size === 1 && members.size >= 2 ? 'reuseaddr' : null
}

export class SharingLookup {
  readonly #reader: Reader
  /** Groups that were looked up, and at which change of their port: nothing is looked up twice. */
  readonly #lookedUp = new Map<string, number>()

  constructor(reader: Reader) {
    this.#reader = reader
  }

  /** Looks up every UDP group of the frame that is still unknown; true when some were classified. */
  async resolve(frame: FrameView): Promise<boolean> {
    let classified = false
    for (const question of this.#requests(frame)) {
      const answer = await this.#lookUp(question)
      if (answer === null) continue
      const sharing = inferSharing(question.cookies, answer.cookies)
      if (sharing === null) continue
      this.#reader.applyOptions(BigUint64Array.from(question.cookies), sharing)
      classified = true
    }
    return classified
  }

  /** Collected before the first lookup: the frame's memory is valid only until the next refresh. */
  #requests(frame: FrameView) {
    const questions = []
    const unknown = new Set<string>()
    for (let row = 0; row < frame.groups.count; row++) {
      if (frame.sharing(row) !== 'unknown' || frame.protocol(row) !== 'udp' || frame.hasProcNetMember(row)) continue
      const id = frame.id(row)
      unknown.add(id)
      const beside = rowsAtSamePlace(frame, row)
      const changed = Math.max(...beside.map((other) => frame.membersChanged(other)))
      if (this.#lookedUp.get(id) === changed) continue
      this.#lookedUp.set(id, changed)
      // Several sockets of one user are judged by themselves. A single socket with its key is judged together with
      // others on the port: other single ones, and those known to share by SO_REUSEADDR.
      const together = frame.receiving(row) > 1 ? [row] : beside.filter((other) => mayShareByAddress(frame, other))
      const cookies = together.flatMap((other) => receivers(frame, other))
      const destination = frame.destination(row)
      questions.push({ ...destination, localAddress: destination.localAddress.slice(), cookies })
    }
    for (const id of this.#lookedUp.keys()) if (!unknown.has(id)) this.#lookedUp.delete(id)
    return questions
  }

  async #lookUp(question: ReturnType<FrameView['destination']>): Promise<ProbeAnswer | null> {
    try {
      return await this.#reader.probe({
        ...question,
        localAddress: probeAddress(question.localAddress, question.family),
        remotes: documentationClients(question.family, CLIENTS),
        everyCpu: true,
      })
    } catch {
      // A kernel that does not answer leaves the group unknown, and it is shown so.
      return null
    }
  }
}

/**
 * The rows of the groups at the same place, which differ only in their user: they are adjacent. Includes the row
 * itself.
 */
function rowsAtSamePlace(frame: FrameView, row: number): number[] {
  const rows = [row]
  for (let other = row - 1; other >= 0 && frame.samePlace(other, row); other--) rows.push(other)
  for (let other = row + 1; other < frame.groups.count && frame.samePlace(other, row); other++) rows.push(other)
  return rows
}

/** Whether sockets of other users, or more of the same user, may share a port with this group by SO_REUSEADDR alone. */
function mayShareByAddress(frame: FrameView, row: number): boolean {
  if (frame.receiving(row) > 1) return frame.sharing(row) === 'reuseaddr'
  return frame.sharing(row) !== 'reuseport'
}

function receivers(frame: FrameView, row: number): bigint[] {
  const first = frame.firstSocket(row)
  const cookies: bigint[] = []
  for (let socket = first; socket < first + frame.socketCount(row); socket++) {
    if (frame.socketReceives(socket)) cookies.push(frame.cookie(socket))
  }
  return cookies
}
