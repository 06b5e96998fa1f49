/**
 * The native addon, typed. Everything slow runs on a worker thread. Rows cross as plain memory: `common/rows.def` lists
 * their fields, and `layout.generated.ts` says where each one is.
 */
import { createRequire } from 'node:module'
import { layout } from './layout.generated.ts'

/**
 * The result of one refresh. Valid until the second refresh after it starts, so decode or copy it at once. Do not
 * transfer the buffers: the addon reuses them. They may be longer than the counts.
 */
export type Frame = {
  /** Counts refreshes from 1; `since`, `changed` and `members_changed` in the rows refer to it. */
  readonly refresh: number
  readonly sockets: ArrayBuffer
  readonly socketCount: number
  readonly groups: ArrayBuffer
  readonly groupCount: number
  readonly holders: ArrayBuffer
  readonly holderCount: number
  /** Sockets without a known holder: not scanned, or none visible. */
  readonly unheldCount: number
  /** Ids of groups removed by this refresh. */
  readonly removedGroups: BigUint64Array
  /** Cookies of sockets removed by this refresh, and the id of each one's group, by index. */
  readonly removedSockets: BigUint64Array
  readonly removedSocketGroups: BigUint64Array
}

/** A refresh: its frame, its cost and its failures. */
export type Refresh = {
  readonly frame: Frame
  readonly durationMs: number
  /**
   * Dump passes in all namespaces: more than one per namespace and protocol if sockets were added or removed meanwhile.
   */
  readonly passes: number
  /** True if some sockets were still in doubt after the maximum number of passes. */
  readonly unsettled: boolean
  /** Tables (TCP, UDP over IPv4, UDP over IPv6) to read, in all namespaces. */
  readonly tables: number
  /** Of those, the ones that could not be read; their sockets stay as last seen. */
  readonly failures: readonly { netns: number; operation: string; errno: number; code: string; message: string }[]
  /**
   * Tables that this kernel's sock_diag does not support, with its error: /proc/net was read instead, in every
   * namespace.
   */
  readonly missing: readonly {
    protocol: 'tcp' | 'udp'
    operation: string
    errno: number
    code: string
    message: string
  }[]
}

export type HolderScan = {
  readonly durationMs: number
  readonly generation: number
  /** Rows of `process`. Never reused. */
  readonly processes: ArrayBuffer
  readonly processCount: number
  /** Processes whose descriptors are not readable. */
  readonly refused: number
  /** Why the scan failed (no /proc), else null. */
  readonly failure: { operation: string; errno: number; code: string; message: string } | null
}

/** A network namespace, and a socket in it held by a process. */
export type HeldNamespace = {
  readonly netns: number
  readonly pid: number
  readonly fd: number
  readonly inode: number
}

