/**
 * Whether UDP sockets share by SO_REUSEPORT or by SO_REUSEADDR, from the kernel's own lookup: with SO_REUSEPORT clients
 * spread over the members, with SO_REUSEADDR alone one socket receives them all.
 */
import type { ProbeAnswer, Reader } from '../../native/index.ts'
import { addressBytes, isWildcard } from './addresses.ts'
import type { Picture } from './picture.ts'

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
export function concludeSharing(cookies: readonly bigint[], named: Iterable<bigint>): 'reuseport' | 'reuseaddr' | null {
  const members = new Set(cookies)
  const reached = new Set([...named].filter((cookie) => members.has(cookie)))
  if (reached.size >= 2) return 'reuseport'
  return reached.size === 1 && members.size >= 2 ? 'reuseaddr' : null
}

export class SharingOracle {
  readonly #reader: Reader
  /** Groups that were looked up, and at which change of their port: nothing is looked up twice. */
  readonly #asked = new Map<string, number>()

  constructor(reader: Reader) {
    this.#reader = reader
  }

  /** Looks up every UDP group of the frame that is still unknown; true when some were classified. */
  async resolve(picture: Picture): Promise<boolean> {
    let learned = false
    for (const question of this.#questions(picture)) {
      const answer = await this.#ask(question)
      if (answer === null) continue
      const sharing = concludeSharing(question.cookies, answer.cookies)
      if (sharing === null) continue
      this.#reader.applyOptions(BigUint64Array.from(question.cookies), sharing)
      learned = true
    }
    return learned
  }

  /** Collected before the first lookup: the frame's memory is valid only until the next refresh. */
  #questions(picture: Picture) {
    const questions = []
    const unknown = new Set<string>()
    for (let row = 0; row < picture.groups.count; row++) {
      if (picture.sharing(row) !== 'unknown' || picture.protocol(row) !== 'udp' || picture.hasProcNetMember(row))
        continue
      const id = picture.id(row)
      unknown.add(id)
      const beside = rowsBeside(picture, row)
      const changed = Math.max(...beside.map((other) => picture.membersChanged(other)))
      if (this.#asked.get(id) === changed) continue
      this.#asked.set(id, changed)
      // Several sockets of one user are judged by themselves. A single socket with its key is judged together with
      // others on the port: other single ones, and those known to share by SO_REUSEADDR.
      const together = picture.receiving(row) > 1 ? [row] : beside.filter((other) => mayShareByAddress(picture, other))
      const cookies = together.flatMap((other) => receivers(picture, other))
      const destination = picture.destination(row)
      questions.push({ ...destination, localAddress: destination.localAddress.slice(), cookies })
    }
    for (const id of this.#asked.keys()) if (!unknown.has(id)) this.#asked.delete(id)
    return questions
  }

  async #ask(question: ReturnType<Picture['destination']>): Promise<ProbeAnswer | null> {
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
function rowsBeside(picture: Picture, row: number): number[] {
  const rows = [row]
  for (let other = row - 1; other >= 0 && picture.samePlace(other, row); other--) rows.push(other)
  for (let other = row + 1; other < picture.groups.count && picture.samePlace(other, row); other++) rows.push(other)
  return rows
}

/** Whether sockets of other users, or more of the same user, may share a port with this group by SO_REUSEADDR alone. */
function mayShareByAddress(picture: Picture, row: number): boolean {
  if (picture.receiving(row) > 1) return picture.sharing(row) === 'reuseaddr'
  return picture.sharing(row) !== 'reuseport'
}

function receivers(picture: Picture, row: number): bigint[] {
  const first = picture.firstSocket(row)
  const cookies: bigint[] = []
  for (let socket = first; socket < first + picture.socketCount(row); socket++) {
    if (picture.socketReceives(socket)) cookies.push(picture.cookie(socket))
  }
  return cookies
}
