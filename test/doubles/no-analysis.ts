/** The analysis procedures of a double without analysis: they fail, and the stream of findings never changes. */
import { implement } from '@orpc/server'
import type { FindingRow } from '../../electron/contract/analysis.ts'
import { contract } from '../../electron/contract/contract.ts'
import type { FlowsAnswer } from '../../electron/contract/flows.ts'
import type { SamplerStatus } from '../../electron/contract/live.ts'

export const NO_FLOWS: FlowsAnswer = { recent: null, unknownBecause: 'this is a double' }

export function noAnalysis(sampling: () => SamplerStatus, findings: () => FindingRow[] = () => []) {
  const os = implement(contract)
  const refusal = { data: { operation: 'an analysis', cause: 'this is a double', hint: null } }
  return {
    balance: os.group.balance.handler(({ errors }) => {
      throw errors.NOT_IMPLEMENTED(refusal)
    }),
    waiting: os.group.waiting.handler(() => null),
    flows: os.group.flows.handler(() => NO_FLOWS),
    whatIf: os.group.whatIf.handler(({ errors }) => {
      throw errors.NOT_IMPLEMENTED(refusal)
    }),
    port: os.machine.port.handler(({ errors }) => {
      throw errors.NOT_IMPLEMENTED(refusal)
    }),
    steering: {
      probe: os.steering.probe.handler(({ errors }) => {
        throw errors.NOT_IMPLEMENTED(refusal)
      }),
      map: os.steering.map.handler(({ errors }) => {
        throw errors.NOT_IMPLEMENTED(refusal)
      }),
      path: os.steering.path.handler(({ errors }) => {
        throw errors.NOT_IMPLEMENTED(refusal)
      }),
    },
    findings: {
      steps: os.findings.steps.handler(({ errors }) => {
        throw errors.NOT_FOUND(refusal)
      }),
      changes: os.findings.changes.handler(async ({ input, signal }) => {
        if (input.after !== undefined) {
          await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
        }
        return {
          cursor: '0',
          reset: input.after === undefined,
          more: false,
          removed: [],
          rows: findings(),
          sampler: sampling(),
        }
      }),
    },
  }
}
