/**
 * The native addon, typed. Everything slow runs on a worker thread; rows cross as plain memory (see `src/records.h`),
 * and `layout` tells where each field lies, so that no offset is written twice.
 */
import { createRequire } from 'node:module'

/** Where a field lies in its row: byte offset and width. */
export type Field = {
  readonly offset: number
  readonly type: 'u8' | 'u16' | 'u32' | 'u64' | 'bytes'
  readonly length: number
}
export type RowLayout = { readonly stride: number; readonly fields: Readonly<Record<string, Field>> }
/** The four kinds of row, named as in `records.h`: `socket`, `group`, `holder`, `process`. */
export type Layout = Readonly<Record<'socket' | 'group' | 'holder' | 'process', RowLayout>>

/**
 * One consistent picture. Valid until the second refresh after the one that made it is asked for: decode at once or
 * copy, and transfer none of the buffers: the native side writes into them again. They may be longer than the counts say.
 */
export type Frame = {
  /** Counts refreshes from 1. The value that `since`, `changed` and `members_changed` in the rows refer to. */
  readonly refresh: number
  readonly sockets: ArrayBuffer
  readonly socketCount: number
  readonly groups: ArrayBuffer
  readonly groupCount: number
  readonly holders: ArrayBuffer
  readonly holderCount: number
  /** Sockets of which no holder is known: nobody looked, or none may be seen. */
  readonly unheldCount: number
  /** Ids of groups that left with this refresh. */
  readonly goneGroups: BigUint64Array
  /** Cookies of sockets that left with this refresh, and the group that each was in, side by side. */
  readonly goneSockets: BigUint64Array
  readonly goneSocketGroups: BigUint64Array
}

/** What a refresh cost and met. */
export type Refresh = {
  readonly frame: Frame
  readonly durationMs: number
  /** Dump passes made in all namespaces: more than one per namespace and protocol when sockets came and went meanwhile. */
  readonly passes: number
  /** True when the bound on passes was reached while the picture still moved. */
  readonly unsettled: boolean
  /** Tables (TCP, UDP over IPv4, UDP over IPv6) that were to be read, in all namespaces. */
  readonly tables: number
  /** Of those, the ones that could not be read; their sockets are kept as last seen. */
  readonly failures: readonly { netns: number; operation: string; errno: number; code: string; message: string }[]
  /** Tables that this kernel's sock_diag does not have, with its answer: /proc/net was read instead, in every namespace. */
  readonly missing: readonly {
    protocol: 'tcp' | 'udp'
    operation: string
    errno: number
    code: string
    message: string
  }[]
}

export type OwnerScan = {
  readonly durationMs: number
  readonly generation: number
  /** Rows of `process`. Own memory, never reused. */
  readonly processes: ArrayBuffer
  readonly processCount: number
  /** Processes whose descriptors may not be read. */
  readonly refused: number
  /** Why nothing could be read at all (no /proc), else null. */
  readonly failure: { operation: string; errno: number; code: string; message: string } | null
}

/** A network namespace, and a socket in it that a process holds. */
export type HeldNamespace = {
  readonly netns: number
  readonly pid: number
  readonly fd: number
  readonly inode: number
}

