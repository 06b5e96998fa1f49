/** What every command loads before it does anything. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { expect, test } from 'vitest'

const CLI = resolve(import.meta.dirname, '../../../../electron/fronts/cli')
/** Imports of values, which are loaded with the module that has them. */
const IMPORT = /^(?:import|export) (?!type )[^'"]*? from '([^']+)'/gm

function loadedWith(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path) || !existsSync(path)) return found
  found.add(path)
  for (const [, name = ''] of readFileSync(path, 'utf8').matchAll(IMPORT)) {
    if (name.startsWith('.')) loadedWith(resolve(dirname(path), name), found)
    else found.add(name)
  }
  return found
}

test('starting loads neither the tables of string-width nor what only some commands need', () => {
  const loaded = loadedWith(resolve(CLI, 'main.ts'))
  expect(loaded).toContain('commander')
  for (const late of ['string-width', 'yaml', 'zod', 'ws', '@orpc/server', 'node:crypto'])
    expect([...loaded], late).not.toContain(late)
})
