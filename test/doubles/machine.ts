/** The machine of the reference screenshots: 22 groups; one has a critical problem and some have lesser ones. */
import type { GroupRow } from '../../electron/contract/live.ts'
import { EngineDouble } from './engine.ts'
import { groupRow, withQueue } from './group-rows.ts'

export const OTHER_NETNS = 4026532621

const KIB = 1024
const udp = { protocol: 'udp', evidence: 'kernel-lookup' } as const

function owner(command: string, processes = 1) {
  return [{ command, processes, service: null }]
}

/** Gives every member of `row` the lengths, repeated as often as needed. */
function lengths(row: GroupRow, limit: number, ...given: number[]): GroupRow {
  const all = row.queueUtilization.map((_, i) => Math.round(given[i % given.length] ?? 0))
  const longest = Math.max(...all)
  return {
    ...row,
    queueUtilization: all.map((length) => Math.round((length * 1000) / limit)),
    fullest: { cookie: String(all.indexOf(longest) + 1), length: longest, limit },
    queue: { ...row.queue, length: all.reduce((a, b) => a + b, 0), limit: limit * all.length },
  }
}

export function troubledGroup(): GroupRow {
  const nginx = { owners: owner('nginx', 17), holders: 17, evidence: 'socket-option' } as const
  const row = lengths(groupRow({ receiving: 16, ...nginx, dropsPerSecond: 38, drops: 1482 }), 511, 3, 0, 2, 0, 5)
  return withQueue(row, 6, 512)
}

export function machineRows(): GroupRow[] {
  const nginx = { owners: owner('nginx', 17), holders: 17, evidence: 'socket-option' } as const
  const tcp = (port: number, given: Partial<GroupRow>) => groupRow({ port, ...given })
  const inherited = (
    port: number,
    address: string,
    command: string,
    holders: number,
    limit: number,
    length: number,
    user = 'root',
  ) =>
    lengths(
      groupRow({
        port,
        address,
        sharing: 'inherited',
        evidence: 'none',
        receiving: 1,
        holders,
        owners: owner(command, holders),
        user,
      }),
      limit,
      length,
    )
  return [
    troubledGroup(),
    lengths(
      groupRow({ ...udp, port: 514, evidence: 'socket-option', owners: owner('rsyslogd') }),
      208 * KIB,
      17 * KIB,
      179 * KIB,
      16 * KIB,
    ),
    lengths(groupRow({ ...udp, port: 8443, receiving: 16, ...nginx }), 208 * KIB, 13.6 * KIB, 12 * KIB),
    lengths(groupRow({ ...udp, port: 53, owners: owner('unbound') }), 208 * KIB, 4.2 * KIB, 3 * KIB, 0),
    lengths(
      groupRow({
        ...udp,
        port: 5353,
        receiving: 2,
        sharing: 'reuseaddr',
        uid: null,
        user: null,
        owners: [...owner('avahi-daemon'), ...owner('systemd-resolve')],
      }),
      208 * KIB,
      0,
    ),
    lengths(
      tcp(7000, { address: '10.20.0.5', receiving: 12, owners: [], ownersHidden: 12, uid: 2001, user: null }),
      4096,
      17,
      3,
      0,
      5,
    ),
    lengths(groupRow({ family: 'ipv6', address: '::', receiving: 16, ...nginx }), 511, 3, 1, 0, 0, 0),
    inherited(80, '0.0.0.0', 'nginx', 17, 511, 1),
    lengths(
      tcp(443, {
        address: '10.20.0.9',
        receiving: 8,
        owners: owner('haproxy'),
        evidence: 'socket-option',
        imbalance: { of: 'given', ratio: 1.03, chance: 1.08 },
      }),
      4096,
      0,
      21,
      4,
    ),
    lengths(
      groupRow({ ...udp, receiving: 8, owners: owner('envoy'), user: 'envoy', uid: 101, evidence: 'bpf' }),
      208 * KIB,
      3 * KIB,
      35.4 * KIB,
      8 * KIB,
    ),
    lengths(
      tcp(8443, {
        imbalance: { of: 'queues', ratio: 12.31, chance: null },
        address: '10.20.0.5',
        receiving: 8,
        owners: owner('envoy'),
        user: 'envoy',
        uid: 101,
        evidence: 'socket-option',
      }),
      4096,
      10,
      0,
      3,
    ),
    tcp(3001, { owners: owner('bun', 4), user: 'deploy', uid: 1001 }),
    inherited(8000, '127.0.0.1', 'gunicorn', 9, 2048, 14, 'www-data'),
    inherited(9000, '127.0.0.1', 'php-fpm8.2', 21, 511, 7),
    inherited(25, '0.0.0.0', 'master', 4, 100, 0),
    lengths(
      groupRow({
        ...udp,
        port: 53,
        address: '10.88.0.4',
        netns: OTHER_NETNS,
        owners: owner('coredns'),
        user: null,
        uid: 65532,
      }),
      208 * KIB,
      6.2 * KIB,
    ),
    lengths(
      groupRow({ ...udp, port: 53, address: '10.20.0.7', receiving: 2, owners: owner('dnsdist') }),
      208 * KIB,
      6.2 * KIB,
    ),
    lengths(
      groupRow({ ...udp, family: 'ipv6', address: '::', port: 53, owners: owner('unbound') }),
      208 * KIB,
      0.8 * KIB,
    ),
    lengths(tcp(53, { owners: owner('unbound'), evidence: 'socket-option' }), 256, 0, 1),
    lengths(tcp(6432, { address: '127.0.0.1', owners: owner('pgbouncer', 4), user: 'postgres', uid: 114 }), 128, 2, 0),
    lengths(
      groupRow({ ...udp, port: 3478, receiving: 8, owners: owner('turnserver'), user: 'turnserver', uid: 116 }),
      208 * KIB,
      21.7 * KIB,
      9 * KIB,
      0,
    ),
    lengths(
      tcp(18080, { address: '127.0.0.1', receiving: 8, owners: owner('listener', 8), user: 'ada', uid: 1000 }),
      128,
      5,
      3,
    ),
  ]
}

/** An engine that shows that machine. */
export function exampleMachine(): EngineDouble {
  const engine = new EngineDouble()
  engine.namespaces = [
    { inode: 4026531840, name: 'host', self: true },
    { inode: OTHER_NETNS, name: 'cni-7c1e02b4', self: false },
  ]
  engine.totals = { sockets: 183, unshared: 47, ownersHidden: 12, processesRefused: 2 }
  engine.put(...machineRows())
  return engine
}
