/** What a process is doing right now, from /proc. */
import { readFileSync } from 'node:fs'
import type { Worker } from '../../../contract/steps.ts'

/** proc(5), /proc/PID/stat, field 3. */
const STATES: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleeping',
  D: 'uninterruptible sleep',
  T: 'stopped',
  t: 'stopped by a debugger',
  Z: 'zombie',
  X: 'dead',
  I: 'idle',
}

/** State, wait channel and threads; null where they cannot be read. */
export function workerState(
  pid: number,
  root = '/proc',
): Pick<Worker, 'state' | 'stateMeaning' | 'waitsIn' | 'threads'> {
  const status = read(`${root}/${pid}/status`)
  const state = /^State:\s+(\S)/m.exec(status ?? '')?.[1] ?? null
  const threads = /^Threads:\s+(\d+)/m.exec(status ?? '')?.[1]
  const wchan = read(`${root}/${pid}/wchan`)?.trim()
  return {
    state,
    stateMeaning: state === null ? null : (STATES[state] ?? null),
    // "0" without the permission to trace it, and while it runs.
    waitsIn: wchan === undefined || wchan === '' || wchan === '0' ? null : wchan,
    threads: threads === undefined ? null : Number(threads),
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
