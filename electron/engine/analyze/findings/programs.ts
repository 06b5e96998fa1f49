/**
 * Settings of programs for one listener per worker, and for passing listeners on at a reload: one entry per program.
 * Tested with the versions in Debian 12, unless an entry says otherwise. Nothing is said about other programs.
 */
import { NOTHING, onlyFor, type Text } from '../../common/prose.ts'
import type { GroupView, ProcessView } from './rule.ts'

/** The setting for one listener per worker, by the command name of the process (program-name.ts). */
const LISTENER_PER_WORKER: ReadonlyMap<string, string> = new Map([
  ['nginx', 'In nginx: `listen … reuseport`.'],
  ['haproxy', 'In HAProxy: `bind … shards by-thread` (`noreuseport` in the global section and `-dR` turn it off).'],
  ['apache2', 'In Apache: `ListenCoresBucketsRatio 1`.'],
  ['squid', 'In Squid: `http_port … worker-queues` with `workers N`.'],
  ['knotd', 'In Knot DNS: `tcp-reuseport: on`, with `tcp-workers` and `udp-workers`.'],
  ['dnsdist', 'In dnsdist: one `addLocal("ADDRESS:PORT", {reusePort=true})` per listener.'],
  ['pdns_recursor', 'In PowerDNS Recursor: `reuseport=yes`, `pdns-distributes-queries=no` and `threads=N`.'],
  ['pdns_server', 'In PowerDNS, for UDP only: `reuseport=yes` and `receiver-threads=N`.'],
  ['named', 'In BIND: `reuseport yes;` and `-n N`.'],
  ['unbound', 'In Unbound: `so-reuseport: yes` and `num-threads`.'],
  ['nsd', 'In NSD, for UDP only: `reuseport: yes` and `server-count: N`; its servers still share one TCP socket.'],
  ['pgbouncer', 'In PgBouncer: `so_reuseport=1`, and one instance per CPU.'],
  ['node', 'In Node.js 22.12, 23.1 and later: `listen({ port, reusePort: true })` in each worker.'],
  ['turnserver', 'In coturn: `relay-threads=N`.'],
  ['beam.smp', 'In Erlang/OTP 25: the option `{raw, 1, 15, <<1:32/native>>}`.'],
  ['gunicorn', inherits('gunicorn')],
  ['hypercorn', inherits('hypercorn')],
  ['uvicorn', 'uvicorn has no option for this: the caller must open the sockets.'],
  ...[
    'lighttpd',
    'h2o',
    'varnishd',
    'puma',
    'memcached',
    'mosquitto',
    'freeradius',
    'rsyslogd',
    'tor',
    'openvpn',
    'dnsmasq',
  ].map((program) => [program, `No such setting of ${program} is known.`] as const),
])

/** The setting that passes the listeners of the old process to the new one. */
const HANDOVER: ReadonlyMap<string, string> = new Map([
  ['haproxy', 'In HAProxy: start the new process with `-x SOCKET -sf PID`.'],
])

/**
 * Programs that hold a socket for one worker and replace that worker at a reload: two workers at once are generations,
 * and the old one exits by itself, however long the delay (Server::Starter, which ships with h2o: `--kill-old-delay`).
 */
const REPLACES_ITS_WORKER: ReadonlySet<string> = new Set(['start_server'])

/** The processes, without those that a younger one among them was started to replace. */
export function withoutReplaced(group: GroupView, pids: readonly number[]): readonly number[] {
  const replaces = (process: ProcessView | null, other: ProcessView | null) =>
    process !== null && other?.parent === process.parent && (other.startedAt ?? 0) > (process.startedAt ?? 0)
  const isSingle = ({ parent }: ProcessView) =>
    parent !== null && REPLACES_ITS_WORKER.has(group.process(parent)?.command ?? '')
  return pids.filter((pid) => {
    const process = group.process(pid)
    return process === null || !isSingle(process) || !pids.some((other) => replaces(process, group.process(other)))
  })
}

function inherits(program: string): string {
  return `The \`--reuse-port\` option of ${program} opens one socket that the workers inherit, so it does not help; several instances of ${program} on one port would (untested).`
}

/** One sentence per known program among these processes, each after a space. */
export function listenerPerWorker(group: GroupView, pids: Iterable<number>): Text {
  return settingsFor(LISTENER_PER_WORKER, group, pids)
}

/** The same for passing listeners on. */
export function handover(group: GroupView, pids: Iterable<number>): Text {
  return settingsFor(HANDOVER, group, pids)
}

function settingsFor(table: ReadonlyMap<string, string>, group: GroupView, pids: Iterable<number>): Text {
  const commands = new Set([...pids].flatMap((pid) => group.process(pid)?.command ?? []))
  return [...commands].flatMap((command): Text => {
    const words = table.get(command)
    return words === undefined ? NOTHING : [onlyFor(command, ` ${words}`)]
  })
}
