import { expect, test } from 'vitest'
import { describeExit } from '../../../electron/main/exit-status.ts'

test.each([
  [9, 'killed by SIGKILL'],
  [11, 'killed by SIGSEGV'],
  [6, 'killed by SIGABRT'],
  [6 | 0x80, 'killed by SIGABRT'],
  [0, 'exit status 0'],
  [1, 'exit status 1'],
  [1 << 8, 'exit status 1'],
  [9 << 8, 'exit status 9'],
])('%i: %s', (code, words) => {
  expect(describeExit(code)).toBe(words)
})
