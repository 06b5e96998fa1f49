/** What a recipe is: a story of SO_REUSEPORT that is told by doing it, with claims that the kernel may prove wrong. */
import type { Recipe } from '../../../contract/lab.ts'
import type { Machine } from '../machine.ts'
import type { Stage } from './stage.ts'

/** What was seen, in a sentence, and what it means. */
export type Ending = { readonly sentence: string; readonly detail: string }

export type RecipeScript = Omit<Recipe, 'missing'> & {
  /** For someone who has never read the kernel's source, a paragraph each. */
  readonly explanation: readonly string[]
  /** Why this user cannot run it (in whole) here; null where nothing is missing. */
  missing(machine: Machine): string | null
  /** Plays it. Rejects with what the stage rejects with. */
  play(stage: Stage): Promise<Ending>
}

export const nothingMissing = (): null => null
