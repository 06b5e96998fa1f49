/** Answers the part of the contract that analysis.ts describes. */
import { implement } from '@orpc/server'
import { contract } from '../contract/contract.ts'
import type { Problem } from '../contract/errors.ts'
import type { Analysis } from './analysis/analysis.ts'
import { Unanswerable } from './analysis/question.ts'
import { problemOfError } from './problems.ts'

/** The errors of a procedure, as its handler is given them. */
type Fail = Record<
  'NOT_FOUND' | 'UNPROCESSABLE_CONTENT' | 'NOT_IMPLEMENTED' | 'SERVICE_UNAVAILABLE',
  (options: { message: string; data: Problem }) => Error
>

export function analysisHandlers(analysis: Analysis) {
  // As in router.ts: what leaves is made from the model's own types.
  const os = implement(contract).$config({ initialOutputValidationIndex: Number.NaN })
  return {
    balance: os.group.balance.handler(({ input, errors }) =>
      answered(`how the load of group ${input.id} is spread`, errors, () => analysis.balance(input.id, input.clients)),
    ),
    whatIf: os.group.whatIf.handler(({ input, errors }) =>
      answered(`what moves in group ${input.id}`, errors, () => analysis.whatIf(input.id, input.members)),
    ),
    port: os.machine.port.handler(({ input, errors }) =>
      answered(`who has port ${input.port}`, errors, () => analysis.port(input)),
    ),
    /** The stream of what is wrong now. */
    findings: (after: string | undefined, errors: Fail, signal?: AbortSignal) =>
      answered('what is wrong', errors, () => analysis.findings.changes(after, signal)),
    steering: {
      probe: os.steering.probe.handler(({ input, errors }) =>
        answered('who gets this client', errors, () => analysis.oracle.probe(input)),
      ),
      map: os.steering.map.handler(({ input, errors }) =>
        answered('who gets these clients', errors, () => analysis.oracle.map(input)),
      ),
      path: os.steering.path.handler(({ input, errors }) =>
        answered('the path of this packet', errors, () => analysis.path(input)),
      ),
    },
  }
}

/** Runs `work`; what cannot be answered, or the kernel refuses, becomes a typed error in words. */
async function answered<T>(asked: string, fail: Fail, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Unanswerable) throw fail[error.code]({ message: error.message, data: error.problem })
    const data = problemOfError(asked, error)
    throw fail.SERVICE_UNAVAILABLE({ message: data.happened, data })
  }
}
