/** Answers the part of the contract that lab.ts describes. */
import { implement } from '@orpc/server'
import { contract } from '../contract/contract.ts'
import type { Problem } from '../contract/errors.ts'
import type { Laboratory } from './lab/laboratory.ts'
import { Refusal, type RefusalCode } from './lab/refusal.ts'
import { problemOfError } from './problems.ts'

/** The errors of a procedure, as its handler is given them. */
type Fail = Record<RefusalCode, (options: { message: string; data: Problem }) => Error>

export function labHandlers(laboratory: Laboratory) {
  // As in router.ts: what leaves is made from the model's own types.
  const os = implement(contract).$config({ initialOutputValidationIndex: Number.NaN }).lab
  const { labs, runs, feed } = laboratory
  return {
    changes: os.changes.handler(({ input, signal, errors }) =>
      answered('the lab', errors, () => feed.changes(input.after, signal)),
    ),
    choices: os.choices.handler(({ errors }) =>
      answered('what the lab offers', errors, async () => laboratory.choices()),
    ),
    listen: os.listen.handler(({ input, errors }) => answered('test listeners', errors, () => labs.listen(input))),
    add: os.add.handler(({ input, errors }) => answered('one more listener', errors, () => labs.add(input))),
    member: os.member.handler(({ input, errors }) =>
      answered(`to ${input.act} member ${input.member}`, errors, () => labs.member(input)),
    ),
    stop: os.stop.handler(({ input, errors }) =>
      answered(`to stop lab ${input.id}`, errors, async () => {
        await labs.stop(input.id)
        return null
      }),
    ),
    traffic: os.traffic.handler(({ input, errors }) => answered('traffic', errors, () => labs.traffic(input))),
    stopTraffic: os.stopTraffic.handler(({ input, errors }) =>
      answered('to stop the traffic', errors, () => labs.stopTraffic(input.id)),
    ),
    recipes: os.recipes.handler(({ errors }) => answered('the recipes', errors, async () => runs.recipes())),
    run: os.run.handler(({ input, errors }) =>
      answered(`the recipe ${input.recipe}`, errors, async () => runs.start(input.recipe, input.size)),
    ),
    stopRun: os.stopRun.handler(({ errors }) =>
      answered('to stop the recipe', errors, async () => {
        await runs.stop()
        return null
      }),
    ),
  }
}

/** Runs `work`; what is refused, or goes wrong, becomes a typed error in words. */
async function answered<T>(asked: string, fail: Fail, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Refusal) throw fail[error.code]({ message: error.message, data: error.problem })
    const data = problemOfError(asked, error)
    throw fail.SERVICE_UNAVAILABLE({ message: data.happened, data })
  }
}
