/** The built program starts with its code cache, and without one, whatever is in its place. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { version } from '../../package.json'

const built = resolve(import.meta.dirname, '../../dist/node')
/** Prints for each script whether V8 took its cache: undefined where it was given none. */
const PRINT_TAKEN = `
const vm = require('node:vm')
const taken = []
vm.Script = class extends vm.Script {
  constructor(...args) {
    super(...args)
    taken.push(this.cachedDataRejected === undefined ? null : !this.cachedDataRejected)
  }
}
process.on('exit', () => console.error(JSON.stringify(taken)))
`

function copyOfProgram(changeCache: (cache: Buffer) => Buffer | null) {
  const folder = mkdtempSync(join(tmpdir(), 'code-cache-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  cpSync(built, folder, { recursive: true })
  const path = join(folder, 'code-cache')
  const changed = changeCache(readFileSync(path))
  if (changed === null) rmSync(path)
  else writeFileSync(path, changed)
  const printTaken = join(folder, 'print-taken.cjs')
  writeFileSync(printTaken, PRINT_TAKEN)
  const output = execFileSync(
    '/bin/sh',
    ['-c', '"$0" --require "$1" "$2" --version 2>&1', process.execPath, printTaken, join(folder, 'cli.cjs')],
    { encoding: 'utf8' },
  ).trim()
  const [printed, taken = ''] = output.split('\n')
  return { printed, taken: JSON.parse(taken) as (boolean | null)[] }
}

test('the cache of the build is taken', () => {
  const { printed, taken } = copyOfProgram((cache) => cache)
  expect(printed).toBe(version)
  expect(taken.length).toBeGreaterThan(5)
  expect(new Set(taken)).toEqual(new Set([true]))
})

const end = (cache: Buffer) => cache.indexOf('\n') + 1

test.each<[name: string, change: (cache: Buffer) => Buffer | null, taken: boolean | null]>([
  ['no cache', () => null, null],
  ['an empty one', () => Buffer.alloc(0), null],
  ["another Node's", (cache) => Buffer.from(cache.toString('latin1').replace(process.version, 'v99'), 'latin1'), null],
  ['one that is cut off', (cache) => cache.subarray(0, end(cache)), false],
  ['a damaged one', (cache) => Buffer.concat([cache.subarray(0, end(cache)), Buffer.alloc(cache.length, 7)]), false],
])('%s: everything is compiled', (_name, change, expected) => {
  const { printed, taken } = copyOfProgram(change)
  expect(printed).toBe(version)
  expect(new Set(taken)).toEqual(new Set([expected]))
})
