/**
 * The part of the bench that runs in the engine's own process. Asked in JSON lines on standard input
 * ({"measure": NAME, …}), answers in JSON lines. Every duration is in milliseconds.
 */
import { readdirSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Settings } from '../../electron/contract/settings.ts'
import { startEngine } from '../../electron/engine/engine.ts'
import { memorySettings } from '../../electron/engine/settings-store.ts'
import { loadAddon } from '../../native/index.ts'

// From dist/bench/, where the bundle lies.
const addonPath = fileURLToPath(new URL('../../native/build/Release/reuseport.node', import.meta.url))
const addon = loadAddon(addonPath)
const reader = new addon.Reader()
const netns = await reader.openNamespace(null)

/** The timer of `monitorEventLoopDelay`, which is part of what it records. */
const RESOLUTION_MS = 1

/** What a recorded delay says of the loop, in ms. */
function blocked(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
}

function usage() {
  globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  return { rss, heapUsed, external, cpuMs: (user + system) / 1000, descriptors: readdirSync('/proc/self/fd').length }
}

/** A whole reading: dump, deduplicate, group, compare, in the native layer alone. */
async function refresh(rounds: number, memory: boolean) {
  const durations: number[] = []
  let sockets = 0
  let groups = 0
  let passes = 0
  for (let round = 0; round < rounds; round++) {
    const { frame, durationMs, passes: made } = await reader.refresh({ memory, bound: round % 5 === 0 })
    durations.push(durationMs)
    sockets = frame.socketCount
    groups = frame.groupCount
    passes = made
  }
  return { durations, sockets, groups, passes }
}

async function owners(rounds: number, full: boolean) {
  const durations: number[] = []
  for (let round = 0; round < rounds; round++) durations.push((await reader.scanOwners({ full })).durationMs)
  return { durations }
}

/** Clients of 198.51.100.0/24, which nobody uses (RFC 5737), asked for a group on 127.0.0.1. */
async function oracle(rounds: number, port: number, probes: number) {
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

/** An engine that is watched as a window watches it: every group, and asked again as soon as it answers. */
async function watch(options: { intervalMs: number; seconds: number; refreshes: number | null; warmUp: number }) {
  const engine = startEngine({
    addonPath,
    settings: memorySettings(Settings.parse({ intervalMs: options.intervalMs })),
  })
  let after: string | undefined
  let answers = 0
  let going = true
  const reading = (async () => {
    while (going) {
      const change = await engine.client.groups.changes({ ...(after !== undefined && { after }) })
      after = change.position
      answers++
    }
  })()
  // Everything is read and understood before anything is measured: options come some thousand at a time.
  for (let round = 0; round < options.warmUp; round++) await engine.client.sampling.refresh()
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  const before = usage()
  const started = performance.now()
  delay.enable()
  const durations: number[] = []
  const longest: number[] = []
  if (options.refreshes !== null) {
    for (let round = 0; round < options.refreshes; round++) {
      delay.reset()
      const began = performance.now()
      await engine.client.sampling.refresh()
      durations.push(performance.now() - began)
      // The reader of the stream has its turn, and the timer after it.
      await new Promise((resolve) => setTimeout(resolve, 2 * RESOLUTION_MS))
      longest.push(blocked(delay.max))
    }
  } else {
    await new Promise((resolve) => setTimeout(resolve, options.seconds * 1000))
  }
  delay.disable()
  const elapsedMs = performance.now() - started
  const end = usage()
  const state = await engine.client.sampling.pause({ paused: true })
  going = false
  await engine.close()
  await reading.catch(() => undefined)
  return {
    durations,
    answers,
    refresh: state.refresh,
    intervalMs: state.intervalMs,
    /** The longest time that the loop stood still, for each refresh. */
    longest,
    cpuShare: (end.cpuMs - before.cpuMs) / elapsedMs,
    before,
    after: end,
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as {
    measure: 'refresh' | 'owners' | 'oracle' | 'watch' | 'usage'
    rounds: number
    memory: boolean
    full: boolean
    port: number
    probes: number
    intervalMs: number
    seconds: number
    refreshes: number | null
    warmUp: number
  }
  const measures = {
    refresh: () => refresh(request.rounds, request.memory),
    owners: () => owners(request.rounds, request.full),
    oracle: () => oracle(request.rounds, request.port, request.probes),
    watch: () => watch(request),
    usage: async () => usage(),
  }
  process.stdout.write(`${JSON.stringify(await measures[request.measure]())}\n`)
}
reader.close()
