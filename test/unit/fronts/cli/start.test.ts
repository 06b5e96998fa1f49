/** What every command loads before it does anything. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { buildProgram } from '../../../../electron/fronts/cli/program.ts'
import { aContext } from '../../../doubles/cli-context.ts'

const CLI = resolve(import.meta.dirname, '../../../../electron/fronts/cli')
/** Imports of values, which are loaded with the module that has them. */
const IMPORT = /^(?:import|export) (?!type )[^'"]*? from '([^']+)'/gm

/** Modules of Node that take 5 ms and more. */
const SLOW_OF_NODE = ['node:child_process', 'node:readline']

function loadedWith(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path) || !existsSync(path)) return found
  found.add(path)
  for (const [, name = ''] of readFileSync(path, 'utf8').matchAll(IMPORT)) {
    if (name.startsWith('.')) loadedWith(resolve(dirname(path), name), found)
    else found.add(name)
  }
  return found
}

test('starting loads nothing that only some commands need', () => {
  const loaded = loadedWith(resolve(CLI, 'main.ts'))
  expect(loaded).toContain('commander')
  for (const late of ['yaml', 'zod', 'ws', '@orpc/server', 'node:crypto', ...SLOW_OF_NODE])
    expect([...loaded], late).not.toContain(late)
})

test('reading sockets loads no statistics, and starts no process with Node', () => {
  const loaded = loadedWith(resolve(CLI, '../../engine/engine-core.ts'))
  expect(loaded).toContain('ipaddr.js')
  for (const late of ['jstat', ...SLOW_OF_NODE]) expect([...loaded], late).not.toContain(late)
})

test('a command that is made alone is the same as among the others', () => {
  const all = buildProgram(aContext()).commands
  expect(all.length).toBeGreaterThan(20)
  for (const command of all) {
    const alone = buildProgram(aContext(), () => {}, command.name()).commands
    const same = alone.find((one) => one.name() === command.name())
    expect(same?.helpInformation(), command.name()).toBe(command.helpInformation())
    const needsAll = ['completion', 'values'].includes(command.name())
    expect(alone.length < all.length, command.name()).toBe(!needsAll)
  }
})
