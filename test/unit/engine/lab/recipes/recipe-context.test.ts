/** Which variant of a recipe is being measured. */
import { expect, test } from 'vitest'
import type { RecipeRun } from '../../../../../electron/contract/lab.ts'
import { RecipeContext, type RecipeContextOptions } from '../../../../../electron/engine/lab/recipes/recipe-context.ts'
import { emptyVariant, withCounts } from '../../../../../electron/engine/lab/recipes/variants.ts'

test('a variant is finished at the next step, even before the next one receives anything', () => {
  let run: Partial<RecipeRun> = {}
  const parts = {} as RecipeContextOptions
  const context = new RecipeContext(parts, 'small', new AbortController().signal, (change) => {
    run = { ...run, ...change }
  })
  const about = { title: 'Shared', subtitle: '', shape: 'shared' } as const
  context.setVariants([emptyVariant(about, ['1'], ['answered']), emptyVariant(about, ['1'], ['answered'])])
  context.step('The first', 0)
  expect(run.running).toBeNull()
  context.setVariant(0, (variant) => withCounts(variant, [5]))
  expect(run.running).toBe(0)
  context.step('The second', 0.5)
  expect(run.running).toBeNull()
  context.setVariant(1, (variant) => withCounts(variant, [5]))
  expect(run.running).toBe(1)
})
