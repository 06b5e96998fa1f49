/**
 * What /proc says about a process beyond the owner scan: command line, executable, cgroup with its unit or container.
 * Every answer is about the requested process: its start time is compared after reading, so a reused pid gives
 * "unknown", never another process's facts.
 */
import { readFileSync, readlinkSync } from 'node:fs'
import type { Process } from '../../contract/live.ts'
import { commandLineOf, startTimeOf } from '../common/process-files.ts'
import { TimeSlice } from '../common/time-slice.ts'
import { type Placement, placementOf, shortContainerName, UNKNOWN_PLACEMENT } from './cgroup.ts'
import type { ScannedProcess } from './process-table.ts'

/** A process changes most in its first moments (fork, exec, setproctitle), so an early reading is soon repeated. */
const MIN_TRUST_MS = 1000
const MAX_TRUST_MS = 60_000

type CacheEntry = {
  readonly startTime: number | null
  readonly command: string
  readonly placement: Placement
  readonly trustedUntil: number
  commandLine?: readonly string[] | null
  executable?: string | null
}

export class ProcessDetails {
  readonly #root: string
  readonly #now: () => number
  readonly #cache = new Map<number, CacheEntry>()
  #generation = 0

  /** `root` is where procfs is mounted, `now` a clock in milliseconds since 1970. */
  constructor(root = '/proc', now = Date.now) {
    this.#root = root
    this.#now = now
  }

  /** Grows when the unit or the container of a process changes. */
  get generation(): number {
    return this.#generation
  }

  /**
   * Reads the cgroups of processes that are new, renamed, or were read long ago (at most a minute; a young process
   * sooner), and drops every process that is not among them. Files are read on this thread, some 20 µs each: with
   * promises each would cost ten times as much, because open, fstat, read and close would each cross to another thread
   * and back.
   */
  async load(processes: Iterable<ScannedProcess>): Promise<void> {
    const present = new Set<number>()
    const due: ScannedProcess[] = []
    for (const process of processes) {
      present.add(process.pid)
      if (!this.#fresh(process)) due.push(process)
    }
    for (const pid of this.#cache.keys()) if (!present.has(pid)) this.#cache.delete(pid)
    const slice = new TimeSlice()
    for (const process of due) {
      if (slice.expired) await slice.next()
      this.#read(process, this.#placement(process))
    }
  }

  /** The name that people use: the container's short name or the systemd unit; null where neither is known. */
  service(process: ScannedProcess): string | null {
    return this.containerName(process) ?? this.#of(process)?.placement.unit ?? null
  }

  /** The short name of its container; null where its cgroup names none. */
  containerName(process: ScannedProcess): string | null {
    const container = this.#of(process)?.placement.container ?? null
    return container && shortContainerName(container)
  }

  /** All details; null when the process was not loaded, or is gone. */
  describe(process: ScannedProcess): Omit<Process, 'user'> | null {
    const known = this.#of(process)
    if (!known) return null
    if (known.commandLine === undefined || this.#now() >= known.trustedUntil) {
      const commandLine = this.#commandLine(process.pid)
      const executable = this.#executable(process.pid)
      // A process that hides its start time hides the rest too: nothing could then be another's.
      const startTime = this.#startTime(process.pid)
      if (startTime === 'gone' || (startTime !== null && startTime !== process.startTime)) return null
      known.commandLine = commandLine
      known.executable = executable
    }
    return {
      pid: process.pid,
      command: process.command,
      commandLine: known.commandLine === null ? null : [...known.commandLine],
      executable: known.executable ?? null,
      startedAt: process.startedAt,
      uid: process.uid,
      ...known.placement,
    }
  }

  #of(process: ScannedProcess): CacheEntry | null {
    const known = this.#cache.get(process.pid)
    return known?.startTime === process.startTime ? known : null
  }

  #fresh(process: ScannedProcess): boolean {
    const known = this.#of(process)
    return known !== null && known.command === process.command && this.#now() < known.trustedUntil
  }

  #read(process: ScannedProcess, placement: Placement): void {
    const before = this.#of(process)?.placement ?? UNKNOWN_PLACEMENT
    const same = before.cgroup === placement.cgroup
    if (!same) this.#generation++
    const now = this.#now()
    const age = process.startedAt === null ? 0 : now - Date.parse(process.startedAt)
    const trust = Math.min(Math.max(age, MIN_TRUST_MS), MAX_TRUST_MS)
    this.#cache.set(process.pid, {
      startTime: process.startTime,
      command: process.command,
      placement: same ? before : placement,
      trustedUntil: now + trust,
    })
  }

  #placement(process: ScannedProcess): Placement {
    try {
      const text = readFileSync(`${this.#root}/${process.pid}/cgroup`, 'utf8')
      const startTime = this.#startTime(process.pid)
      return startTime === process.startTime ? placementOf(text) : UNKNOWN_PLACEMENT
    } catch {
      return UNKNOWN_PLACEMENT
    }
  }

  #commandLine(pid: number): string[] | null {
    try {
      return commandLineOf(readFileSync(`${this.#root}/${pid}/cmdline`))
    } catch {
      return null
    }
  }

  /** As the kernel reports it: " (deleted)" marks a program that was replaced while it ran. Needs ptrace access. */
  #executable(pid: number): string | null {
    try {
      return readlinkSync(`${this.#root}/${pid}/exe`)
    } catch {
      return null
    }
  }

  /** Clock ticks since boot; null where it cannot be read. */
  #startTime(pid: number): number | null | 'gone' {
    try {
      // As UTF-8, which Node reads in one call and without a buffer of 64 KiB; an invalid comm comes before the fields.
      return startTimeOf(readFileSync(`${this.#root}/${pid}/stat`, 'utf8'))
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null
      return code === 'ENOENT' || code === 'ESRCH' ? 'gone' : null
    }
  }
}