/** Sockets as seen from outside, grouped by the kernel's rule. One per engine. */
export interface Reader {
  /**
   * Opens the network namespace named by `path` (`/proc/PID/ns/net`, `/run/netns/NAME`), or the caller's own for `null`,
   * and keeps it, with a sock_diag socket in it where there is one. Resolves to the namespace's inode. Opening an open one changes nothing.
   * Rejects with a NativeError: EPERM where setns(2) is refused, ENOENT where the path is gone.
   */
  openNamespace(path: string | null): Promise<number>
  /** The same for the namespace of a socket that a process holds. ENOENT, ESRCH or EBADF where it holds it no more, EPERM without the right. */
  openHeldNamespace(socket: { pid: number; fd: number; inode: number }): Promise<number>
  /**
   * The network namespaces of held sockets, by the last scan of owners, each with one socket that is in it: those of
   * open namespaces from the last frame, others by asking (`src/held_namespaces.h`), at most `limit` of them at some
   * 10 µs. `unasked` were left for the next search. Where nothing changed it does nothing.
   */
  searchHeldNamespaces(request: { limit: number }): Promise<{ found: readonly HeldNamespace[]; unasked: number }>
  /** Forgets a namespace and, at the next refresh, its sockets. Unknown inodes are ignored. */
  closeNamespace(inode: number): void
  /** Runs `action` on this thread inside an open namespace: for code that opens a socket of its own there, at once. */
  within<T>(inode: number, action: () => T): T
  /**
   * Dumps, deduplicates, groups and compares. Calls must not overlap. `memory` asks for queue limits and drops of UDP and
   * drops of TCP. Without `bound` TCP sockets that are bound but do not listen stay as they were last read, in a namespace
   * where no TCP socket comes or goes: they are a third of the cost, and nothing reaches them.
   */
  refresh(request: { memory: boolean; bound: boolean }): Promise<Refresh>
  /** Scans /proc for who holds which socket; only what changed is read again. The next refresh shows it in its rows. */
  scanOwners(request: { full: boolean }): Promise<OwnerScan>
  /**
   * Reads SO_REUSEPORT, SO_REUSEADDR and SO_INCOMING_CPU of the sockets of the last frame whose options are not known yet
   * and whose holder lets us (pidfd_getfd(2)), at most `limit` of them. `deciding` leaves out those that say nothing of a
   * group: of TCP all but a socket that listens alone. Of at most `again` members of groups, in turn, SO_INCOMING_CPU is
   * read anew, for it may be set at any time; they are not counted. `givenUp` counts lone sockets of which nobody who could
   * be asked tells: they count as plain from now on, and not as unknown. The next refresh shows what was read.
   */
  readOptions(request: {
    limit: number
    deciding: boolean
    again: number
  }): Promise<{ read: number; refused: number; givenUp: number; durationMs: number }>
  /**
   * Who polls which socket: the epoll sets, from /proc/PID/fdinfo, of the processes that hold a socket of the last frame
   * that receives. Pairs (inode, pid), side by side, ordered.
   */
  scanPollers(): Promise<{ inodes: Uint32Array; pids: Uint32Array; refused: number }>
  /** Tells what the steering oracle concluded of these sockets; used by the next refresh where the option itself is not known. */
  learn(cookies: BigUint64Array, sharing: 'reuseport' | 'reuseaddr'): void
  /**
   * The steering oracle: for each remote, the cookie of the socket that the kernel's lookup picks, 0 for none
   * (a sock_diag get without a cookie, see `src/oracle.h`). `remotes` holds 18 bytes each: address (16), port (network order).
   */
  probe(request: ProbeRequest): Promise<ProbeAnswer>
  /**
   * The network interfaces of an open namespace, up or down, in the order of their indexes; null where rtnetlink(7)
   * reported no change since they were last asked for. Needs no rights.
   */
  readInterfaces(netns: number): Promise<readonly NetworkInterface[] | null>
  /**
   * Sends one request, header included, to rtnetlink or nfnetlink in an open namespace, on a connection of its own, and
   * gives the messages of the answer, one after the other, each aligned to four bytes. Rejects with what the kernel answers.
   */
  query(request: { netns: number; family: 'route' | 'netfilter'; request: Uint8Array }): Promise<Uint8Array>
  /** Network namespaces with a BPF program for the lookup of sockets (sk_lookup). Rejects with EPERM without CAP_SYS_ADMIN. */
  findLookupPrograms(): Promise<Uint32Array>
  /**
   * Whether this kernel's sock_diag lists TCP sockets that are bound and do not listen (Linux 6.8 and later), found out by
   * binding one in the caller's own namespace for as long as a dump takes. Rejects with what the kernel answers.
   */
  listsBoundTcp(): Promise<boolean>
  /**
   * Sockets of one local port (0: of all): `receiving` ones, in the order in which the kernel's lookup meets them, or
   * `established` TCP connections, or all `connections`, those in TIME_WAIT too. See `src/port_dump.h`.
   */
  dumpPort(request: PortRequest): Promise<PortDump>
  /** SO_INCOMING_CPU of sockets of the last frame now, as `incoming_cpu` in their rows. */
  readIncomingCpus(cookies: BigUint64Array): Promise<Uint16Array>
  close(): void
}

