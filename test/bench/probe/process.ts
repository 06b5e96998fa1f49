/** The process that is measured: where its addon is, and what it uses. */
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** From dist/bench/, where the bundle lies. */
export const addonPath = fileURLToPath(new URL('../../native/build/Release/reuseport.node', import.meta.url))

/** Looks at the open descriptors, so many and so far apart: what lives for a moment on a worker thread does not last. */
const LOOKS = 5
const APART_MS = 100

/** Milliseconds of all threads so far. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

export async function usage() {
  globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  return {
    rss,
    /** Without what is mapped from files: the text of Node is there once for all of its processes. */
    own: memoryLine('RssAnon'),
    heapUsed,
    external,
    descriptors: await lastingDescriptors(),
  }
}

/** Descriptors that are there in every look, as "7 socket:[4711]". */
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
      // That of the list itself, or one that was closed since.
      return []
    }
  })
}

/** Begins to look for the most memory that this process has; the answer gives how much more than now that was, in bytes. */
export function watchPeak(): () => number {
  globalThis.gc?.()
  // Sets the peak to what there is now (proc(5), clear_refs).
  writeFileSync('/proc/self/clear_refs', '5')
  const before = memoryLine('VmRSS')
  return () => memoryLine('VmHWM') - before
}

function memoryLine(name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'latin1'))
  return Number(line?.[1]) * 1024
}
