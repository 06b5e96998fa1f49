/** Every network namespace that can be entered, opened for reading, with the name that people know. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type HeldNamespace, isNativeError, type Reader } from '../../../native/index.ts'
import type { Namespace } from '../../contract/model.ts'
import type { Interfaces } from './interfaces.ts'
import type { ScannedProcess } from './process-table.ts'

/** Where `ip netns`, container runtimes and Docker pin namespaces to a name (ip-netns(8)). */
const PINNED: readonly string[] = ['/run/netns', '/run/docker/netns']
/** Generated names: of CNI plugins (containerd, CRI-O), Podman and Docker. The container's name says more. */
const RANDOM_NAME = /^(?:(?:cni|netns)-[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{12})$/

/** NET_NS_INIT_INO, since Linux 6.18; older kernels number the first namespace like any other. */
const INITIAL_NAMESPACE = 0xeffffff9
/** PROC_PID_INIT_INO: the PID namespace that the machine booted with, since Linux 3.8. */
const INITIAL_PID_NAMESPACE = 0xeffffffc

/** Refused for lack of permission, which does not change; a lack of descriptors or memory is tried again. */
const REFUSALS: ReadonlySet<string> = new Set(['EPERM', 'EACCES'])

/** Descriptors that one namespace may need: itself, sock_diag, the lookup, its interfaces. */
const DESCRIPTORS_PER_NAMESPACE = 4
/** Descriptors that namespaces must leave free: other users can create any number of namespaces. */
const DESCRIPTOR_RESERVE = 64

/** The reason for a name on which no network namespace is mounted: what an interrupted `ip netns` leaves behind. */
const NOT_MOUNTED = 'not mounted'

/** A namespace that exists but cannot be entered. */
export type InaccessibleNamespace = { inode: number; name: string; reason: string }

/** Where it was found: a path, or a held socket in it; null for the engine's own, which is never released. */
type KnownNamespace = { name: string; at: string | HeldNamespace | null }

export class Namespaces {
  readonly #reader: Reader
  readonly #interfaces: Interfaces
  readonly #containerOf: (process: ScannedProcess) => string | null
  readonly #pinned: readonly string[]
  readonly #spare: () => number
  readonly #open = new Map<number, KnownNamespace>()
  readonly #closed = new Map<number, InaccessibleNamespace>()
  #self: number | null = null
  #held: readonly HeldNamespace[] = []
  /** Held sockets whose namespace was not looked up yet: it may be one that is not shown. */
  uncheckedSockets = 0

  /**
   * `pinned`: the directories where namespaces have names. `spare`: how many descriptors this process may still open.
   */
  constructor(
    reader: Reader,
    interfaces: Interfaces,
    containerOf: (process: ScannedProcess) => string | null,
    pinned = PINNED,
    spare = spareDescriptors,
  ) {
    this.#spare = spare
    this.#pinned = pinned
    this.#reader = reader
    this.#interfaces = interfaces
    this.#containerOf = containerOf
  }

  /** Inode of the engine's own; null before it is open. */
  get self(): number | null {
    return this.#self
  }

  /** Opens the engine's own. Rejects where sock_diag is refused: then nothing can be shown. */
  async openOwn(): Promise<void> {
    const inode = await this.#reader.openNamespace(null)
    // From the kernel, not from /proc/self/ns/net: /proc may not be mounted.
    this.#self = inode
    this.#open.set(inode, { name: isHost(inode) ? 'host' : 'this namespace', at: null })
  }

  /**
   * Looks for namespaces without process and name in which a socket is held, querying at most `limit` sockets. True
   * where discover() has something to open or to release. Uses the last owner scan and the last frame.
   */
  async searchHeld(limit: number): Promise<boolean> {
    const { found, remaining } = await this.#reader.searchHeldNamespaces({ limit })
    this.#held = found
    this.uncheckedSockets = remaining
    const held = new Set(found.map(({ netns }) => netns))
    return (
      found.some(({ netns }) => !this.#open.has(netns) && !this.#closed.has(netns)) ||
      [...this.#open].some(([inode, { at }]) => at !== null && typeof at === 'object' && !held.has(inode))
    )
  }

  /**
   * Opens new namespaces and releases those that every process and name has left: an open descriptor keeps a namespace
   * alive.
   */
  async discover(processes: Iterable<ScannedProcess>): Promise<void> {
    const found = this.#find(processes)
    let spare: number | null = null
    for (const inode of [...this.#open.keys()]) {
      if (inode !== this.self && !found.has(inode)) this.#close(inode)
    }
    for (const inode of this.#closed.keys()) if (!found.has(inode)) this.#closed.delete(inode)
    for (const [inode, known] of found) {
      const { name, at } = known
      if (this.#open.has(inode)) {
        this.#open.set(inode, known)
      } else if (at !== null && !REFUSALS.has(this.#closed.get(inode)?.reason ?? '')) {
        spare ??= this.#spare()
        if (spare < DESCRIPTOR_RESERVE + DESCRIPTORS_PER_NAMESPACE) {
          this.#closed.set(inode, { inode, name, reason: 'EMFILE' })
          continue
        }
        spare -= DESCRIPTORS_PER_NAMESPACE
        await this.#enter(inode, name, at)
      }
    }
  }

  /**
   * Releases known namespaces that everything else has left, without a scan: for times when nothing is read, so that
   * nothing calls discover().
   */
  releaseUnused(processes: Iterable<ScannedProcess>): void {
    const left = [...this.#open].filter(([inode, { at }]) => inode !== this.self && !stillExists(inode, at))
    if (left.length === 0) return
    this.#held = this.#held.filter((socket) => isHeld(socket))
    const inodes = new Set(left.map(([inode]) => inode))
    const there = [...processes].filter(
      ({ pid, netns }) => netns !== null && inodes.has(netns) && inodeOf(namespacePath(pid)) === netns,
    )
    const found = this.#find(there)
    for (const inode of inodes) {
      const known = found.get(inode)
      if (known) this.#open.set(inode, known)
      else this.#close(inode)
    }
  }

  /** The name of a namespace that is open; null for any other. */
  nameOf(inode: number): string | null {
    return this.#open.get(inode)?.name ?? null
  }

  list(): Namespace[] {
    return [...this.#open]
      .map(([inode, { name }]) => ({ inode, name, self: inode === this.self }))
      .sort((a, b) => Number(b.self) - Number(a.self) || (a.name < b.name ? -1 : 1))
  }

  /** Those left out for lack of descriptors or memory, not of permission. */
  leftOut(): InaccessibleNamespace[] {
    return this.inaccessible().filter(({ reason }) => !REFUSALS.has(reason))
  }

  inaccessible(): InaccessibleNamespace[] {
    return [...this.#closed.values()].filter(({ reason }) => reason !== NOT_MOUNTED)
  }

  /** Names in the directories of namespaces that stand for none. */
  namesOfNone(): string[] {
    return [...this.#closed.values()].filter(({ reason }) => reason === NOT_MOUNTED).map(({ name }) => name)
  }

  async #enter(inode: number, name: string, at: string | HeldNamespace): Promise<void> {
    try {
      const opened =
        typeof at === 'string' ? await this.#reader.openNamespace(at) : await this.#reader.openHeldNamespace(at)
      this.#open.set(opened, { name: opened === inode ? name : `${opened}`, at })
      this.#closed.delete(inode)
    } catch (error) {
      if (!isNativeError(error)) throw error
      // One that vanished in between was not refused: it no longer exists.
      if (error.code !== 'ENOENT' && error.code !== 'ESRCH' && error.code !== 'EBADF')
        this.#closed.set(inode, { inode, name, reason: this.#isNone(at, error.code) ? NOT_MOUNTED : error.code })
    }
  }

  /** Whether opening it failed because the name stands for no network namespace. */
  #isNone(at: string | HeldNamespace, code: string): boolean {
    return code === 'EINVAL' && typeof at === 'string' && this.#pinned.includes(dirname(at))
  }

  #close(inode: number): void {
    this.#reader.closeNamespace(inode)
    this.#interfaces.forget(inode)
    this.#open.delete(inode)
  }

  #find(processes: Iterable<ScannedProcess>): Map<number, KnownNamespace> {
    const oldest = new Map<number, ScannedProcess>()
    const commands = new Map<number, string>()
    for (const process of processes) {
      commands.set(process.pid, process.command)
      if (process.netns === null) continue
      const other = oldest.get(process.netns)
      if (!other || (process.startTime ?? Infinity) < (other.startTime ?? Infinity)) oldest.set(process.netns, process)
    }
    const found = new Map<number, KnownNamespace>()
    for (const [inode, process] of oldest) {
      const name = isHost(inode)
        ? 'host'
        : (this.#containerOf(process) ?? (inode === this.self ? 'this namespace' : `${process.command} ${process.pid}`))
      found.set(inode, { name, at: namespacePath(process.pid) })
    }
    for (const directory of this.#pinned) {
      for (const name of namesIn(directory)) {
        const path = `${directory}/${name}`
        const inode = inodeOf(path)
        if (inode === null) continue
        const known = found.get(inode)?.name
        // Docker also pins the host's, as "default".
        if (known === undefined || (known !== 'host' && !RANDOM_NAME.test(name))) found.set(inode, { name, at: path })
      }
    }
    for (const socket of this.#held) {
      if (found.has(socket.netns)) continue
      found.set(socket.netns, { name: `held by ${commands.get(socket.pid) ?? 'process'} ${socket.pid}`, at: socket })
    }
    return found
  }
}

/**
 * The namespace that the machine booted with: by its number (linux/nsfs.h), or as that of the machine's first process,
 * which only root can read. A container has a process 1 of its own.
 */
function isHost(inode: number): boolean {
  if (inode === INITIAL_NAMESPACE) return true
  return inodeOf('/proc/1/ns/pid') === INITIAL_PID_NAMESPACE && inode === inodeOf('/proc/1/ns/net')
}

function namespacePath(pid: number): string {
  return `/proc/${pid}/ns/net`
}

/** How many more descriptors this process may open; unlimited where /proc does not say. */
function spareDescriptors(): number {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return limit === undefined ? Number.POSITIVE_INFINITY : Number(limit) - readdirSync('/proc/self/fd').length
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function stillExists(inode: number, at: KnownNamespace['at']): boolean {
  if (at === null) return false
  return typeof at === 'string' ? inodeOf(at) === inode : isHeld(at)
}

function isHeld({ pid, fd, inode }: HeldNamespace): boolean {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`
  } catch {
    return false
  }
}

function inodeOf(path: string): number | null {
  try {
    return statSync(path).ino
  } catch {
    return null
  }
}
