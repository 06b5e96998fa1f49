/** Balance and findings, history and events in every refresh: queues fill before one and are empty again before the next. */
import { makeListeners, makeNamespace, startProbe } from '../machine.mjs'
import { atMost, result, single, summarize } from '../statistics.mjs'
import { FIRST_PORT } from './crowd.mjs'

const GROUPS = 10_000
/** Until V8 has compiled the hot code. */
const WARM_UP = 4

export async function findings({ rounds }) {
  const namespace = makeNamespace()
  const listeners = await makeListeners(namespace, GROUPS, 2, true)
  const probe = startProbe(namespace)
  const refreshes = []
  for (let round = 0; round < WARM_UP + rounds; round++) {
    const request = { first: FIRST_PORT, groups: GROUPS }
    refreshes.push(await probe.ask('findings', { ...request, send: true }))
    await listeners.drain()
    refreshes.push(await probe.ask('findings', { ...request, send: false }))
  }
  await probe.end()
  await listeners.end()
  const measured = refreshes.slice(2 * WARM_UP)
  return [
    result('groups that changed in each refresh', '', single(Math.min(...measured.map((each) => each.changed)))),
    result('balance and findings in a refresh', 'ms', summarize(measured.map(({ cost }) => cost)), {
      budget: atMost(20),
    }),
    result('history and events in a refresh', 'ms', summarize(measured.map(({ remembering }) => remembering)), {
      budget: atMost(1),
    }),
  ]
}
