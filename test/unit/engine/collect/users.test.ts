import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accountOf, Users, userNames } from '../../../../electron/engine/collect/users.ts'

describe('the names in passwd(5)', () => {
  it('are found by uid, and the first of several counts', () => {
    const names = userNames('root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n')
    expect([...names]).toEqual([
      [0, 'root'],
      [33, 'www-data'],
    ])
  })

  it('ignore malformed lines', () => {
    const text = '# comment:x:1:1\n\n:x:2:2\nshort\n+::::::\nnegative:x:-1:1\nword:x:one:1\nlarge:x:99999999999:1\n'
    expect(userNames(text).size).toBe(0)
  })
})

describe('users', () => {
  let folder: string
  let path: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'reuseport-users-'))
    path = join(folder, 'passwd')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('are known after a refresh, and read again when the file was replaced', () => {
    writeFileSync(path, 'alice:x:1000:1000::/:/bin/sh\n')
    const users = new Users(path)
    expect(users.name(1000)).toBeNull()
    users.refresh()
    expect(users.name(1000)).toBe('alice')
    expect(users.name(1001)).toBeNull()
    expect(users.has('alice')).toBe(true)
    expect(users.has('4711')).toBe(true)
    expect(users.has('bob')).toBe(false)

    // The same size, as useradd(8) and vipw(8) write it: beside the old one, and renamed.
    writeFileSync(`${path}+`, 'carol:x:1000:1000::/:/bin/sh\n')
    renameSync(`${path}+`, path)
    users.refresh()
    expect(users.name(1000)).toBe('carol')
  })

  it('are unknown without a file, and known again when it is back', () => {
    const users = new Users(path)
    users.refresh()
    expect(users.name(0)).toBeNull()
    writeFileSync(path, 'root:x:0:0::/:/bin/sh\n')
    users.refresh()
    expect(users.name(0)).toBe('root')
  })

  it('of this machine agree with getpwuid(3)', () => {
    const { uid, username } = userInfo()
    const users = new Users()
    users.refresh()
    expect(users.name(uid)).toBe(username)
  })
})

it('an account by name or uid; a uid without a line counts, a name without one does not', () => {
  const text = 'root:x:0:0:root:/root:/bin/sh\n# note:x:7:7::\nbroken\nwww-data:x:33:34:::\n'
  expect(accountOf(text, 'www-data')).toEqual({ name: 'www-data', uid: 33, gid: 34 })
  expect(accountOf(text, '33')).toEqual({ name: 'www-data', uid: 33, gid: 34 })
  expect(accountOf(text, '2001')).toEqual({ name: null, uid: 2001, gid: 2001 })
  for (const none of ['nobody-here', '# note', '-1', '4294967295', '1.5', '']) expect(accountOf(text, none)).toBeNull()
})
