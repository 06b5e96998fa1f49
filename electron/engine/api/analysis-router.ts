/** Answers the part of the contract that is in analysis.ts. */
import { implement } from '@orpc/server'
import { contract } from '../../contract/contract.ts'
import type { Problem } from '../../contract/errors.ts'
import type { Analysis } from '../analyze/analysis.ts'
import { InvalidQuery } from '../analyze/query.ts'
import { problemOfError } from './problems.ts'

/** The errors of a procedure, as passed to its handler. */
type Fail = Record<
  'NOT_FOUND' | 'UNPROCESSABLE_CONTENT' | 'NOT_IMPLEMENTED' | 'SERVICE_UNAVAILABLE',
  (options: { message: string; data: Problem }) => Error
>

export function analysisHandlers(analysis: Analysis) {
  // As in router.ts: output is built from the model's own types.
  const os = implement(contract).$config({ initialOutputValidationIndex: Number.NaN })
  return {
    balance: os.group.balance.handler(({ input, errors }) =>
      withTypedErrors(`measuring the balance of group ${input.id}`, errors, () =>
        analysis.balance(input.id, input.clients),
      ),
    ),
    whatIf: os.group.whatIf.handler(({ input, errors }) =>
      withTypedErrors(`predicting what moves in group ${input.id}`, errors, () =>
        analysis.whatIf(input.id, input.members),
      ),
    ),
    port: os.machine.port.handler(({ input, errors }) =>
      withTypedErrors(`finding who uses port ${input.port}`, errors, () => analysis.port(input)),
    ),
    /** The stream of current findings. */
    findings: (after: string | undefined, errors: Fail, signal?: AbortSignal) =>
      withTypedErrors('reading the findings', errors, () => analysis.findings.changes(after, signal)),
    steering: {
      probe: os.steering.probe.handler(({ input, errors }) =>
        withTypedErrors('looking up a client', errors, () => analysis.lookup.probe(input)),
      ),
      map: os.steering.map.handler(({ input, errors }) =>
        withTypedErrors('looking up clients', errors, () => analysis.lookup.map(input)),
      ),
      path: os.steering.path.handler(({ input, errors }) =>
        withTypedErrors('finding the path of a packet', errors, () => analysis.path(input)),
      ),
    },
  }
}

/** Runs `work`; an error becomes a typed error with its problem. */
async function withTypedErrors<T>(asked: string, fail: Fail, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof InvalidQuery) throw fail[error.code]({ message: error.message, data: error.problem })
    const data = problemOfError(asked, error)
    throw fail.SERVICE_UNAVAILABLE({ message: data.cause, data })
  }
}
