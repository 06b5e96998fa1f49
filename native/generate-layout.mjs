/**
 * Writes layout.generated.ts from the built addon: the rows, enums and numbers of common/rows.def. `npm run
 * build:native` runs it.
 */
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** The addon's `layout` as TypeScript, in the linter's format. */
export function layoutSource(layout) {
  return `// Written by native/generate-layout.mjs from native/common/rows.def. Change that, and run npm run build:native.
import { bytes, u8, u16, u32, u64 } from './field.ts'

export const layout = ${literal(layout, '')} as const
`
}

/** A field is a call of the function of its type (field.ts). */
function literal(value, indent) {
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object') return String(value)
  if ('offset' in value) {
    const { offset, type, length } = value
    return type === 'bytes' ? `bytes(${offset}, ${length})` : `${type}(${offset})`
  }
  const deeper = `${indent}  `
  const key = (name) => (/^\w+$/.test(name) ? name : `'${name}'`)
  const lines = Object.entries(value).map(([name, part]) => `${deeper}${key(name)}: ${literal(part, deeper)},\n`)
  return `{\n${lines.join('')}${indent}}`
}

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
if (process.argv[1] === here('generate-layout.mjs')) {
  const { layout } = createRequire(import.meta.url)('./build/Release/reuseport.node')
  writeFileSync(here('layout.generated.ts'), layoutSource(layout))
}
