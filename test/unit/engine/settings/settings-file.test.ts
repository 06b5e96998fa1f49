import { execFileSync, spawnSync } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Settings } from '../../../../electron/contract/settings.ts'
import { temporaryName } from '../../../../electron/engine/common/temporary-files.ts'
import { fileSettings } from '../../../../electron/engine/settings/settings-file.ts'
import { settingsPath } from '../../../../electron/engine/settings/settings-path.ts'
import { CONDITION_MS } from '../../../support/timeouts.ts'

const cleanups: (() => unknown)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup()
})

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'settings-'))
  cleanups.push(() => rmSync(path, { recursive: true }))
  return path
}

const DEFAULTS = Settings.parse({})
const OTHERS: Settings = { ...DEFAULTS, intervalMs: 2500, filter: 'port:443', mutedFindings: ['one'] }

test('what is written is read at the next start, by this user only', () => {
  const path = join(folder(), 'new/settings.json')
  const store = fileSettings(path)
  expect(store.read()).toEqual(DEFAULTS)
  store.write(OTHERS)
  expect(fileSettings(path).read()).toEqual(OTHERS)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readdirSync(dirname(path))).toEqual(['settings.json'])
})

test('settings unknown to an older version get their defaults', () => {
  const path = join(folder(), 'settings.json')
  writeFileSync(path, '{"intervalMs":300}')
  expect(fileSettings(path).read()).toEqual({ ...DEFAULTS, intervalMs: 300 })
})

describe('a damaged file', () => {
  test.each(['', 'not json', '{"intervalMs":', '[]', 'null', '{"intervalMs":-1}', '{"theme":"pink"}', '\0\0\0'])(
    '%j is kept aside and the defaults are used',
    (text) => {
      const path = join(folder(), 'settings.json')
      writeFileSync(path, text)
      const reports: string[] = []
      expect(fileSettings(path, (message) => reports.push(message)).read()).toEqual(DEFAULTS)
      const [aside, ...others] = readdirSync(dirname(path))
      expect(aside).toMatch(/^settings\.damaged-[\dT.Z-]+\.json$/)
      expect(others).toEqual([])
      expect(readFileSync(join(dirname(path), aside ?? ''), 'utf8')).toBe(text)
      expect(reports).toEqual([expect.stringContaining('damaged')])
    },
  )

  test('one that cannot be read at all is reported and left alone', () => {
    const path = join(folder(), 'settings.json')
    mkdirSync(path)
    const reports: string[] = []
    expect(fileSettings(path, (message) => reports.push(message)).read()).toEqual(DEFAULTS)
    expect(reports).toEqual([expect.stringContaining('EISDIR')])
  })
})

test('the temporary file has an unpredictable name and never exists before', () => {
  const place = folder()
  const path = join(place, 'settings.json')
  // The previous place: through a link planted there, another user's file would be written.
  writeFileSync(join(place, 'victim'), 'precious')
  for (let pid = process.pid - 2; pid <= process.pid + 2; pid++) symlinkSync('victim', `${path}.${pid}.new`)
  fileSettings(path).write(OTHERS)
  expect(readFileSync(join(place, 'victim'), 'utf8')).toBe('precious')
  expect(lstatSync(path).isSymbolicLink()).toBe(false)
  expect(fileSettings(path).read()).toEqual(OTHERS)
})

test('leftovers of a kill are removed at the next start', async () => {
  const place = folder()
  writeFileSync(join(place, temporaryName('settings.json', spawnSync('true').pid)), '{')
  fileSettings(join(place, 'settings.json'))
  await vi.waitFor(() => expect(readdirSync(place)).toEqual([]), CONDITION_MS)
})

test('a file that is not regular is not waited for, and replaced by the next write', () => {
  const path = join(folder(), 'settings.json')
  execFileSync('mkfifo', [path])
  const reports: string[] = []
  const store = fileSettings(path, (message) => reports.push(message))
  expect(store.read()).toEqual(DEFAULTS)
  expect(reports).toEqual([expect.stringContaining('cannot be read (not a regular file')])
  store.write(OTHERS)
  expect(store.read()).toEqual(OTHERS)
})

const root = process.getuid?.() === 0
describe.skipIf(!root)('a disk that does not accept them (mounting one needs root)', () => {
  function disk(options: string): string {
    const path = folder()
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path])
    cleanups.push(() => execFileSync('umount', [path]))
    return path
  }
  // Longer than the free space by less than a page: a writer that trusts the first write(2) stores half of it.
  const LARGE: Settings = { ...DEFAULTS, mutedFindings: Array.from({ length: 100 }, () => 'x'.repeat(200)) }

  test('full: ENOSPC, and the stored settings stay complete', () => {
    const mounted = disk('size=8k')
    const store = fileSettings(join(mounted, 'settings.json'))
    store.write(OTHERS)
    expect(() => store.write(LARGE)).toThrow(expect.objectContaining({ code: 'ENOSPC' }))
    expect(store.read()).toEqual(OTHERS)
    expect(readdirSync(mounted)).toEqual(['settings.json'])
  })

  test('read-only: EROFS, and a damaged file there causes no error', () => {
    const mounted = disk('size=64k')
    const path = join(mounted, 'settings.json')
    writeFileSync(path, 'damaged')
    execFileSync('mount', ['-o', 'remount,ro', mounted])
    const reports: string[] = []
    const store = fileSettings(path, (message) => reports.push(message))
    expect(store.read()).toEqual(DEFAULTS)
    expect(reports).toEqual([expect.stringContaining('cannot be moved: the file system is read-only (EROFS)')])
    expect(() => store.write(OTHERS)).toThrow(expect.objectContaining({ code: 'EROFS' }))
  })
})

test('the file is where the desktop keeps such files', () => {
  expect(settingsPath({}, '/home/a')).toBe('/home/a/.config/reuseport-inspector/settings.json')
  expect(settingsPath({ XDG_CONFIG_HOME: '/x' }, '/home/a')).toBe('/x/reuseport-inspector/settings.json')
  expect(settingsPath({ XDG_CONFIG_HOME: 'relative' }, '/home/a')).toBe(
    '/home/a/.config/reuseport-inspector/settings.json',
  )
})
