/**
 * Measures the balance of groups in the background: how their connections are spread over processes and, if that is
 * uneven, whether their members are given unequal numbers: as counted, or else as the hash does it for sampled clients. Each round dumps all connections of a namespace, so rounds are limited to a
 * small share of the time.
 */
import { readFileSync } from 'node:fs'
import type { PortDump } from '../../../../native/index.ts'
import type { Family } from '../../../contract/model.ts'
import type { Collector } from '../../collect/collector.ts'
import type { FrameView } from '../../collect/frame-view.ts'
import { establishedIn } from '../../collect/namespace-counters.ts'
import { probeAddress } from '../../collect/sharing-lookup.ts'
import { addressText } from '../../common/addresses.ts'
import { TimeSlice } from '../../common/time-slice.ts'
import { isLoopback, LOOPBACK } from '../arrival.ts'
import { DOCUMENTATION, makeClients, parsePrefix } from '../clients.ts'
import { countConnections } from '../connections.ts'
import type { KernelLookup } from '../kernel-lookup.ts'
import { receivingSockets } from '../kernel-lookup.ts'
import type { ResolvedDestination } from '../query.ts'
import type { BalanceSample } from './finding-type.ts'
import { newcomers } from './newcomers.ts'
import { isUneven } from './types/imbalance-significant.ts'

/** Maximum share of the time that rounds take. */
const MAX_TIME_SHARE = 0.02
const CLIENTS = 4096
/** Of one group: five expected for each of two processes (statistics.ts). */
const MIN_CONNECTIONS = 10
/** Maximum groups whose flows are sampled per round. */
const MAX_SAMPLED_GROUPS = 20

export class BalanceSampler {
  readonly #collector: Collector
  readonly #lookup: KernelLookup
  #samples = new Map<string, BalanceSample>()
  #running = false
  #nextAt = 0

  constructor(collector: Collector, lookup: KernelLookup) {
    this.#collector = collector
    this.#lookup = lookup
  }

  of(id: string): BalanceSample | null {
    return this.#samples.get(id) ?? null
  }

