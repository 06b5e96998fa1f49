/** The recipe that runs, or ran last. */
import type { Recipe, RecipeName, RecipeRun, RecipeSize } from '../../../contract/lab.ts'
import { Refusal } from '../refusal.ts'

export class RecipeRuns {
  readonly current: RecipeRun | null = null
  recipes(): Recipe[] {
    return []
  }
  start(recipe: RecipeName, _: RecipeSize): RecipeRun {
    throw new Refusal('NOT_IMPLEMENTED', `the recipe ${recipe}`, 'the lab program is not built', null)
  }
  async stop(): Promise<void> {}
}
