/** A recipe: a scenario of SO_REUSEPORT run on the real kernel, with claims that the kernel may prove wrong. */
import type { Recipe } from '../../../contract/lab.ts'
import type { Machine } from '../machine.ts'
import type { Stage } from './stage.ts'

/** What was seen, in a sentence, and what it means. */
export type Ending = { readonly sentence: string; readonly detail: string }

export type RecipeScript = Omit<Recipe, 'missing'> & {
  /** For people who have never read the kernel's source, one paragraph each. */
  readonly explanation: readonly string[]
  /** Why this user cannot run it here at all; null where nothing is missing. */
  missing(machine: Machine): string | null
  /** Runs it. Rejects with what its context rejects with. */
  play(stage: Stage): Promise<Ending>
}

export const nothingMissing = (): null => null
