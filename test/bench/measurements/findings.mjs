/** Balance and findings, looked for in every refresh. */
import { makeListeners, makeNamespace, startProbe } from '../machine.mjs'
import { atMost, result, summarise } from '../statistics.mjs'
import { FIRST_PORT } from './crowd.mjs'

const GROUPS = 10_000

export async function findings({ rounds }) {
  const namespace = makeNamespace()
  const end = await makeListeners(namespace, GROUPS, 2, true)
  const probe = startProbe(namespace)
  const { costs, changed } = await probe.ask('findings', { rounds, port: FIRST_PORT, groups: GROUPS })
  await probe.end()
  await end()
  const what = `balance and findings in a refresh, ${changed} groups changed of ${GROUPS}`
  return [result(what, 'ms of the engine', summarise(costs), { budget: atMost(20) })]
}
