/**
 * What is derived from the types of findings in electron/engine/analyze/findings/types/, one per file with the code as its
 * name: the list of them, and the texts for the fronts, which do not import the engine. `npm run generate` writes both.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { FindingType } from '../../electron/engine/analyze/findings/finding-type.ts'

const FOLDER = join(import.meta.dirname, '../../electron/engine/analyze/findings/types')
const HEAD = '// Written by `npm run generate` from the files in electron/engine/analyze/findings/types/.\n'

const files = readdirSync(FOLDER).sort()
const types = await Promise.all(
  files.map(async (file) => {
    const { default: type }: { default: FindingType } = await import(join(FOLDER, file))
    const code = file.replace('.ts', '')
    return { file, code, name: code.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()), type }
  }),
)
const byImportance = types.toSorted((a, b) => b.type.importance - a.type.importance)

test('no two types have the same importance', () => {
  expect(new Set(types.map(({ type }) => type.importance)).size).toBe(types.length)
})

test('the engine lists every type', async () => {
  const imports = types.map(({ file, name }) => `import ${name} from './types/${file}'\n`)
  const entries = byImportance.map(({ code, name }) => `  '${code}': ${name},\n`)
  await expect(
    `${HEAD}${imports.join('')}\nexport const FINDING_TYPES = {\n${entries.join('')}} as const\n`,
  ).toMatchFileSnapshot('../../electron/engine/analyze/findings/types.generated.ts')
})

test('the contract has the texts of every type', async () => {
  const entries = byImportance.map(({ code, type: { tag, cause, clause, source, recipe } }) => {
    const fields = Object.entries({
      tag,
      ...(cause !== undefined && { cause }),
      ...(recipe !== undefined && { recipe }),
      clause,
    })
    const lines = fields.map(([field, value]) => `    ${field}: ${literal(value)},\n`)
    return `  '${code}': {\n${lines.join('')}${sourceLine(literal(source))}  },\n`
  })
  await expect(`${HEAD}export const FINDING_TEXTS = {\n${entries.join('')}} as const\n`).toMatchFileSnapshot(
    '../../electron/contract/finding-types.generated.ts',
  )
})

/** As the formatter writes it. */
function literal(text: string | null): string {
  return text === null ? 'null' : `'${text.replaceAll("'", "\\'")}'`
}

/** On a line of its own where it is long, as the formatter has it. */
function sourceLine(source: string): string {
  const line = `    source: ${source},\n`
  return line.length > 121 ? `    source:\n      ${source},\n` : line
}
