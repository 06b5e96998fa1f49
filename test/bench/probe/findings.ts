/** What balance and findings cost in a refresh, on the engine's own thread. */
import { createSocket } from 'node:dgram'
import { performance } from 'node:perf_hooks'
import { Analysis } from '../../../electron/engine/analysis/analysis.ts'
import { Inspection } from '../../../electron/engine/inspection.ts'
import { Sampler } from '../../../electron/engine/sampler.ts'
import { loadAddon } from '../../../native/index.ts'
import { addonPath } from './process.ts'

/** What is set off by a refresh and goes on after it has had its time by then. */
const SETTLE_MS = 300

/** Sends one datagram to each of `groups` UDP ports from `port` on before each refresh, so that all of them change. */
export async function findings(request: { rounds: number; port: number; groups: number }) {
  const inspection = new Inspection(loadAddon(addonPath))
  const sampler = new Sampler(inspection, 60_000)
  const analysis = new Analysis(inspection, sampler, 'bench')
  let observing = 0
  let changed = 0
  inspection.onPicture = (picture) => {
    const began = performance.now()
    analysis.watch.observe(picture)
    observing += performance.now() - began
    changed = 0
    for (let row = 0; row < picture.groups.count; row++) if (picture.changed(row) === picture.refresh) changed++
  }
  const sender = createSocket('udp4')
  const send = (port: number) =>
    new Promise<void>((resolve, reject) =>
      sender.send('x', port, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
    )
  for (let round = 0; round < 3; round++) await sampler.read('now', async () => undefined)

  const costs: number[] = []
  for (let round = 0; round < request.rounds; round++) {
    for (let group = 0; group < request.groups; group++) await send(request.port + group)
    observing = 0
    await sampler.read('due', async () => undefined)
    const after = performance.eventLoopUtilization()
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    costs.push(observing + performance.eventLoopUtilization(after).active)
  }
  sender.close()
  await sampler.close()
  inspection.close()
  return { costs, changed, raised: analysis.watch.raised.size }
}