/** Reads sockets, grouped by the kernel's rule. One per engine. */
export interface Reader {
  /**
   * Opens the network namespace at `path` (`/proc/PID/ns/net`, `/run/netns/NAME`), or the caller's own for `null`, with
   * a sock_diag socket in it if possible. Resolves to its inode. Does nothing if it is already open. Rejects with a
   * NativeError: EPERM if setns(2) is refused, ENOENT if the path does not exist.
   */
  openNamespace(path: string | null): Promise<number>
  /**
   * The same for the namespace of a socket held by a process. ENOENT, ESRCH or EBADF if it no longer holds it, EPERM
   * without permission.
   */
  openHeldNamespace(socket: { pid: number; fd: number; inode: number }): Promise<number>
  /**
   * The network namespaces of held sockets, from the last holder scan, each with one socket in it. Sockets of open
   * namespaces are known from the last frame; at most `limit` others are resolved (`common/held_namespaces.h`), at
   * about 10 µs each, and `remaining` are left for the next search. Does nothing if nothing changed.
   */
  searchHeldNamespaces(request: { limit: number }): Promise<{ found: readonly HeldNamespace[]; remaining: number }>
  /** Closes a namespace; the next refresh removes its sockets. Ignores unknown inodes. */
  closeNamespace(inode: number): void
  /** Runs `action` synchronously on this thread inside an open namespace. */
  within<T>(inode: number, action: () => T): T
  /**
   * Dumps, deduplicates, groups and compares. Calls must not overlap. `memory` requests queue limits and drops for UDP,
   * and drops for TCP. Without `bound`, TCP sockets that are bound but not listening stay as last read, in namespaces
   * where no TCP socket was added or removed: they are a third of the cost, and nothing reaches them.
   */
  refresh(request: { memory: boolean; bound: boolean }): Promise<Refresh>
  /** Scans /proc for the holders of sockets; rereads only what changed. The next refresh shows the result. */
  scanHolders(request: { full: boolean }): Promise<HolderScan>
  /**
   * Reads the options (`common/options.cc`) of at most `limit` sockets of the last frame whose options are unknown and
   * whose holder can be accessed (pidfd_getfd(2)). `decidingOnly` skips those that do not affect their group: all TCP
   * sockets except single listeners. Rereads those of at most `reread` group members in turn, since SO_INCOMING_CPU can
   * be set at any time; they are not counted. `givenUp` counts single sockets whose options no holder gives: from now
   * on they count as unshared, not as unknown. The next refresh shows the result.
   */
  readOptions(request: {
    limit: number
    decidingOnly: boolean
    reread: number
  }): Promise<{ read: number; refused: number; givenUp: number; durationMs: number }>
  /**
   * Which process polls which socket: the epoll sets, from /proc/PID/fdinfo, of the processes that hold a receiving
   * socket of the last frame. Pairs (inode, pid) by index, ordered.
   */
  scanPollers(): Promise<{ inodes: Uint32Array; pids: Uint32Array; refused: number }>
  /**
   * Sets what the kernel lookup implies for these sockets; the next refresh uses it where the option itself is unknown.
   */
  applyOptions(cookies: BigUint64Array, sharing: 'reuseport' | 'reuseaddr'): void
  /**
   * Tells that these sockets are in another kernel group than the others with their key, by BPF. 0: they are in the
   * first; 1 to 255: in a further one. The next refresh has a group for each.
   */
  applyKernelGroup(cookies: BigUint64Array, number: number): void
  /**
   * The kernel lookup: for each remote, the cookie of the socket that the kernel picks, 0 for none (a sock_diag get
   * without a cookie, see `common/kernel_lookup.h`). `remotes` holds 18 bytes each: address (16), port (network order).
   */
  probe(request: ProbeRequest): Promise<ProbeAnswer>
  /**
   * The network interfaces of an open namespace, up or down, ordered by index; null if rtnetlink(7) reported no change
   * since the last call. Needs no permissions.
   */
  readInterfaces(netns: number): Promise<readonly NetworkInterface[] | null>
  /**
   * Sends one request, header included, to rtnetlink or nfnetlink in an open namespace, over a separate connection.
   * Resolves to the concatenated messages of the reply, each aligned to four bytes. Rejects with the kernel's error.
   */
  query(request: { netns: number; family: 'route' | 'netfilter'; request: Uint8Array }): Promise<Uint8Array>
  /**
   * Network namespaces with a BPF program for the socket lookup (sk_lookup). Rejects with EPERM without CAP_SYS_ADMIN.
   */
  findLookupPrograms(): Promise<Uint32Array>
  /**
   * Whether this kernel's sock_diag lists TCP sockets that are bound but not listening (Linux 6.8 and later). Tested by
   * binding one in the caller's own namespace for the duration of a dump. Rejects with the kernel's error.
   */
  listsBoundTcp(): Promise<boolean>
  /**
   * Sockets of one local port (0: all): `receiving` ones, in kernel lookup order, or `established` TCP connections, or
   * those `waiting` in an accept queue, or all `connections`, including TIME_WAIT. See `common/port_dump.h`.
   */
  dumpPort(request: PortRequest): Promise<PortDump>
  /** The current SO_INCOMING_CPU of sockets of the last frame, as `incoming_cpu` in their rows. */
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
  readonly state: 'receiving' | 'established' | 'waiting' | 'connections'
  readonly port: number
}
/** Columns, one entry per socket. */
export type PortDump = {
  readonly cookies: BigUint64Array
  /** 0 for a connection that was not accepted yet. */
  readonly inodes: Uint32Array
  /** The lowest pid that holds it, from the last holder scan; 0 for no readable process. */
  readonly pids: Uint32Array
  readonly ports: Uint16Array
  /** Local addresses, 16 bytes each, network order; IPv4 in the first four. */
  readonly addresses: Uint8Array
  /** Bound interface: a connection has its listener's. 0 for none. */
  readonly interfaces: Uint32Array
  readonly remotePorts: Uint16Array
  readonly remoteAddresses: Uint8Array
  /** 0 for one that no process holds any more. */
  readonly uids: Uint32Array
  /** As the kernel numbers them (include/net/tcp_states.h). */
  readonly states: Uint8Array
  /** For `waiting`: since the handshake; 0xffffffff if not known. */
  readonly waitedMs: Uint32Array
  /** For `connections`: `kOptionsFromSocket` and the other bits of `common/rows.def`, 0 if not readable. */
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
  /** Index of the ingress interface; 0 for any. */
  readonly interface: number
  readonly remotes: Uint8Array
  /** Distributes the remotes over all CPUs: a member with SO_INCOMING_CPU is found only from its own. */
  readonly everyCpu?: boolean
}
/** One entry per remote, in the order of the request. */
export type ProbeAnswer = {
  /** The socket that receives; 0 for none. */
  readonly cookies: BigUint64Array
  /** State of the socket found, numbered as in `common/rows.def`; 0 for none, 255 for a connection with that tuple. */
  readonly states: Uint8Array
  /** 0, or the errno of any error but "none". */
  readonly errnos: Int32Array
  readonly durationMs: number
}

