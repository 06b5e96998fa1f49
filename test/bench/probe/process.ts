/** The measured process: the path of its addon, and its use of resources. */
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** From dist/bench/, where the bundle is. */
export const addonPath = fileURLToPath(new URL('../../native/build/Release/reuseport.node', import.meta.url))

/** Open descriptors are read this often and this far apart, to leave out short-lived ones of worker threads. */
const LOOKS = 5
const APART_MS = 100

/** Processor time of all threads so far, in milliseconds. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Processor time so far of the processes that this one started and that still run, in milliseconds: the BPF readers. */
export function childrenMs(): number {
  const pids = readFileSync('/proc/thread-self/children', 'latin1').split(' ').filter(Boolean)
  return pids.reduce((sum, pid) => sum + scheduledMs(`/proc/${pid}/schedstat`), 0)
}

/** Processor time of this thread so far, in milliseconds. */
export function threadMs(): number {
  // The kernel updates the number at a tick, every few milliseconds, and when the whole process's time is read.
  process.cpuUsage()
  return scheduledMs('/proc/thread-self/schedstat')
}

/** The first number of schedstat (proc(5)). */
function scheduledMs(path: string): number {
  return Number(readFileSync(path, 'latin1').split(' ')[0]) / 1e6
}

export async function usage() {
  globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  return {
    rss,
    /** Without pages mapped from files: all processes of Node share its text. */
    own: memoryLine('RssAnon'),
    heapUsed,
    external,
    descriptors: await lastingDescriptors(),
  }
}

/** Descriptors that are present every time, as "7 socket:[4711]". */
async function lastingDescriptors(): Promise<string[]> {
  let lasting = openDescriptors()
  for (let look = 1; look < LOOKS; look++) {
    await setTimeout(APART_MS)
    const open = new Set(openDescriptors())
    lasting = lasting.filter((each) => open.has(each))
  }
  return lasting
}

function openDescriptors(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`]
    } catch {
      // The descriptor of the list itself, or one that was closed since.
      return []
    }
  })
}

/** Starts measuring peak memory; the returned function gives the increase over now, in bytes. */
export function watchPeak(): () => number {
  globalThis.gc?.()
  // Resets the peak to the current value (proc(5), clear_refs).
  writeFileSync('/proc/self/clear_refs', '5')
  const before = memoryLine('VmRSS')
  return () => memoryLine('VmHWM') - before
}

function memoryLine(name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'latin1'))
  return Number(line?.[1]) * 1024
}
