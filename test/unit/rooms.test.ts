/** The import rules of biome.json and the tables of CONTRIBUTING.md are what `.ci/rooms.mjs` says. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { rooms, withImportRules, withLayoutTables } from '../../.ci/rooms.mjs'
import { root } from '../support/repository-files.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')

it('has the rules in biome.json (if not: npm run rooms)', () => {
  expect(JSON.parse(read('biome.json'))).toEqual(withImportRules(read('biome.json')))
})

it('has the tables in CONTRIBUTING.md (if not: npm run rooms)', () => {
  expect(read('CONTRIBUTING.md')).toBe(withLayoutTables(read('CONTRIBUTING.md')))
})

it.each(rooms.map(({ folder }) => folder))('describes a folder that exists: %s', (folder) => {
  expect(existsSync(join(root, folder))).toBe(true)
})
