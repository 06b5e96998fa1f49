/**
 * What to type in a program for a listener per worker, and to hand listeners over on a reload: one entry per program.
 * Tried with the versions of Debian 12, unless an entry says otherwise. Of a program that is not here nothing is known,
 * and nothing is said.
 */
import { NOTHING, onlyFor, type Text } from '../../prose.ts'
import type { GroupView, ProcessView } from './rule.ts'

/** What opens a listener per worker, by the program's name as a process carries it (program-name.ts). */
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
  [
    'nsd',
    'In NSD, for UDP only: `reuseport: yes` and `server-count: N`; its servers share one TCP socket all the same.',
  ],
  ['pgbouncer', 'In PgBouncer: `so_reuseport=1`, and one instance per CPU.'],
  ['node', 'In Node.js 22.12, 23.1 and later: `listen({ port, reusePort: true })` in each worker.'],
  ['turnserver', 'In coturn: `relay-threads=N`.'],
  ['beam.smp', 'In Erlang/OTP 25: the option `{raw, 1, 15, <<1:32/native>>}`.'],
  ['gunicorn', inherits('gunicorn')],
  ['hypercorn', inherits('hypercorn')],
  ['uvicorn', 'uvicorn has no option for it: the caller has to open the sockets.'],
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
  ].map((program) => [program, `${program} may have no such setting.`] as const),
])

/** What hands the listeners of the old process over to the new one. */
const HANDOVER: ReadonlyMap<string, string> = new Map([
  ['haproxy', 'In HAProxy: start the new process with `-x SOCKET -sf PID`.'],
])

/**
 * Programs that hold a socket for one worker, and replace it at a reload: two workers at once are generations, and the old
 * one ends by itself, however long it is let live (Server::Starter, which h2o brings: `--kill-old-delay`).
 */
const REPLACES_ITS_WORKER: ReadonlySet<string> = new Set(['start_server'])

/** Those of the processes that no younger one of them was started to replace. */
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
  return `The \`--reuse-port\` of ${program} opens one socket that the workers inherit, so it does not help; several instances of ${program} on one port would (not tried).`
}

/** A sentence for each of these processes' programs of which something is known, behind a space. */
export function listenerPerWorker(group: GroupView, pids: Iterable<number>): Text {
  return known(LISTENER_PER_WORKER, group, pids)
}

/** The same for how to hand listeners over. */
export function handover(group: GroupView, pids: Iterable<number>): Text {
  return known(HANDOVER, group, pids)
}

function known(table: ReadonlyMap<string, string>, group: GroupView, pids: Iterable<number>): Text {
  const commands = new Set([...pids].flatMap((pid) => group.process(pid)?.command ?? []))
  return [...commands].flatMap((command): Text => {
    const words = table.get(command)
    return words === undefined ? NOTHING : [onlyFor(command, ` ${words}`)]
  })
}
