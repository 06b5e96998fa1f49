/** What the page loads before its first frame. */
import { readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')

/** Imports and exports from another file, other than types alone and what is loaded later. */
const FROM = /^(?:import|export)(?! type\b)(?:[^'"]*?\sfrom)? ?['"]([^'"]+)['"]/gm

/** Every file and package that `file` loads, directly or through others. */
function loadedBy(file: string, loaded = new Set<string>()): Set<string> {
  if (loaded.has(file)) return loaded
  loaded.add(file)
  if (!/\.tsx?$/.test(file)) return loaded
  for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(FROM)) {
    if (from.startsWith('.')) loadedBy(resolve(dirname(file), from), loaded)
    else loaded.add(from)
  }
  return loaded
}

test('it loads neither zod nor any screen other than the groups', () => {
  const loaded = [...loadedBy(resolve(root, 'renderer/app/main.tsx'))].map((file) =>
    file.startsWith('/') ? relative(root, file) : file,
  )
  expect(loaded).toContain('renderer/features/groups/groups-screen.tsx')
  expect(loaded).not.toContain('zod')
  expect(loaded.filter((file) => /-screen\.tsx$/.test(file))).toEqual(['renderer/features/groups/groups-screen.tsx'])
})
