/** The error message for anything thrown. */
import { expect, test } from 'vitest'
import { asFailure } from '../../../../electron/fronts/cli/failure.ts'

test('a limit on open files: how to raise it, and not which file of the program was next', () => {
  const thrown = Object.assign(new Error("EMFILE: too many open files, open '/usr/lib/x/page.cjs'"), { code: 'EMFILE' })
  expect(asFailure(thrown).message).toMatch(/open file limit \(EMFILE\).*ulimit -n/)
})