/** What a program answered, or why it did not: it ended (`status` or `signal`), or the time was over (neither). */
export type ProgramAnswer =
  | { readonly line: string }
  | {
      readonly line: null
      /** The beginning of its standard error, if it ended. */
      readonly errorText: string
      readonly status: number | null
      readonly signal: number | null
    }

/**
 * A program that answers each line on its standard input with one line on its standard output. It is killed when the
 * thread that started it ends.
 */
export interface LineProgram {
  /** Sends an empty line. Calls must not overlap. */
  ask(timeoutMs: number): Promise<ProgramAnswer>
  /** Kills it. */
  end(): void
}

export interface Addon {
  /** What `layout.generated.ts` was written from. */
  readonly layout: typeof layout
  readonly Reader: new () => Reader
  /** Starts the program at `path` with one argument, in a session of its own. Throws a NativeError. */
  readonly LineProgram: new (
    path: string,
    argument: string,
  ) => LineProgram
  /**
   * Connects to the abstract unix socket `name` (without its leading NUL) if user `uid` listens on exactly that name.
   * Returns a descriptor that the caller must close; null if nothing listens there or another user does, to whom
   * nothing is sent. Throws a NativeError: EAGAIN if the accept queue is full.
   */
  connectAbstract(name: string, uid: number): number | null
  /**
   * From now on SIGINT and SIGTERM, which must already have listeners, end this process with `status` after
   * `gracePeriodMs` at the latest, whatever its threads do. Throws a NativeError.
   */
  endAfterSignal(gracePeriodMs: number, status: number): void
}

/** What the addon throws and rejects with: the operation, and the kernel's error. */
export type NativeError = Error & { readonly operation: string; readonly errno: number; readonly code: string }

/** True for an error from the kernel through the addon. */
export function isNativeError(error: unknown): error is NativeError {
  return error instanceof Error && 'operation' in error && 'errno' in error
}

/**
 * Loads the addon from `path`. The packaged application passes its resources path; elsewhere the front that starts the
 * engine finds the built file next to this source. Throws where it is not the addon that
 * `layout.generated.ts` describes.
 */
export function loadAddon(path: string): Addon {
  const addon = createRequire(import.meta.url)(path) as Addon
  if (textOf(addon.layout) === textOf(layout)) return addon
  throw new Error('native/layout.generated.ts does not describe the native addon: run npm run build:native')
}

/** Both come from `common/rows.def`, in its order. util.isDeepStrictEqual takes 3 ms to load. */
function textOf(value: Addon['layout']): string {
  return JSON.stringify(value, (_, field: unknown) => (typeof field === 'bigint' ? `${field}n` : field))
}
