/** The native layer alone, on one reader. Durations are in milliseconds. */
import { loadAddon } from '../../../native/index.ts'
import { addonPath } from './process.ts'

const reader = new (loadAddon(addonPath).Reader)()
const netns = await reader.openNamespace(null)

/** A complete refresh: dump, deduplicate, group, compare. */
export async function refresh(request: { rounds: number; memory: boolean; bound: boolean }) {
  const durations: number[] = []
  let sockets = 0
  let groups = 0
  let passes = 0
  for (let round = 0; round < request.rounds; round++) {
    const { frame, durationMs, passes: made } = await reader.refresh(request)
    durations.push(durationMs)
    sockets = frame.socketCount
    groups = frame.groupCount
    passes = made
  }
  return { durations, sockets, groups, passes }
}

export async function owners({ rounds, full }: { rounds: number; full: boolean }) {
  const durations: number[] = []
  for (let round = 0; round < rounds; round++) durations.push((await reader.scanHolders({ full })).durationMs)
  return { durations }
}

/** Kernel lookups for a group on 127.0.0.1, with clients of the unused network 198.51.100.0/24 (RFC 5737). */
export async function lookup({ rounds, port, probes }: { rounds: number; port: number; probes: number }) {
  const remotes = new Uint8Array(18 * probes)
  for (let probe = 0; probe < probes; probe++) {
    remotes.set([198, 51, 100, probe >> 16], 18 * probe)
    remotes.set([(probe >> 8) & 0xff, probe & 0xff], 18 * probe + 16)
  }
  const localAddress = new Uint8Array(16)
  localAddress.set([127, 0, 0, 1])
  const rates: number[] = []
  let members = 0
  for (let round = 0; round < rounds; round++) {
    const { cookies, durationMs } = await reader.probe({
      netns,
      protocol: 'tcp',
      family: 4,
      localAddress,
      localPort: port,
      interface: 0,
      remotes,
    })
    rates.push((1000 * probes) / durationMs)
    members = new Set(cookies).size
  }
  return { rates, members }
}

export function close(): void {
  reader.close()
}
