/** Snapshots of all sockets: saved, opened, compared. */
import { startProbe } from '../machine.mjs'
import { atMost, result, summarize } from '../statistics.mjs'
import { crowded } from './crowd.mjs'

const ROUNDS = 4

export async function snapshots(settings) {
  const { namespace } = await crowded(settings)
  const probe = startProbe(namespace)
  const { saves, peaks, opens, compares, sockets } = await probe.ask('snapshots', { rounds: ROUNDS })
  await probe.end()
  const megabytes = summarize(peaks.map((bytes) => bytes / 1e6))
  return [
    result(`snapshot of ${sockets} sockets, saved`, 'ms', summarize(saves), { budget: atMost(2000) }),
    result('additional memory while it is saved', 'MB', megabytes, { budget: atMost(200) }),
    result('the same opened', 'ms', summarize(opens), { budget: atMost(2000) }),
    result('two of them compared', 'ms', summarize(compares), { budget: atMost(1000) }),
  ]
}
