import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { inPrivateFolder, privatePlaces } from '../../../../electron/engine/process/private-folder.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rpi-test-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const used = (...places: string[]) => inPrivateFolder((place) => place, places)

test('the first place is made, for this user only', () => {
  const place = join(folder, 'a/b')
  expect(used(place, join(folder, 'other'))).toBe(place)
  expect(statSync(place).mode & 0o777).toBe(0o700)
})

test('a place that others may read, or that is a link, is passed over', () => {
  const [open, link, last] = [join(folder, 'open'), join(folder, 'link'), join(folder, 'last')]
  mkdirSync(open)
  chmodSync(open, 0o755)
  mkdirSync(join(folder, 'target'), { mode: 0o700 })
  symlinkSync(join(folder, 'target'), link)
  expect(used(open, link, last)).toBe(last)
})

test('so is one in a folder where others may rename it, unless that has the sticky bit', () => {
  const [open, sticky] = [join(folder, 'open'), join(folder, 'sticky')]
  for (const above of [open, sticky]) mkdirSync(above)
  chmodSync(open, 0o777)
  chmodSync(sticky, 0o1777)
  expect(used(join(open, 'place'), join(sticky, 'place'))).toBe(join(sticky, 'place'))
})

test('so is one of another user, or in a folder of another user', (context) => {
  if (process.getuid?.() !== 0) context.skip('needs root: it gives folders to another user')
  const [foreign, inside, last] = [join(folder, 'foreign'), join(folder, 'home/place'), join(folder, 'last')]
  mkdirSync(foreign, { mode: 0o700 })
  mkdirSync(join(folder, 'home'))
  for (const path of [foreign, join(folder, 'home')]) chownSync(path, 65534, 65534)
  expect(used(foreign, inside, last)).toBe(last)
})

test('where none can be used, each is named with its reason', () => {
  const refuse = () => {
    throw new Error('mounted noexec')
  }
  const places = [join(folder, 'a'), join(folder, 'b')]
  expect(() => inPrivateFolder(refuse, places)).toThrow(
    expect.objectContaining({
      problem: expect.objectContaining({
        cause: `no folder can be written and executed: ${places[0]} (mounted noexec), ${places[1]} (mounted noexec)`,
      }),
    }),
  )
})

test('the cache comes first, where XDG_CACHE_HOME is an absolute path', () => {
  expect(privatePlaces({ XDG_CACHE_HOME: '/c' }, '/home/me')[0]).toBe('/c/reuseport-inspector')
  expect(privatePlaces({ XDG_CACHE_HOME: 'c' }, '/home/me')[0]).toBe('/home/me/.cache/reuseport-inspector')
})
