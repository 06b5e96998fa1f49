import { expect, test } from 'vitest'
import { labSockets } from '../../../../electron/engine/lab/program.ts'

const text = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 101 @reuseport-inspector/lab/1000/0a1b2c3d
0000000000000000: 00000002 00000000 00010000 0001 01 102 @reuseport-inspector/lab/1000/0a1b2c3d@@@@@@@@
0000000000000000: 00000003 00000000 00000000 0001 03 103 @reuseport-inspector/lab/1000/0a1b2c3d
0000000000000000: 00000002 00000000 00010000 0001 01 104 @reuseport-inspector/lab/0/11111111
0000000000000000: 00000002 00000000 00010000 0001 01 105 @reuseport-inspector/lab/1000/zzzzzzzz
0000000000000000: 00000002 00000000 00010000 0001 01 106 /run/reuseport-inspector/lab/1000/22222222
0000000000000000: 00000002 00000000 00010000 0001 01 107
`

test('finds the labs of one user by their exact names: no connections, no other users, no name that continues after NULs', () => {
  expect([...labSockets(text, 1000)]).toEqual([['0a1b2c3d', 101]])
  expect([...labSockets(text, 0).keys()]).toEqual(['11111111'])
  expect(labSockets('', 0).size).toBe(0)
})
