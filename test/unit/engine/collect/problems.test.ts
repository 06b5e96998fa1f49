import { afterEach, expect, test, vi } from 'vitest'
import { problemOfError } from '../../../../electron/engine/collect/problems.ts'

afterEach(() => void vi.restoreAllMocks())

function remedyFor(code: string, uid: number): string | null {
  vi.spyOn(process, 'geteuid').mockReturnValue(uid)
  const error = Object.assign(new Error('open a sock_diag socket: refused'), {
    code,
    errno: 1,
    operation: 'open a sock_diag socket',
  })
  return problemOfError('all sockets', error).hint
}

test('the hint for missing permissions: become root; for root: leave the sandbox', () => {
  for (const code of ['EPERM', 'EACCES']) {
    expect(remedyFor(code, 65534)).toMatch(/as root/)
    expect(remedyFor(code, 0)).toMatch(/sandbox or container.*outside it/)
  }
  expect(remedyFor('EMFILE', 0)).toMatch(/ulimit -n/)
  expect(remedyFor('EXDEV', 0)).toBeNull()
})
