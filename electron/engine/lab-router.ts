/** Answers the part of the contract that is in lab.ts. */
import { implement } from '@orpc/server'
import { contract } from '../contract/contract.ts'
import type { Problem } from '../contract/errors.ts'
import type { Laboratory } from './lab/laboratory.ts'
import { Refusal, type RefusalCode } from './lab/refusal.ts'
import { problemOfError } from './problems.ts'

/** The errors of a procedure, as passed to its handler. */
type Fail = Record<RefusalCode, (options: { message: string; data: Problem }) => Error>

export function labHandlers(laboratory: Laboratory) {
  // As in router.ts: output is built from the model's own types.
  const os = implement(contract).$config({ initialOutputValidationIndex: Number.NaN }).lab
  const { labs, runs, feed } = laboratory
  return {
    changes: os.changes.handler(({ input, signal, errors }) =>
      answered('reading the lab', errors, () => feed.changes(input.after, signal)),
    ),
    choices: os.choices.handler(({ errors }) =>
      answered('reading what the lab offers', errors, async () => laboratory.choices()),
    ),
    listen: os.listen.handler(({ input, errors }) =>
      answered('opening test listeners', errors, () => labs.listen(input)),
    ),
    add: os.add.handler(({ input, errors }) => answered('adding a listener', errors, () => labs.add(input))),
    member: os.member.handler(({ input, errors }) =>
      answered(`applying ${input.act} to member ${input.member}`, errors, () => labs.member(input)),
    ),
    stop: os.stop.handler(({ input, errors }) =>
      answered(`stopping lab ${input.id}`, errors, async () => {
        await labs.stop(input.id)
        return null
      }),
    ),
    traffic: os.traffic.handler(({ input, errors }) => answered('sending traffic', errors, () => labs.traffic(input))),
    stopTraffic: os.stopTraffic.handler(({ input, errors }) =>
      answered('stopping the traffic', errors, () => labs.stopTraffic(input.id)),
    ),
    recipes: os.recipes.handler(({ errors }) => answered('listing the recipes', errors, async () => runs.recipes())),
    run: os.run.handler(({ input, errors }) =>
      answered(`running recipe ${input.recipe}`, errors, async () => runs.start(input.recipe, input.size)),
    ),
    stopRun: os.stopRun.handler(({ errors }) =>
      answered('stopping the recipe', errors, async () => {
        await runs.stop()
        return null
      }),
    ),
  }
}

/** Runs `work`; an error becomes a typed error with its problem. */
async function answered<T>(asked: string, fail: Fail, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Refusal) throw fail[error.code]({ message: error.message, data: error.problem })
    const data = problemOfError(asked, error)
    throw fail.SERVICE_UNAVAILABLE({ message: data.happened, data })
  }
}
