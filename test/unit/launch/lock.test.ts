import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { firstLine } from '../../support/first-line.ts'
import { CONDITION_MS } from '../../support/timeouts.ts'

const LOCK = resolve(import.meta.dirname, '../../../electron/launch/lock.mjs')

let folder: string
let lock: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'))
  lock = join(folder, 'dist/.setup')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A program that runs `action` under the lock. */
const program = (action: string): string[] => [
  '--input-type=module',
  '--eval',
  `import { readSync } from 'node:fs'
   import { withLock } from '${LOCK}'
   withLock('${lock}', () => { ${action} })`,
]
const run = (action: string) =>
  spawnSync(process.execPath, program(action), { encoding: 'utf8', timeout: CONDITION_MS, input: '' })

test('only one holder runs at a time, and the next one prints that it waits', async () => {
  const first = spawn(process.execPath, program("console.log('in'); readSync(0, Buffer.alloc(1))"))
  await firstLine(first.stdout)
  const second = spawn(process.execPath, program("console.log('in too')"))
  let out = ''
  second.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  const ended = once(second, 'close')
  expect(await firstLine(second.stderr)).toMatch(/^Waiting/)
  expect(out).toBe('')
  first.stdin.end('x')
  await ended
  expect(out).toBe('in too\n')
  expect(existsSync(lock)).toBe(false)
})

test('a stale lock is removed, even where its pid was reused', () => {
  // Killed in the middle.
  expect(run("process.kill(process.pid, 'SIGKILL')").signal).toBe('SIGKILL')
  const [, ...born] = readFileSync(lock, 'utf8').split(' ')
  expect(run("console.log('in')").stdout).toBe('in\n')
  for (const left of [`${process.pid} ${born.join(' ')}`, String(process.pid), 'nonsense']) {
    writeFileSync(lock, left)
    expect(run("console.log('in')"), left).toMatchObject({ status: 0, stdout: 'in\n', stderr: '' })
  }
})
