/** Group rows for tests. */
import type { GroupRow } from '../../electron/contract/live.ts'

const HOST_NETNS = 4026531840

/** A healthy TCP group of four nginx members on 0.0.0.0:443; `given` overrides. */
export function groupRow(given: Partial<GroupRow> = {}): GroupRow {
  const { netns = HOST_NETNS, protocol = 'tcp', family = 'ipv4', address = '0.0.0.0', port = 443 } = given
  const receiving = given.receiving ?? 4
  const limit = protocol === 'tcp' ? 511 : 212_992
  const id = idOf(`${netns} ${protocol} ${family} ${address} ${port}`)
  return {
    id,
    netns,
    protocol,
    family,
    v6only: family === 'ipv6' ? true : null,
    address,
    port,
    interface: null,
    uid: 0,
    user: 'root',
    sharing: 'reuseport',
    evidence: protocol === 'tcp' ? 'co-listening' : 'kernel-lookup',
    receiving,
    bound: 0,
    connected: 0,
    holders: receiving,
    owners: [{ command: 'nginx', processes: receiving, service: 'nginx.service' }],
    pids: Array.from({ length: receiving }, (_, at) => 800 + at),
    ownersHidden: 0,
    queue: { length: 0, limit: limit * receiving, unit: protocol === 'tcp' ? 'connections' : 'bytes' },
    fullest: { cookie: '1', length: 0, limit },
    imbalance: null,
    queueUtilization: Array.from({ length: Math.min(receiving, 32) }, () => 0),
    drops: 0,
    dropsPerSecond: 0,
    firstSeenAt: new Date(0).toISOString(),
    ...given,
  }
}

/** 64 bits of FNV-1a: pages have no node:crypto, and a digest there is a promise. */
function idOf(key: string): string {
  return [0x811c9dc5, 0x9747b28c]
    .map((start) => {
      let hash = start
      for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
      return (hash >>> 0).toString(16).padStart(8, '0')
    })
    .join('')
}

/** The same group with the queue of member `place` (from 0) at `length`. */
export function withQueue(row: GroupRow, place: number, length: number): GroupRow {
  const limit = row.fullest?.limit ?? null
  const slots = row.queueUtilization.map((slot, i) =>
    i === place && limit ? Math.round((length * 1000) / limit) : slot,
  )
  return {
    ...row,
    queueUtilization: slots,
    queue: { ...row.queue, length },
    fullest: { cookie: String(place + 1), length, limit },
  }
}

/** `count` groups, all different, on ports from 10,000 on. */
export function manyGroupRows(count: number): GroupRow[] {
  return Array.from({ length: count }, (_, i) =>
    groupRow({
      address: `10.${Math.floor(i / 50_000)}.0.${1 + (Math.floor(i / 5000) % 10)}`,
      port: 10_000 + (i % 5000),
      protocol: i % 3 === 0 ? 'udp' : 'tcp',
      receiving: 2 + (i % 15),
    }),
  )
}
