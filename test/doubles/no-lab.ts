/** The lab procedures of an engine without a lab: nothing runs, nothing starts. */
import { implement } from '@orpc/server'
import { contract } from '../../electron/contract/contract.ts'

const refusal = { data: { operation: 'the lab', cause: 'this double has none', hint: null } }

export function noLab() {
  const os = implement(contract).lab
  return {
    changes: os.changes.handler(async ({ input, signal }) => {
      if (input.after !== undefined) {
        await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
      }
      return { cursor: '0', labs: [], unresponsive: [], ended: [], run: null }
    }),
    choices: os.choices.handler(() => ({
      user: 'test',
      users: [],
      addresses: ['127.0.0.1', '::1'],
      interfaces: ['lo'],
      cpus: 2,
      maxListeners: 1000,
    })),
    listen: os.listen.handler(({ errors }) => {
      throw errors.NOT_IMPLEMENTED(refusal)
    }),
    add: os.add.handler(({ errors }) => {
      throw errors.NOT_FOUND(refusal)
    }),
    member: os.member.handler(({ errors }) => {
      throw errors.NOT_FOUND(refusal)
    }),
    stop: os.stop.handler(({ errors }) => {
      throw errors.NOT_FOUND(refusal)
    }),
    traffic: os.traffic.handler(({ errors }) => {
      throw errors.NOT_FOUND(refusal)
    }),
    stopTraffic: os.stopTraffic.handler(({ errors }) => {
      throw errors.NOT_FOUND(refusal)
    }),
    recipes: os.recipes.handler(() => []),
    run: os.run.handler(({ errors }) => {
      throw errors.NOT_IMPLEMENTED(refusal)
    }),
    stopRun: os.stopRun.handler(() => null),
  }
}
