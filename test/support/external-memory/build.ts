/** Builds the library that refuse.cjs loads. */

import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, renameSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../../..')

/** Node's flags for a process in which native addons get no external memory. */
export const refuseExternalMemory = ['--require', join(import.meta.dirname, 'refuse.cjs')]

/** Compiles it. Two projects may do so at once. */
export function buildRefusal(): void {
  const folder = join(ROOT, 'dist/test/external-memory')
  mkdirSync(folder, { recursive: true })
  const mine = join(folder, `refusal-${randomUUID()}.node`)
  execFileSync('cc', [
    '-shared',
    '-fPIC',
    '-O1',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-o',
    mine,
    join(import.meta.dirname, 'refuse.c'),
  ])
  renameSync(mine, join(folder, 'refusal.node'))
}
