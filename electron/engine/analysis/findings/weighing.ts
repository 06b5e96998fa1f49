/**
 * Measures the balance of groups in the background: how their connections are spread over processes and, if that is
 * uneven, whether the hash is uneven too. Each round dumps all connections of a namespace, so rounds are limited to a
 * small share of the time.
 */
import type { PortDump } from '../../../../native/index.ts'
import type { Family } from '../../../contract/model.ts'
import { addressText } from '../../addresses.ts'
import type { Inspection } from '../../inspection.ts'
import type { Picture } from '../../picture.ts'
import { Slice } from '../../slice.ts'
import { probeAddress } from '../../steering.ts'
import { isLoopback, LOOPBACK } from '../arrival.ts'
import { clientsOf, DOCUMENTATION, parsePrefix } from '../clients.ts'
import { connectionSpread, countConnections } from '../connections.ts'
import type { Oracle } from '../oracle.ts'
import { receivingSockets } from '../oracle.ts'
import type { ResolvedDestination } from '../question.ts'
import { flowSpreadOf } from '../statistics.ts'
import { isUneven, type Weighed } from './imbalance-significant.ts'
import { newcomers } from './newcomers.ts'

/** Maximum share of the time that rounds take. */
const SHARE = 0.02
const CLIENTS = 4096
/** Maximum groups whose flows are sampled per round. */
const SAMPLED = 20

export class Weighing {
  readonly #inspection: Inspection
  readonly #oracle: Oracle
  #weighed = new Map<string, Weighed>()
  #running = false
  #nextAt = 0

  constructor(inspection: Inspection, oracle: Oracle) {
    this.#inspection = inspection
    this.#oracle = oracle
  }

  of(id: string): Weighed | null {
    return this.#weighed.get(id) ?? null
  }

  /** Starts a round if one is due; `done` gets the ids of the measured groups. */
  tick(intervalMs: number, done: (ids: Iterable<string>) => void): void {
    if (this.#running || performance.now() < this.#nextAt) return
    this.#running = true
    const started = performance.now()
    this.#round()
      // If connections cannot be read, groups have no sample, and no finding is raised.
      .catch(() => new Map<string, Weighed>())
      .then((weighed) => {
        const ids = new Set([...this.#weighed.keys(), ...weighed.keys()])
        this.#weighed = weighed
        done(ids)
      })
      .finally(() => {
        this.#running = false
        const took = performance.now() - started
        this.#nextAt = performance.now() + Math.max(took / SHARE, 2 * intervalMs)
      })
  }

  async #round(): Promise<Map<string, Weighed>> {
    const dumps = new Map<number, { dump: PortDump; byPort: Map<number, number[]> }>()
    for (const [key, { netns, family }] of this.#tables()) {
      const dump = await this.#inspection.reader.dumpPort({
        netns,
        protocol: 'tcp',
        family: family === 'ipv6' ? 6 : 4,
        state: 'established',
        port: 0,
      })
      if (dump.ports.length > 0) dumps.set(key, { dump, byPort: byPort(dump) })
    }
    const weighed = new Map<string, Weighed>()
    if (dumps.size === 0) return weighed
    const uneven: { id: string; destination: ResolvedDestination; cookies: Set<bigint> }[] = []
    const slice = new Slice()
    for (let row = 0; row < (this.#inspection.picture?.groups.count ?? 0); row++) {
      if (slice.over) await slice.next()
      // There may be a new frame by now: a group that moved to an earlier row is measured in the next round.
      const { picture } = this.#inspection
      if (picture === null) break
      if (!isWorthWeighing(picture, row)) continue
      const table = dumps.get(tableKey(picture, row))
      const among = table?.byPort.get(picture.port(row))
      if (table === undefined || among === undefined) continue
      const counts = countConnections(this.#inspection, picture, row, table.dump, among)
      if (counts === null || counts.hidden > 0.05 * counts.cookies.length) continue
      const connections = connectionSpread(counts)
      if (connections === null || connections.p === null) continue
      const starts = [...counts.members.keys()].map((pid) => startOf(picture, pid))
      if (newcomers(starts, Date.now()).includes(true)) continue
      const id = picture.id(row)
      weighed.set(id, { connections, flows: null })
      if (!isUneven(connections) || picture.receiving(row) < 2 || uneven.length >= SAMPLED) continue
      const cookies = new Set(receivingSockets(picture, row).map((socket) => picture.cookie(socket)))
      uneven.push({ id, destination: destinationOf(picture, row), cookies })
    }
    for (const { id, destination, cookies } of uneven) {
      const known = weighed.get(id)
      if (known !== undefined) weighed.set(id, { ...known, flows: await this.#sample(destination, cookies) })
    }
    return weighed
  }

  async #sample(destination: ResolvedDestination, cookies: ReadonlySet<bigint>) {
    const prefix = parsePrefix(DOCUMENTATION[destination.family])
    if (prefix === null || this.#inspection.lacks('tcp')) return null
    const answer = await this.#oracle.ask(destination, clientsOf(prefix, CLIENTS))
    const counts = new Map([...cookies].map((cookie) => [cookie, 0]))
    for (const cookie of answer.cookies) {
      const count = counts.get(cookie)
      if (count !== undefined) counts.set(cookie, count + 1)
    }
    const spread = flowSpreadOf([...counts.values()])
    return spread === null || spread.total === 0 ? null : spread
  }

  /** The socket tables that contain groups worth measuring. */
  #tables() {
    const { picture } = this.#inspection
    const tables = new Map<number, { netns: number; family: Family }>()
    for (let row = 0; picture !== null && row < picture.groups.count; row++) {
      if (!isWorthWeighing(picture, row) || tables.has(tableKey(picture, row))) continue
      tables.set(tableKey(picture, row), { netns: picture.netns(row), family: picture.groupFamily(row) })
    }
    return tables
  }
}

function startOf(picture: Picture, pid: number): number | null {
  const startedAt = picture.startedAt(pid)
  return startedAt === null ? null : Date.parse(startedAt)
}

function isWorthWeighing(picture: Picture, row: number): boolean {
  const sharing = picture.sharing(row)
  return picture.protocol(row) === 'tcp' && (sharing === 'reuseport' || sharing === 'inherited')
}

/** Namespace (32 bits) and family (1) in one number. */
function tableKey(picture: Picture, row: number): number {
  return 2 * picture.netns(row) + (picture.groupFamily(row) === 'ipv6' ? 1 : 0)
}

function byPort(dump: PortDump): Map<number, number[]> {
  const found = new Map<number, number[]>()
  for (const [index, port] of dump.ports.entries()) {
    const on = found.get(port)
    if (on === undefined) found.set(port, [index])
    else on.push(index)
  }
  return found
}

/**
 * Where a packet for this group arrives: on its interface; for a loopback address on lo; otherwise on one that no
 * socket is bound to.
 */
export function destinationOf(picture: Picture, row: number): ResolvedDestination {
  const { netns, protocol, family, localAddress, localPort, interface: bound } = picture.destination(row)
  const name = family === 6 ? 'ipv6' : 'ipv4'
  return {
    netns,
    protocol,
    family: name,
    localAddress: probeAddress(localAddress, family).slice(),
    anyAddress: false,
    local: { address: addressText(localAddress, name), port: localPort },
    interfaceIndex: bound === 0 && isLoopback(name, localAddress) ? LOOPBACK : bound,
    interface: null,
  }
}
