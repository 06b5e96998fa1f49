/** All processes, and which of them hold or poll sockets: the last scan of /proc, by pid. */
import { readFileSync, readlinkSync } from 'node:fs'
import type { HolderScan, Reader } from '../../../native/index.ts'
import { layout } from '../../../native/layout.generated.ts'
import { commandLineOf, startTimeOf } from '../common/process-files.ts'
import { fields, Rows } from './frame-rows.ts'
import { isGenericName, programName } from './program-name.ts'

/** A process as the scan read it. */
export type ScannedProcess = {
  pid: number
  /** null where it cannot be read (hidepid). */
  parent: number | null
  /** Clock ticks since boot: with the pid it identifies a process. null where it cannot be read (hidepid). */
  startTime: number | null
  /** The program's name as people know it (program-name.ts). */
  command: string
  /** The name of its main thread, as the kernel reports it. */
  comm: string
  /** ISO time; null where /proc/stat does not have the boot time. */
  startedAt: string | null
  uid: number
  /** null where it cannot be read. */
  netns: number | null
  /** Sockets among its descriptors; null where they cannot be read. */
  sockets: number | null
  epolls: number
}

/** USER_HZ: what /proc counts time in on every Linux that Node runs on (proc(5), sysconf(_SC_CLK_TCK)). */
const TICKS_PER_SECOND = 100

export class ProcessTable {
  /** Grows with every scan whose result differs from the one before. */
  generation = -1
  /** Processes whose descriptors cannot be read. */
  refused = 0
  /** Why /proc cannot be read at all; null when it can. */
  failure: string | null = null
  /** The duration of the last scan, and when it ended (performance.now()). */
  lastScan: { durationMs: number; endedAt: number } | null = null
  readonly #reader: Reader
  readonly #bootMs = bootTimeMs()
  #processes: ReadonlyMap<number, ScannedProcess> = new Map()
  #pollers = new Map<number, { pids: number[]; changed: number }>()
  /** The last scan's pairs, in its order. */
  #polled: { inodes: Uint32Array; pids: Uint32Array } | null = null

  constructor(reader: Reader) {
    this.#reader = reader
  }

  get processes(): ReadonlyMap<number, ScannedProcess> {
    return this.#processes
  }

  /** Scans /proc; true when something changed. */
  async scan(): Promise<boolean> {
    const scan = await this.#reader.scanHolders({ full: false })
    this.lastScan = { durationMs: scan.durationMs, endedAt: performance.now() }
    this.refused = scan.refused
    this.failure = failureOf(scan)
    if (scan.generation === this.generation) return false
    this.generation = scan.generation
    const rows = new Rows('process', scan.processes, scan.processCount)
    const before = this.#processes
    const processes = new Map<number, ScannedProcess>()
    for (let row = 0; row < rows.count; row++) {
      const process = this.#decode(rows, row, before)
      processes.set(process.pid, process)
    }
    for (const process of processes.values()) this.#name(process, before, processes)
    this.#processes = processes
    return true
  }

  /**
   * Reads the epoll sets of processes that hold members of groups. `refresh`: the one with which the readers of streams
   * get the changes.
   */
  async scanPollers(refresh: number): Promise<void> {
    const answer = await this.#reader.scanPollers()
    const before = this.#polled
    this.#polled = answer
    if (before !== null && sameNumbers(before.inodes, answer.inodes) && sameNumbers(before.pids, answer.pids)) return
    const found = new Map<number, number[]>()
    for (const [index, inode] of answer.inodes.entries()) {
      const pid = answer.pids[index]
      if (pid === undefined) continue
      const of = found.get(inode)
      if (of) of.push(pid)
      else found.set(inode, [pid])
    }
    const next = new Map<number, { pids: number[]; changed: number }>()
    for (const [inode, of] of found) {
      const old = this.#pollers.get(inode)
      const same = old !== undefined && old.pids.length === of.length && old.pids.every((pid, at) => pid === of[at])
      next.set(inode, same ? old : { pids: of, changed: refresh })
    }
    // A socket that is no longer polled stays as an empty list, so that readers learn of it.
    for (const [inode, old] of this.#pollers) {
      if (!next.has(inode) && old.pids.length > 0) next.set(inode, { pids: [], changed: refresh })
    }
    this.#pollers = next
  }

