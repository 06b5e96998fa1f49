import { expect, test } from 'vitest'
import { rowsMoved } from '../../../../electron/engine/collect/rows-moved.ts'

test('rows moved if a group was added or removed, or a frame was missed', () => {
  const frame = (refresh: number, { count = 2, removed = 0, since = 1 } = {}) => ({
    refresh,
    groups: { count },
    raw: { removedGroups: new BigUint64Array(removed) },
    since: () => since,
    anyMembersChanged: () => removed > 0 || since === refresh,
  })
  expect(rowsMoved(frame(5), frame(4))).toBe(false)
  expect(rowsMoved(frame(5), null)).toBe(true)
  expect(rowsMoved(frame(5), frame(3))).toBe(true)
  expect(rowsMoved(frame(5, { count: 3 }), frame(4))).toBe(true)
  expect(rowsMoved(frame(5, { removed: 1 }), frame(4))).toBe(true)
  expect(rowsMoved(frame(5, { since: 5 }), frame(4))).toBe(true)
})
