/** Answers the part of the contract that is in lab.ts. */
import { implement } from '@orpc/server'
import { contract } from '../../contract/contract.ts'
import type { LabService } from '../lab/lab-service.ts'
import { withTypedErrors } from './typed-errors.ts'

export function labHandlers(laboratory: LabService) {
  // As in router.ts: output is built from the model's own types.
  const os = implement(contract).$config({ initialOutputValidationIndex: Number.NaN }).lab
  const { labs, runs, feed } = laboratory
  return {
    changes: os.changes.handler(({ input, signal, errors }) =>
      withTypedErrors('reading the lab', errors, () => feed.changes(input.after, signal)),
    ),
    choices: os.choices.handler(({ errors }) =>
      withTypedErrors('reading what the lab offers', errors, () => laboratory.choices()),
    ),
    listen: os.listen.handler(({ input, errors }) =>
      withTypedErrors('opening test listeners', errors, () => labs.listen(input)),
    ),
    add: os.add.handler(({ input, errors }) => withTypedErrors('adding a listener', errors, () => labs.add(input))),
    member: os.member.handler(({ input, errors }) =>
      withTypedErrors(`applying ${input.action} to member ${input.member}`, errors, () => labs.member(input)),
    ),
    stop: os.stop.handler(({ input, errors }) =>
      withTypedErrors(`stopping lab ${input.id}`, errors, async () => {
        await labs.stop(input.id)
        return null
      }),
    ),
    traffic: os.traffic.handler(({ input, errors }) =>
      withTypedErrors('sending traffic', errors, () => labs.traffic(input)),
    ),
    stopTraffic: os.stopTraffic.handler(({ input, errors }) =>
      withTypedErrors('stopping the traffic', errors, () => labs.stopTraffic(input.id)),
    ),
    recipes: os.recipes.handler(({ errors }) => withTypedErrors('listing the recipes', errors, () => runs.recipes())),
    run: os.run.handler(({ input, errors }) =>
      withTypedErrors(`running recipe ${input.recipe}`, errors, () => runs.start(input.recipe, input.size)),
    ),
    stopRun: os.stopRun.handler(({ errors }) =>
      withTypedErrors('stopping the recipe', errors, async () => {
        await runs.stop()
        return null
      }),
    ),
  }
}