export type NetworkInterface = {
  readonly index: number
  readonly name: string
  /** 16 bytes each, network order; IPv4 in the first four. */
  readonly addresses: readonly { readonly family: 4 | 6; readonly bytes: Uint8Array }[]
}

export type PortRequest = {
  readonly netns: number
  readonly protocol: 'tcp' | 'udp'
  readonly family: 4 | 6
  readonly state: 'receiving' | 'established' | 'connections'
  readonly port: number
}
/** Columns, one entry a socket. */
export type PortDump = {
  readonly cookies: BigUint64Array
  /** 0 for a connection that waits to be accepted. */
  readonly inodes: Uint32Array
  /** The lowest pid that holds it, by the last scan of owners; 0 where no readable process does. */
  readonly pids: Uint32Array
  readonly ports: Uint16Array
  /** Local addresses, 16 bytes each, network order; IPv4 in the first four. */
  readonly addresses: Uint8Array
  /** That it is bound to: a connection has that of the listener that took it. 0 for none. */
  readonly interfaces: Uint32Array
  readonly remotePorts: Uint16Array
  readonly remoteAddresses: Uint8Array
  /** 0 for one that no process holds any more. */
  readonly uids: Uint32Array
  /** As the kernel numbers them (include/net/tcp_states.h). */
  readonly states: Uint8Array
  /** Of `connections`: `kOptionsFromSocket` and the others of `src/records.h`, 0 where they may not be read. */
  readonly options: Uint8Array
  readonly durationMs: number
}

export type ProbeRequest = {
  readonly netns: number
  readonly protocol: 'tcp' | 'udp'
  readonly family: 4 | 6
  /** 16 bytes, network order; IPv4 in the first four. */
  readonly localAddress: Uint8Array
  readonly localPort: number
  /** Index of the interface that the packet comes in by; 0 for any. */
  readonly interface: number
  readonly remotes: Uint8Array
  /** Shares the remotes out over all CPUs: a member with SO_INCOMING_CPU is found only from its own. */
  readonly everyCpu?: boolean
}
/** One entry a remote, in the order of the request. */
export type ProbeAnswer = {
  /** The socket that receives; 0 where none does. */
  readonly cookies: BigUint64Array
  /** State of the socket that answered, numbered as in `records.h`; 0 for none, 255 for a connection with that tuple. */
  readonly states: Uint8Array
  /** 0, or the errno where the kernel answered anything else but "none". */
  readonly errnos: Int32Array
  readonly durationMs: number
}

export interface Addon {
  readonly layout: Layout
  readonly Reader: new () => Reader
  /**
   * Connects to the abstract unix socket `name` (without its leading NUL) where user `uid` listens on exactly that name:
   * a descriptor, which is the caller's to close. null where nobody listens there or somebody else does, to whom nothing
   * was said. Throws a NativeError: EAGAIN where the accept queue is full.
   */
  connectAbstract(name: string, uid: number): number | null
  /**
   * From now on SIGINT and SIGTERM, which must have listeners already, end this process with `status`, at the latest so
   * long after they came, whatever its threads do. Throws a NativeError.
   */
  endAfterSignal(graceMs: number, status: number): void
}

/** What the addon throws and rejects with: which operation, and the kernel's answer. */
export type NativeError = Error & { readonly operation: string; readonly errno: number; readonly code: string }

/** True for an error that came from the kernel through the addon. */
export function isNativeError(error: unknown): error is NativeError {
  return error instanceof Error && 'operation' in error && 'errno' in error
}

/**
 * Loads the addon from `path`. The packaged application passes its resources path; elsewhere the built file beside
 * this source is found by the front that starts the engine.
 */
export function loadAddon(path: string): Addon {
  return createRequire(import.meta.url)(path) as Addon
}
