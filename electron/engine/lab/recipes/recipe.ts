/** A recipe: a scenario of SO_REUSEPORT run on the real kernel, with claims that the kernel may prove wrong. */
import type { Recipe } from '../../../contract/lab.ts'
import type { Machine } from '../machine.ts'
import type { RecipeContext } from './recipe-context.ts'

/** What was seen, in a sentence, and what it means. */
export type RecipeOutcome = { readonly summary: string; readonly detail: string }

export type RecipeScript = Omit<Recipe, 'limitation'> & {
  /** For people who have never read the kernel's source, one paragraph each. */
  readonly explanation: readonly string[]
  /** Why this user cannot run it here at all; null where nothing is missing. */
  limitation(machine: Machine): string | null
  /** Runs it. Rejects with what its context rejects with. */
  run(stage: RecipeContext): Promise<RecipeOutcome>
}

export const noLimitation = (): null => null
