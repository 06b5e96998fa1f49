/** The questions of analysis for doubles that know no answer to them. */
import { implement } from '@orpc/server'
import { contract } from '../../electron/contract/contract.ts'

const os = implement(contract)
const data = { asked: 'an analysis', happened: 'this is a test double', remedy: null }

export const noAnalysis = {
  balance: os.group.balance.handler(({ errors }) => {
    throw errors.NOT_IMPLEMENTED({ data })
  }),
  whatIf: os.group.whatIf.handler(({ errors }) => {
    throw errors.NOT_IMPLEMENTED({ data })
  }),
  steering: {
    probe: os.steering.probe.handler(({ errors }) => {
      throw errors.NOT_IMPLEMENTED({ data })
    }),
    map: os.steering.map.handler(({ errors }) => {
      throw errors.NOT_IMPLEMENTED({ data })
    }),
    path: os.steering.path.handler(({ errors }) => {
      throw errors.NOT_IMPLEMENTED({ data })
    }),
  },
  findings: {
    changes: os.findings.changes.handler(({ errors }) => {
      throw errors.NOT_IMPLEMENTED({ data })
    }),
  },
}
