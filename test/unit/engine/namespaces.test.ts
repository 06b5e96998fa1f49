/** Which namespaces are opened, and which are tried again: with a reader that answers as the kernel may. */
import { expect, test } from 'vitest'
import { Interfaces } from '../../../electron/engine/interfaces.ts'
import { Namespaces } from '../../../electron/engine/namespaces.ts'
import type { ScannedProcess } from '../../../electron/engine/owners.ts'
import type { Reader } from '../../../native/index.ts'

// No machine numbers a namespace so: the kernel's numbers begin at 0xf0000000.
const INODE = 4711

const inhabitant: ScannedProcess = {
  pid: 17,
  parent: 1,
  startTime: 1,
  command: 'hermit',
  startedAt: null,
  uid: 0,
  netns: INODE,
  sockets: 1,
  epolls: 0,
}

/** Namespaces over a reader that gives these answers, one after the other, to who opens the inhabitant's. */
function namespacesOf(...answers: (string | null)[]) {
  let asked = 0
  const reader = {
    openNamespace: async (path: string | null) => {
      if (path !== `/proc/${inhabitant.pid}/ns/net`) throw refusal('EPERM')
      const code = answers[asked++] ?? null
      if (code !== null) throw refusal(code)
      return INODE
    },
    closeNamespace: () => undefined,
  } as unknown as Reader
  const namespaces = new Namespaces(reader, new Interfaces(reader, () => undefined), () => null)
  const look = async () => {
    await namespaces.discover([inhabitant])
    return {
      asked,
      open: namespaces.list().map(({ inode }) => inode),
      closed: namespaces.closedToUs().flatMap(({ inode, reason }) => (inode === INODE ? [reason] : [])),
    }
  }
  return look
}

function refusal(code: string): Error {
  return Object.assign(new Error(code), { operation: 'open network namespace', errno: 1, code })
}

test('one that is refused is said to be closed, and not asked for again', async () => {
  const look = namespacesOf('EPERM')
  expect(await look()).toEqual({ asked: 1, open: [], closed: ['EPERM'] })
  expect(await look()).toEqual({ asked: 1, open: [], closed: ['EPERM'] })
})

test.each(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN'])(
  'one that could not be opened for want of means (%s) is tried again',
  async (code) => {
    const look = namespacesOf(code, code)
    expect(await look()).toEqual({ asked: 1, open: [], closed: [code] })
    expect(await look()).toEqual({ asked: 2, open: [], closed: [code] })
    expect(await look()).toEqual({ asked: 3, open: [INODE], closed: [] })
  },
)

test('one that ended in between is not there', async () => {
  const look = namespacesOf('ENOENT')
  expect(await look()).toEqual({ asked: 1, open: [], closed: [] })
})
