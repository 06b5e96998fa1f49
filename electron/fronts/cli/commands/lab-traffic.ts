/** `lab traffic ID`: sends traffic, shows progress, and prints what each worker received. */
import type { Lab, TrafficRequest } from '../../../contract/lab.ts'
import type { Context } from '../context.ts'
import { ExitStatus } from '../exit-status.ts'
import { Failure } from '../failure.ts'
import { printJson } from '../json.ts'
import { labDocument } from '../lab/document.ts'
import { followLab } from '../lab/follow.ts'
import { LiveLine } from '../lab/live-line.ts'
import { print } from '../terminal.ts'
import { line } from '../text.ts'

export type LabTrafficOptions = Omit<TrafficRequest, 'id' | 'rate' | 'seconds'> & {
  readonly rate?: number
  /** Milliseconds. */
  readonly duration: number
  readonly json?: boolean
}

/** Sends until it is done or interrupted. Failed where the sending process was killed. */
export async function labTraffic(id: string, options: LabTrafficOptions, context: Context): Promise<ExitStatus> {
  const { json, rate, duration, ...request } = options
  const { terminal } = context
  const { formatLatency, formatTrafficRate, formatTraffic, trafficPage } = await import('../pages/lab-page.ts')
  const interrupted = context.interruption()
  const client = await context.connect()
  const { labs } = await client.lab.changes({})
  const before = labs.find((lab) => lab.id === id)?.workers.map(({ received }) => received) ?? []
  const started = await client.lab.traffic({ id, rate: rate ?? null, seconds: duration / 1000, ...request })
  const ended = await follow()
  if (json === true) await printJson(terminal, labDocument(ended))
  else {
    await print(terminal, trafficPage(ended, before, terminal.width))
  }
  return ended.traffic?.failed === true ? ExitStatus.Failed : ExitStatus.Success

  async function follow(): Promise<Lab> {
    await using live = new LiveLine(terminal)
    let latest = started
    try {
      await followLab(client, interrupted, async ({ labs }) => {
        const lab = labs.find((candidate) => candidate.id === id)
        if (lab === undefined) throw new Failure(`Lab ${id} has ended, and its traffic too.`)
        latest = lab
        if (lab.traffic === null) return true
        const { latency } = lab.traffic
        const parts = [
          formatTraffic(lab.traffic),
          formatTrafficRate(lab.traffic),
          ...(latency === null ? [] : [formatLatency(latency)]),
        ]
        await live.show(line(parts.join('; ')))
        return lab.traffic.endedAt !== null
      })
      return latest
    } catch (error) {
      if (!interrupted.aborted) throw error
      return client.lab.stopTraffic({ id })
    }
  }
}
