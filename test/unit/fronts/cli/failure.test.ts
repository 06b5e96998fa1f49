/** What is said of whatever was thrown. */
import { expect, test } from 'vitest'
import { asFailure } from '../../../../electron/fronts/cli/failure.ts'

test('of a limit of open files, how to raise it, and not which file of the program was next', () => {
  const thrown = Object.assign(new Error("EMFILE: too many open files, open '/usr/lib/x/page.cjs'"), { code: 'EMFILE' })
  expect(asFailure(thrown).message).toMatch(/limit of open files \(EMFILE\).*ulimit -n/)
})