  /** Who polls the socket; null before the first scan, or where no poller is known. */
  pollers(inode: number): { pids: number[]; changed: number } | null {
    return this.#pollers.get(inode) ?? null
  }

  /** For a process without sockets the kernel's name is enough. */
  #name(
    process: ScannedProcess,
    before: ReadonlyMap<number, ScannedProcess>,
    now: ReadonlyMap<number, ScannedProcess>,
  ): void {
    if (!isGenericName(process.comm) || process.sockets === null || process.sockets === 0) return
    const old = before.get(process.pid)
    if (old?.startTime === process.startTime && old.comm === process.comm && (old.sockets ?? 0) > 0) {
      process.command = old.command
      return
    }
    const parent = process.parent === null ? undefined : now.get(process.parent)
    if (parent !== undefined) this.#name(parent, before, now)
    const { comm } = process
    process.command = programName({ comm, ...filesOf(process), parent: parent?.command ?? null })
  }

  #startedAt(ticks: number | null): string | null {
    if (ticks === null || this.#bootMs === null) return null
    return new Date(this.#bootMs + (1000 / TICKS_PER_SECOND) * ticks).toISOString()
  }

  #decode(rows: Rows, row: number, before: ReadonlyMap<number, ScannedProcess>): ScannedProcess {
    const at = fields.process
    const pid = rows.u32(row, at.pid)
    const ticks = rows.u64(row, at.start_time)
    const startTime = ticks === layout.numbers.kUnknownStartTime ? null : Number(ticks)
    const old = before.get(pid)
    const same = old?.startTime === startTime ? old : undefined
    const comm = commandText(rows.bytes(row, at.command))
    return {
      pid,
      parent: rows.u32OrNull(row, at.parent),
      startTime,
      command: comm,
      comm,
      startedAt: same?.startedAt ?? this.#startedAt(startTime),
      uid: rows.u32(row, at.uid),
      netns: rows.u32OrNull(row, at.netns),
      sockets: rows.u32OrNull(row, at.sockets),
      epolls: rows.u32OrNull(row, at.epolls) ?? 0,
    }
  }
}

/** Why nothing could be read; null where something was. A listing of processes contains at least our own. */
function failureOf({ failure, processCount }: HolderScan): string | null {
  if (failure !== null) return `${failure.operation}: ${failure.message}`
  return processCount === 0 ? '/proc lists no process: it is not mounted' : null
}

/** What is readable of this very process: its pid may be another's by now. */
function filesOf({ pid, startTime }: ScannedProcess): { executable: string | null; commandLine: string[] | null } {
  const orNull = <T>(read: () => T): T | null => {
    try {
      return read()
    } catch {
      return null
    }
  }
  const executable = orNull(() => readlinkSync(`/proc/${pid}/exe`))
  const commandLine = orNull(() => commandLineOf(readFileSync(`/proc/${pid}/cmdline`)))
  const now = orNull(() => startTimeOf(readFileSync(`/proc/${pid}/stat`, 'utf8')))
  return now === startTime ? { executable, commandLine } : { executable: null, commandLine: null }
}

function sameNumbers(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index])
}

const decoder = new TextDecoder()

function commandText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end))
}

/**
 * When the machine booted, in milliseconds since 1970 (`btime` of /proc/stat, proc(5)); null where that cannot be read.
 */
function bootTimeMs(): number | null {
  try {
    const seconds = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1]
    return seconds === undefined ? null : 1000 * Number(seconds)
  } catch {
    return null
  }
}
