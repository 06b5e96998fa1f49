/** The kernel lookup: probes per second. */
import { atLeast, result, summarize } from '../statistics.mjs'
import { crowded, FIRST_PORT, MEMBERS } from './crowd.mjs'

export async function lookup(settings) {
  const { probe } = await crowded(settings)
  const { rates, members } = await probe.ask('lookup', { rounds: settings.rounds, port: FIRST_PORT, probes: 20_000 })
  const what = `kernel lookup, a group of ${MEMBERS} (${members} of them answered)`
  return [result(what, 'probes per second', summarize(rates), { budget: atLeast(150_000) })]
}
