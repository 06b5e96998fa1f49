/** The process that is measured: where its addon is, and what it uses. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** From dist/bench/, where the bundle lies. */
export const addonPath = fileURLToPath(new URL('../../native/build/Release/reuseport.node', import.meta.url))

export function usage() {
  globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  return {
    rss,
    /** Without what is mapped from files: the text of Node is there once for all of its processes. */
    own: memoryLine('RssAnon'),
    heapUsed,
    external,
    cpuMs: (user + system) / 1000,
    descriptors: readdirSync('/proc/self/fd').length,
  }
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
