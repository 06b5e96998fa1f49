/** The tables "a file's folder says" of CONTRIBUTING.md are kept by the linter: here it is seen to refuse. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { afterAll, describe, expect, it, test } from 'vitest'

/** A folder, and what a file in it imports. */
type Import = readonly [room: string, specifier: string]

const root = resolve(import.meta.dirname, '../..')
const features = readdirSync(join(root, 'renderer/features'))
const siblings = features.flatMap((from) => features.filter((to) => to !== from).map((to) => [from, to] as const))

const ALLOWED: readonly Import[] = [
  ['electron/contract', 'zod'],
  ['electron/engine', '../contract/model.ts'],
  ['electron/engine', '../../native/index.ts'],
  ['electron/engine/api', '../snapshots/index.ts'],
  ['electron/engine/snapshots', './parts.ts'],
  ['electron/engine/snapshots/exports', '../parts.ts'],
  ['electron/engine/snapshots', '../common/errors.ts'],
  ['electron/engine/snapshots', '../../contract/model.ts'],
  ['electron/fronts/cli', '../../engine/index.ts'],
  ['electron/fronts/cli', '../../engine/snapshots/index.ts'],
  ['electron/main', '../engine/index.ts'],
  ['electron/main', 'electron'],
  ['electron/main', '../host/page.ts'],
  ['electron/fronts/server', '../../host/page.ts'],
  ['electron/preload', 'electron/renderer'],
  ['renderer/app', '../features/lab/lab-screen.tsx'],
  ['renderer/app/frame', '../../model/route.ts'],
  ['renderer/features/lab', '../../../electron/contract/model.ts'],
  ['renderer/features/lab', '../../model/groups/columns.ts'],
  ['renderer/features/lab', '../../ui/icon.tsx'],
  ['renderer/features/group/ask', '../grid/tile-board.ts'],
  ['renderer/features/group/ask', '../../../model/groups/columns.ts'],
  ['renderer/model/store', '../groups/columns.ts'],
  ['renderer/model/groups', '../../ui/format.ts'],
  ['renderer/ui', './icon.tsx'],
]

const REFUSED: readonly Import[] = [
  ['electron/contract', '../engine/engine.ts'],
  ['electron/contract', 'node:fs'],
  ['electron/engine', 'electron'],
  ['electron/engine', '../fronts/cli/cli.ts'],
  ['electron/engine', 'react'],
  ['electron/engine/api', '../snapshots/read.ts'],
  ['electron/engine/api', '../index.ts'],
  ['electron/engine/snapshots', '../collect/host.ts'],
  ['electron/engine/snapshots', '../stream/groups-feed.ts'],
  ['electron/engine/snapshots/exports', '../../engine.ts'],
  ['electron/engine/snapshots', '../../../native/index.ts'],
  ['electron/engine/common', '../collect/host.ts'],
  ['electron/engine/common', '../snapshots/index.ts'],
  ['electron/fronts/cli', '../../engine/engine.ts'],
  ['electron/fronts/cli', '../../engine/collect/host.ts'],
  ['electron/fronts/cli', '../../engine/snapshots/read.ts'],
  ['electron/main', '../engine/settings/settings-file.ts'],
  ['electron/host', '../engine/engine.ts'],
  ['electron/fronts/server', 'electron'],
  ['electron/host', 'electron'],
  ['electron/main', '../../renderer/app/main.tsx'],
  ['electron/preload', '../engine/engine.ts'],
  ...['renderer/app', 'renderer/features/lab', 'renderer/model/store', 'renderer/ui'].flatMap((room): Import[] => [
    [room, '../../electron/engine/engine.ts'],
    [room, '../../native/index.ts'],
    [room, 'node:fs'],
  ]),
  ['renderer/features/lab', '../../app/dialogs.ts'],
  ['renderer/features/group/ask', '../../../app/dialogs.ts'],
  ...siblings.flatMap(([from, to]): Import[] => [
    [`renderer/features/${from}`, `../${to}/screen.tsx`],
    [`renderer/features/${from}/part`, `../../${to}/screen.tsx`],
  ]),
  ['renderer/model', '../app/dialogs.ts'],
  ['renderer/model/store', '../../app/dialogs.ts'],
  ['renderer/model', '../features/lab/lab-screen.tsx'],
  ['renderer/model/store', '../../features/lab/lab-screen.tsx'],
  ['renderer/ui', '../app/dialogs.ts'],
  ['renderer/ui', '../features/lab/lab-screen.tsx'],
  ['renderer/ui', '../model/route.ts'],
  ['native', '../electron/contract/model.ts'],
]

const folder = mkdtempSync(join(tmpdir(), 'rpi-layering-'))
afterAll(() => rmSync(folder, { recursive: true }))
for (const file of ['biome.json', 'no-abort-signal-any.grit']) cpSync(join(root, file), join(folder, file))
const paths = new Map<Import, string>()
for (const one of [...ALLOWED, ...REFUSED]) {
  const [room, specifier] = one
  const path = join(folder, room, `${paths.size}.ts`)
  mkdirSync(join(folder, room), { recursive: true })
  writeFileSync(path, `import { thing } from '${specifier}'\n\nexport const kept = thing\n`)
  paths.set(one, path)
}
// Two files that import each other, by types alone.
const cycle = ['one', 'other'].map((name) => join(folder, 'electron/contract', `${name}.ts`))
for (const [at, path] of cycle.entries()) {
  const other = cycle[1 - at] ?? path
  writeFileSync(path, `import type { Kept } from './${basename(other)}'\n\nexport type Kept${at} = Kept\n`)
}
const biome = ['lint', '--vcs-enabled=false', '--reporter=github', '--max-diagnostics=none']
const { stdout } = spawnSync(join(root, 'node_modules/.bin/biome'), biome, { cwd: folder, encoding: 'utf8' })
const complaints = [...stdout.matchAll(/title=([^,]*),file=([^,]*),/g)]
const pathsRefusedBy = (rule: string) =>
  new Set(complaints.filter(([, name]) => name === `lint/${rule}`).map(([, , path]) => path))
const refused = pathsRefusedBy('style/noRestrictedImports')
const inCycles = pathsRefusedBy('suspicious/noImportCycles')

describe('a line of code knows its room', () => {
  it('is asked of files that are right in everything else', () => {
    const rules = ['lint/style/noRestrictedImports', 'lint/suspicious/noImportCycles']
    expect(new Set(complaints.map(([, rule]) => rule))).toEqual(new Set(rules))
  })

  it.each(ALLOWED.map((one) => [...one, one] as const))('%s may import %s', (_room, _specifier, one) => {
    expect(refused.has(paths.get(one))).toBe(false)
  })

  it.each(REFUSED.map((one) => [...one, one] as const))('%s may not import %s', (_room, _specifier, one) => {
    expect(refused.has(paths.get(one))).toBe(true)
  })
})

test('files do not import each other in a cycle, not even by types alone', () => {
  expect(inCycles).toEqual(new Set(cycle))
})
