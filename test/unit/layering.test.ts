/** The table "the folder says the runtime" of CONTRIBUTING.md is kept by the linter: here it is seen to refuse. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'rpi-layering-'))
for (const file of ['biome.json', 'no-abort-signal-any.grit']) cpSync(join(root, file), join(folder, file))
afterAll(() => rmSync(folder, { recursive: true }))

/** True when the linter lets a file at `path` import `specifier`. */
function allows(path: string, specifier: string): boolean {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `import { thing } from '${specifier}'\n\nexport const kept = thing\n`)
  try {
    execFileSync(join(root, 'node_modules/.bin/biome'), ['lint', '--vcs-enabled=false', file], {
      cwd: folder,
      stdio: 'pipe',
    })
    return true
  } catch {
    return false
  }
}

describe('a line of code knows its room', () => {
  it.each([
    ['electron/contract/a.ts', 'zod'],
    ['electron/engine/a.ts', '../contract/model.ts'],
    ['electron/engine/a.ts', '../../native/index.ts'],
    ['electron/engine/api/a.ts', '../snapshots/index.ts'],
    ['electron/engine/snapshots/a.ts', './parts.ts'],
    ['electron/engine/snapshots/exports/a.ts', '../parts.ts'],
    ['electron/engine/snapshots/a.ts', '../common/errors.ts'],
    ['electron/engine/snapshots/a.ts', '../../contract/model.ts'],
    ['electron/fronts/cli/a.ts', '../../engine/index.ts'],
    ['electron/fronts/cli/a.ts', '../../engine/snapshots/index.ts'],
    ['electron/main/a.ts', '../engine/index.ts'],
    ['electron/main/a.ts', 'electron'],
    ['electron/main/a.ts', '../host/page.ts'],
    ['electron/fronts/server/a.ts', '../../host/page.ts'],
    ['electron/preload/a.ts', 'electron/renderer'],
    ['renderer/groups/a.tsx', '../../electron/contract/model.ts'],
  ])('%s may import %s', (path, specifier) => {
    expect(allows(path, specifier)).toBe(true)
  })

  it.each([
    ['electron/contract/a.ts', '../engine/engine.ts'],
    ['electron/contract/a.ts', 'node:fs'],
    ['electron/engine/a.ts', 'electron'],
    ['electron/engine/a.ts', '../fronts/cli/cli.ts'],
    ['electron/engine/a.ts', 'react'],
    ['electron/engine/api/a.ts', '../snapshots/read.ts'],
    ['electron/engine/api/a.ts', '../index.ts'],
    ['electron/engine/snapshots/a.ts', '../collect/host.ts'],
    ['electron/engine/snapshots/a.ts', '../stream/groups-feed.ts'],
    ['electron/engine/snapshots/exports/a.ts', '../../engine.ts'],
    ['electron/engine/snapshots/a.ts', '../../../native/index.ts'],
    ['electron/engine/common/a.ts', '../collect/host.ts'],
    ['electron/engine/common/a.ts', '../snapshots/index.ts'],
    ['electron/fronts/cli/a.ts', '../../engine/engine.ts'],
    ['electron/fronts/cli/a.ts', '../../engine/collect/host.ts'],
    ['electron/fronts/cli/a.ts', '../../engine/snapshots/read.ts'],
    ['electron/main/a.ts', '../engine/settings/settings-file.ts'],
    ['electron/host/a.ts', '../engine/engine.ts'],
    ['electron/fronts/server/a.ts', 'electron'],
    ['electron/host/a.ts', 'electron'],
    ['electron/main/a.ts', '../../renderer/main.tsx'],
    ['electron/preload/a.ts', '../engine/engine.ts'],
    ['renderer/groups/a.tsx', '../../electron/engine/engine.ts'],
    ['renderer/groups/a.tsx', 'node:fs'],
    ['renderer/groups/a.tsx', '../../native/index.ts'],
    ['native/a.ts', '../electron/contract/model.ts'],
  ])('%s may not import %s', (path, specifier) => {
    expect(allows(path, specifier)).toBe(false)
  })
})
