import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { reasonOf, systemErrorName } from '../../../../electron/engine/common/system-error.ts'

/** As Node throws what libuv has no name for, seen on a file system with a quota. */
const unnamed = (errno: number) =>
  Object.assign(new Error(`Unknown system error ${errno}: Unknown system error ${errno}, write`), {
    errno,
    code: `Unknown system error ${errno}`,
    syscall: 'write',
  })

test.each([
  [-122, 'EDQUOT', 'the disk quota is used up (EDQUOT)'],
  [-116, 'ESTALE', 'its server no longer knows the file (ESTALE)'],
])('error %i, which libuv does not know, is %s', (errno, name, cause) => {
  expect(systemErrorName(unnamed(errno))).toBe(name)
  expect(reasonOf(unnamed(errno))).toEqual({ cause, hint: expect.stringMatching(/\.$/) })
})

test('an error that Node names keeps its name', () => {
  const thrown = (work: () => void) => {
    try {
      work()
    } catch (error) {
      return error
    }
  }
  const absent = thrown(() => readFileSync('/nonexistent'))
  expect(systemErrorName(absent)).toBe('ENOENT')
  expect(reasonOf(absent).cause).toBe('there is no such file or directory (ENOENT)')
})

test('without a reason of ours, its own words', () => {
  expect(reasonOf(unnamed(-9999))).toEqual({
    cause: 'Unknown system error -9999: Unknown system error -9999, write',
    hint: null,
  })
  expect(reasonOf(Object.assign(new Error('invalid option'), { code: 'ERR_INVALID_ARG_VALUE' }))).toEqual({
    cause: 'invalid option',
    hint: null,
  })
  expect(reasonOf('plain')).toEqual({ cause: 'plain', hint: null })
})
