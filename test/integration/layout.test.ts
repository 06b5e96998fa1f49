/** The layout that the compiler sees is that of the built addon. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { layoutSource } from '../../native/generate-layout.mjs'
import { addonPath } from './support/engine.ts'

test('native/layout.generated.ts is what `npm run build:native` writes', () => {
  const { layout } = createRequire(import.meta.url)(addonPath)
  const committed = readFileSync(join(import.meta.dirname, '../../native/layout.generated.ts'), 'utf8')
  expect(committed, 'run npm run build:native, and commit the file').toBe(layoutSource(layout))
})
