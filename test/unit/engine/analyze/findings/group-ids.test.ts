import { expect, test, vi } from 'vitest'
import { GroupIds } from '../../../../../electron/engine/analyze/findings/group-ids.ts'

test('an id is made once until rows move', () => {
  const ids = new GroupIds()
  const id = vi.fn(String)
  expect([ids.of({ id }, 3), ids.of({ id }, 3)]).toEqual(['3', '3'])
  expect(id).toHaveBeenCalledTimes(1)
  ids.reset()
  ids.of({ id }, 3)
  expect(id).toHaveBeenCalledTimes(2)
})
