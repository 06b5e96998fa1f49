/** Answers the part of the contract that is in analysis.ts. */
import { implement } from '@orpc/server'
import { contract } from '../../contract/contract.ts'
import type { Analysis } from '../analyze/analysis.ts'
import { withTypedErrors } from './typed-errors.ts'

export function analysisHandlers(analysis: Analysis) {
  // As in router.ts: output is built from the model's own types.
  const os = implement(contract).$config({ initialOutputValidationIndex: Number.NaN })
  return {
    balance: os.group.balance.handler(({ input, errors }) =>
      withTypedErrors(`measuring the balance of group ${input.id}`, errors, () => analysis.balance(input)),
    ),
    waiting: os.group.waiting.handler(({ input, errors }) =>
      withTypedErrors(`finding who waits in group ${input.id}`, errors, () => analysis.waiting(input.id)),
    ),
    flows: os.group.flows.handler(({ input, errors }) =>
      withTypedErrors(`sampling the clients of group ${input.id}`, errors, () => analysis.flows(input.id)),
    ),
    whatIf: os.group.whatIf.handler(({ input, errors }) =>
      withTypedErrors(`predicting what moves in group ${input.id}`, errors, () =>
        analysis.whatIf(input.id, input.members),
      ),
    ),
    port: os.machine.port.handler(({ input, errors }) =>
      withTypedErrors(`finding who uses port ${input.port}`, errors, () => analysis.port(input)),
    ),
    counters: os.machine.counters.handler(() => analysis.counters()),
    steering: {
      probe: os.steering.probe.handler(({ input, errors }) =>
        withTypedErrors('looking up a client', errors, () => analysis.probe(input)),
      ),
      map: os.steering.map.handler(({ input, errors }) =>
        withTypedErrors('looking up clients', errors, () => analysis.map(input)),
      ),
      path: os.steering.path.handler(({ input, errors }) =>
        withTypedErrors('finding the path of a packet', errors, () => analysis.path(input)),
      ),
    },
  }
}
