import { expect, test } from 'vitest'
import { removedMembers } from '../../../../../electron/engine/analyze/findings/removed-members.ts'

const QUEUED = [0, 5, 7]
/** Three sockets with cookies 1 to 3; the last is connected. */
const before = {
  refresh: 4,
  sockets: { count: 3 },
  queueLength: (socket: number) => QUEUED[socket] ?? 0,
  socketReceives: (socket: number) => socket < 2,
  cookie: (socket: number) => BigInt(socket + 1),
}
const frame = (removedSockets: bigint[], removedSocketGroups: bigint[]) => ({
  refresh: 5,
  raw: {
    removedSockets: BigUint64Array.from(removedSockets),
    removedSocketGroups: BigUint64Array.from(removedSocketGroups),
  },
})

test('by group, with their queue in the previous frame', () => {
  expect(removedMembers(frame([1n, 2n, 3n], [0xan, 0xan, 0xbn]), before)).toEqual(
    new Map([
      [
        '000000000000000a',
        [
          { cookie: 1n, queued: 0 },
          { cookie: 2n, queued: 5 },
        ],
      ],
      ['000000000000000b', [{ cookie: 3n, queued: 0 }]],
    ]),
  )
})

test('none without the frame just before', () => {
  const now = frame([2n], [0xan])
  expect(removedMembers(now, null).size).toBe(0)
  expect(removedMembers(now, { ...before, refresh: 3 }).size).toBe(0)
  expect(removedMembers(frame([], []), before).size).toBe(0)
})