  /** Starts a round if one is due; `done` gets the ids of the measured groups. */
  tick(intervalMs: number, done: (ids: Iterable<string>) => void): void {
    if (this.#running || performance.now() < this.#nextAt) return
    this.#running = true
    const started = performance.now()
    this.#round()
      // If connections cannot be read, groups have no sample, and no finding is raised.
      .catch(() => new Map<string, BalanceSample>())
      .then((weighed) => {
        const ids = new Set([...this.#samples.keys(), ...weighed.keys()])
        this.#samples = weighed
        done(ids)
      })
      .finally(() => {
        this.#running = false
        const took = performance.now() - started
        this.#nextAt = performance.now() + Math.max(took / MAX_TIME_SHARE, 2 * intervalMs)
      })
  }

  async #round(): Promise<Map<string, BalanceSample>> {
    const dumps = new Map<number, { dump: PortDump; byPort: Map<number, number[]> }>()
    for (const [key, { netns, family }] of this.#tables()) {
      if (this.#hasTooFew(netns)) continue
      const dump = await this.#collector.reader.dumpPort({
        netns,
        protocol: 'tcp',
        family: family === 'ipv6' ? 6 : 4,
        state: 'established',
        port: 0,
      })
      if (dump.ports.length > 0) dumps.set(key, { dump, byPort: byPort(dump) })
    }
    const weighed = new Map<string, BalanceSample>()
    if (dumps.size === 0) return weighed
    const { connectionSpread, flowSpreadOf } = await import('../statistics.ts')
    const uneven: { id: string; destination: ResolvedDestination; cookies: Set<bigint> }[] = []
    const slice = new TimeSlice()
    for (let row = 0; row < (this.#collector.frame?.groups.count ?? 0); row++) {
      if (slice.expired) await slice.next()
      // There may be a new frame by now: a group that moved to an earlier row is measured in the next round.
      const { frame } = this.#collector
      if (frame === null) break
      if (!isMeasurable(frame, row)) continue
      const table = dumps.get(tableKey(frame, row))
      const among = table?.byPort.get(frame.port(row))
      if (table === undefined || among === undefined) continue
      const counts = countConnections(this.#collector, frame, row, table.dump, among)
      if (counts === null || counts.hidden > 0.05 * counts.cookies.length) continue
      const connections = connectionSpread(counts)
      if (connections === null || connections.p === null) continue
      const starts = [...counts.members.keys()].map((pid) => startOf(frame, pid))
      if (newcomers(starts, Date.now()).includes(true)) continue
      const id = frame.id(row)
      weighed.set(id, { connections, flows: null, counted: false })
      if (!isUneven(connections) || frame.receiving(row) < 2 || uneven.length >= MAX_SAMPLED_GROUPS) continue
      // The hash decides nothing there.
      if (frame.programDecides(row) === true) continue
      const flows = flowSpreadOf(givenTo(frame, row))
      if (flows !== null && flows.p !== null) {
        weighed.set(id, { connections, flows, counted: true })
        continue
      }
      const cookies = new Set(receivingSockets(frame, row).map((socket) => frame.cookie(socket)))
      uneven.push({ id, destination: destinationOf(frame, row), cookies })
    }
    for (const { id, destination, cookies } of uneven) {
      const known = weighed.get(id)
      if (known !== undefined) weighed.set(id, { ...known, flows: await this.#sample(destination, cookies) })
    }
    return weighed
  }

  async #sample(destination: ResolvedDestination, cookies: ReadonlySet<bigint>) {
    const prefix = parsePrefix(DOCUMENTATION[destination.family])
    if (prefix === null || this.#collector.isMissing('tcp')) return null
    const { flowSpreadOf } = await import('../statistics.ts')
    const answer = await this.#lookup.lookUp(destination, makeClients(prefix, CLIENTS))
    const counts = new Map([...cookies].map((cookie) => [cookie, 0]))
    for (const cookie of answer.cookies) {
      const count = counts.get(cookie)
      if (count !== undefined) counts.set(cookie, count + 1)
    }
    const spread = flowSpreadOf([...counts.values()])
    return spread === null || spread.total === 0 ? null : spread
  }

  /**
   * Whether no group here can have as many connections as a test takes. A dump visits every bucket of the kernel's table,
   * a quarter of a million on an ordinary machine, also where it is empty.
   */
  #hasTooFew(netns: number): boolean {
    try {
      const snmp = this.#collector.reader.within(netns, () => readFileSync('/proc/thread-self/net/snmp', 'utf8'))
      return (establishedIn(snmp) ?? MIN_CONNECTIONS) < MIN_CONNECTIONS
    } catch {
      return false
    }
  }

  /** The socket tables that contain groups worth measuring. */
  #tables() {
    const { frame } = this.#collector
    const tables = new Map<number, { netns: number; family: Family }>()
    for (let row = 0; frame !== null && row < frame.groups.count; row++) {
      if (!isMeasurable(frame, row) || tables.has(tableKey(frame, row))) continue
      tables.set(tableKey(frame, row), { netns: frame.netns(row), family: frame.groupFamily(row) })
    }
    return tables
  }
}

/** What its receiving members were given, as counted; empty where that is not counted. */
function givenTo(frame: FrameView, row: number): number[] {
  if (frame.givenOf(row) === undefined) return []
  return receivingSockets(frame, row).map((socket) => frame.given(socket)?.sample ?? 0)
}

function startOf(frame: FrameView, pid: number): number | null {
  const startedAt = frame.startedAt(pid)
  return startedAt === null ? null : Date.parse(startedAt)
}

function isMeasurable(frame: FrameView, row: number): boolean {
  const sharing = frame.sharing(row)
  return frame.protocol(row) === 'tcp' && (sharing === 'reuseport' || sharing === 'inherited')
}

/** Namespace (32 bits) and family (1) in one number. */
function tableKey(frame: FrameView, row: number): number {
  return 2 * frame.netns(row) + (frame.groupFamily(row) === 'ipv6' ? 1 : 0)
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
export function destinationOf(frame: FrameView, row: number): ResolvedDestination {
  const { netns, protocol, family, localAddress, localPort, interface: bound } = frame.destination(row)
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
