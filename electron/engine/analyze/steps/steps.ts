/** The steps for each type of finding. Pure. */
import type { FindingCode } from '../../../contract/model.ts'
import type { Step } from '../../../contract/steps.ts'
import type { FindingType } from '../findings/finding-type.ts'
import { FINDING_TYPES } from '../findings/types.generated.ts'
import type { StepFacts } from './parts.ts'

/** What to do, in order: looking first, what costs something late, the proof that it is over last. */
export function stepsFor(code: FindingCode, facts: StepFacts): Step[] {
  const { steps, lasts }: FindingType = FINDING_TYPES[code]
  return [...steps(facts), ...(lasts === false ? [] : [proof(facts)])]
}

function proof({ key }: StepFacts): Step {
  return {
    text: 'Afterwards, make sure that it is over: this lists nothing of it any more.',
    command: `reuseport-inspector events --for 30s --protocol ${key.protocol} --port ${key.port} --kind raised`,
    cost: null,
  }
}
