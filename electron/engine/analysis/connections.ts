/** Established TCP connections of a group, by the process that holds them: what accepts came to, as far as they still live. */

import type { PortDump } from '../../../native/index.ts'
import type { Connections } from '../../contract/analysis.ts'
import { isWildcard } from '../addresses.ts'
import type { Inspection } from '../inspection.ts'
import type { Picture } from '../picture.ts'
import { receivingSockets } from './oracle.ts'
import { servingPids } from './serving.ts'
import { flowSpreadOf } from './statistics.ts'

/** Groups whose connections are remembered, to tell new ones at the next question. */
const REMEMBERED = 64

/** How many connections of a group each of its processes holds. */
export type ConnectionCounts = {
  /** pid → connections; processes that serve the group and hold none are in it with 0. */
  byPid: Map<number, number>
  /** pid → how many members it serves: its expected part. */
  members: Map<number, number>
  hidden: number
  waiting: number
  cookies: bigint[]
}

export class ConnectionCounter {
  readonly #inspection: Inspection
  readonly #before = new Map<string, { cookies: Set<bigint>; at: number }>()

  constructor(inspection: Inspection) {
    this.#inspection = inspection
  }

  /** Counts for the group in `row` of a picture that stays as it is meanwhile. The owners are those of the last scan. */
  async describe(picture: Picture, row: number): Promise<Connections | null> {
    const { netns, protocol, family, localPort } = picture.destination(row)
    if (protocol !== 'tcp' || this.#inspection.lacksTcp) return null
    const dump = await this.#inspection.reader.dumpPort({
      netns,
      protocol,
      family,
      state: 'established',
      port: localPort,
    })
    const counts = countConnections(this.#inspection, picture, row, dump)
    const pids = [...counts.byPid.keys()]
    const established = pids.map((pid) => counts.byPid.get(pid) ?? 0)
    return {
      processes: pids
        .map((pid, index) => ({ pid, command: picture.commandOf(pid) ?? '', established: established[index] ?? 0 }))
        .sort((a, b) => b.established - a.established || a.pid - b.pid),
      ownersHidden: counts.hidden,
      waiting: counts.waiting,
      newPerSecond: this.#newPerSecond(picture.id(row), counts.cookies),
      // Of connections that no owner is known of nobody can say whose they are.
      spread: counts.hidden > 0.05 * counts.cookies.length ? null : connectionSpread(counts),
    }
  }

  #newPerSecond(id: string, cookies: readonly bigint[]): number | null {
    const before = this.#before.get(id)
    const at = performance.now()
    this.#before.delete(id)
    this.#before.set(id, { cookies: new Set(cookies), at })
    for (const oldest of this.#before.keys()) {
      if (this.#before.size <= REMEMBERED) break
      this.#before.delete(oldest)
    }
    if (before === undefined) return null
    const fresh = cookies.filter((cookie) => !before.cookies.has(cookie)).length
    return Math.round((10_000 * fresh) / Math.max(at - before.at, 1)) / 10
  }
}

/** Sorts the connections of a dump (of the group's family and port) to the group in `row`. `among`: which of its entries to look at. */
export function countConnections(
  inspection: Inspection,
  picture: Picture,
  row: number,
  dump: PortDump,
  among: Iterable<number> = dump.cookies.keys(),
): ConnectionCounts {
  const belongs = belongsTo(picture, row)
  const counts: ConnectionCounts = { byPid: new Map(), members: new Map(), hidden: 0, waiting: 0, cookies: [] }
  for (const socket of receivingSockets(picture, row)) {
    for (const pid of servingPids(inspection, picture, socket)) {
      counts.members.set(pid, (counts.members.get(pid) ?? 0) + 1)
      counts.byPid.set(pid, 0)
    }
  }
  for (const index of among) {
    const cookie = dump.cookies[index]
    if (cookie === undefined || !belongs(dump.addresses.subarray(16 * index, 16 * index + 16))) continue
    counts.cookies.push(cookie)
    const pid = dump.pids[index] ?? 0
    if (dump.inodes[index] === 0) counts.waiting++
    else if (pid === 0) counts.hidden++
    else counts.byPid.set(pid, (counts.byPid.get(pid) ?? 0) + 1)
  }
  return counts
}

/** How evenly the connections are spread over the processes that serve the group, each expected to hold as its members are. */
export function connectionSpread(counts: ConnectionCounts) {
  const pids = [...counts.byPid.keys()].filter((pid) => counts.members.has(pid))
  return flowSpreadOf(
    pids.map((pid) => counts.byPid.get(pid) ?? 0),
    pids.map((pid) => counts.members.get(pid) ?? 1),
  )
}

/** Whether a connection at this local address came in through the group: for a wildcard, unless a narrower group took it. */
function belongsTo(picture: Picture, row: number): (address: Uint8Array) => boolean {
  const mine = picture.destination(row)
  const text = (address: Uint8Array) => address.join('.')
  const own = text(mine.localAddress)
  if (!isWildcard(mine.localAddress)) return (address) => text(address) === own
  const taken = new Set<string>()
  for (let other = 0; other < picture.groups.count; other++) {
    const destination = picture.destination(other)
    if (other === row || destination.localPort !== mine.localPort || destination.netns !== mine.netns) continue
    if (picture.protocol(other) !== mine.protocol || destination.family !== mine.family) continue
    if (picture.receiving(other) > 0) taken.add(text(destination.localAddress))
  }
  return (address) => !taken.has(text(address))
}
