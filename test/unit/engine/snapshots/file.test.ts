/** Where a file is written, through which links, with which permissions, and what happens to leftovers of a kill. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { removeAbandoned, temporaryName } from '../../../../electron/engine/common/temporary-files.ts'
import { writeWhole } from '../../../../electron/engine/snapshots/file.ts'
import { SnapshotLibrary } from '../../../../electron/engine/snapshots/library.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rpi-file-'))
})
afterEach(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)
const mode = (name: string) => statSync(at(name)).mode & 0o777
const write = (name: string, force = true) =>
  writeWhole(
    at(name),
    (async function* () {
      yield 'new'
    })(),
    { force },
  )
const root = process.getuid?.() === 0
const NOBODY = 65534

describe('permissions', () => {
  test('a new file is readable only by its owner, whatever the umask', async () => {
    const before = process.umask(0)
    try {
      await write('a', false)
    } finally {
      process.umask(before)
    }
    expect(mode('a')).toBe(0o600)
  })

  test('an own file keeps its permissions', async () => {
    writeFileSync(at('a'), 'old')
    chmodSync(at('a'), 0o640)
    await write('a')
    expect(mode('a')).toBe(0o640)
  })

  test.skipIf(!root)("a file that replaces another user's is readable only by its new owner (needs root)", async () => {
    writeFileSync(at('a'), 'old')
    chmodSync(at('a'), 0o666)
    lchownSync(at('a'), NOBODY, NOBODY)
    await write('a')
    expect([mode('a'), statSync(at('a')).uid]).toEqual([0o600, 0])
  })
})

describe('a symbolic link', () => {
  test('of the same user is followed, even where its target does not exist yet', async () => {
    mkdirSync(at('far'))
    symlinkSync('far/report', at('link'))
    symlinkSync('link', at('second'))
    await write('second')
    await write('link')
    expect([readlinkSync(at('link')), readlinkSync(at('second'))]).toEqual(['far/report', 'link'])
    expect(readFileSync(at('far/report'), 'utf8')).toBe('new')
  })

  test('through a directory that is a link: .. is the parent of the directory that it points to', async () => {
    mkdirSync(at('deep/er'), { recursive: true })
    symlinkSync('deep/er', at('way'))
    symlinkSync('../report', at('deep/er/link'))
    await write('way/link')
    expect(readFileSync(at('deep/report'), 'utf8')).toBe('new')
  })

  test('in a loop is refused', async () => {
    symlinkSync('b', at('a'))
    symlinkSync('a', at('b'))
    await expect(write('a')).rejects.toThrow(/links form a loop \(ELOOP\)/)
  })

  test.skipIf(!root).each([
    ['the first', 'theirs'],
    ['behind one of our own', 'ours'],
  ])('of another user is not followed: %s (needs root)', async (_, name) => {
    writeFileSync(at('private'), 'precious', { mode: 0o600 })
    symlinkSync(at('private'), at('theirs'))
    lchownSync(at('theirs'), NOBODY, NOBODY)
    symlinkSync('theirs', at('ours'))
    await expect(write(name)).rejects.toMatchObject({
      problem: {
        cause: expect.stringMatching(/symbolic link of another user \(uid 65534\)/),
        hint: expect.stringMatching(/Remove it|Name the file/),
      },
    })
    expect(readFileSync(at('private'), 'utf8')).toBe('precious')
    expect(lstatSync(at('theirs')).isSymbolicLink()).toBe(true)
  })
})

describe('leftovers of a kill', () => {
  const old = new Date(Date.now() - 25 * 3_600_000)
  /** A process that has exited. */
  const { pid: gone } = spawnSync('true')
  function left(given: { when?: Date; uid?: number; name?: string } = {}): string {
    const name = given.name ?? temporaryName('some-name', gone)
    writeFileSync(at(name), 'half')
    if (given.when !== undefined) utimesSync(at(name), given.when, given.when)
    if (given.uid !== undefined) lchownSync(at(name), given.uid, given.uid)
    return name
  }
  /** The name that another boot, PID namespace or machine would give. */
  const foreign = () => temporaryName('some-name').replace(/-[0-9a-f]{12}(?=-\d+-)/, '-000000000000')

  test('are removed, and files that are still being written are not, however long ago they were started', async () => {
    const writer = spawn('sleep', ['1000'])
    await once(writer, 'spawn')
    const others = temporaryName('some-name', writer.pid)
    const abandoned = [left(), left({ when: old, name: foreign() })]
    const kept = [
      left({ when: old, name: temporaryName('some-name') }),
      left({ when: old, name: others }),
      left({ name: foreign() }),
      left({ when: old, name: '.reuseport-inspector-notes.part' }),
      left({ when: old, name: 'a' }),
    ]
    mkdirSync(at(temporaryName('a folder', gone)))
    await removeAbandoned(folder)
    for (const name of abandoned) expect(existsSync(at(name)), name).toBe(false)
    for (const name of kept) expect(existsSync(at(name)), name).toBe(true)
    expect(readdirSync(folder)).toHaveLength(kept.length + 1)
    writer.kill('SIGKILL')
    await once(writer, 'close')
    await removeAbandoned(folder)
    expect(existsSync(at(others))).toBe(false)
  })

  test("of a process whose pid is now another's are removed", async () => {
    const name = left({ name: temporaryName('some-name').replace(/-\d+\.part$/, '-1.part') })
    await removeAbandoned(folder)
    expect(existsSync(at(name))).toBe(false)
  })

  test.skipIf(!root)('of another user are left alone, and so is the target of a link (needs root)', async () => {
    const theirs = left({ when: old, uid: NOBODY })
    writeFileSync(at('precious'), '')
    const link = temporaryName('a link', gone)
    symlinkSync('precious', at(link))
    await removeAbandoned(folder)
    for (const name of [theirs, 'precious', link]) expect(readdirSync(folder)).toContain(name)
  })

  test('are removed when any file is written there, and when the library is first used', async () => {
    const first = left()
    await write('a')
    expect(readdirSync(folder)).toEqual(['a'])
    expect(existsSync(at(first))).toBe(false)
    left()
    expect(await new SnapshotLibrary(folder, null).list()).toEqual([])
    expect(readdirSync(folder)).toEqual(['a'])
  })
})
