/** Which namespaces are opened and retried, and their names: with a reader that answers as the kernel may. */
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Interfaces } from '../../../../electron/engine/collect/interfaces.ts'
import { Namespaces } from '../../../../electron/engine/collect/namespaces.ts'
import type { ScannedProcess } from '../../../../electron/engine/collect/process-table.ts'
import type { Reader } from '../../../../native/index.ts'

// No real namespace has this number: the kernel's numbers begin at 0xf0000000.
const INODE = 4711

const inhabitant: ScannedProcess = {
  pid: 17,
  parent: 1,
  startTime: 1,
  command: 'hermit',
  comm: 'hermit',
  startedAt: null,
  uid: 0,
  netns: INODE,
  sockets: 1,
  epolls: 0,
}

/** Namespaces over a reader that gives these answers, in order, when the inhabitant's is opened. */
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
  const namespaces = new Namespaces(reader, new Interfaces(reader, () => undefined), () => null, [])
  const look = async () => {
    await namespaces.discover([inhabitant])
    return {
      asked,
      open: namespaces.list().map(({ inode }) => inode),
      closed: namespaces.inaccessible().map(({ reason }) => reason),
    }
  }
  return look
}

function refusal(code: string): Error {
  return Object.assign(new Error(code), { operation: 'open network namespace', errno: 1, code })
}

test('a refused one is reported as not accessible, and not tried again', async () => {
  const look = namespacesOf('EPERM')
  expect(await look()).toEqual({ asked: 1, open: [], closed: ['EPERM'] })
  expect(await look()).toEqual({ asked: 1, open: [], closed: ['EPERM'] })
})

test.each(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN'])(
  'one that failed for lack of resources (%s) is tried again',
  async (code) => {
    const look = namespacesOf(code, code)
    expect(await look()).toEqual({ asked: 1, open: [], closed: [code] })
    expect(await look()).toEqual({ asked: 2, open: [], closed: [code] })
    expect(await look()).toEqual({ asked: 3, open: [INODE], closed: [] })
  },
)

test('one that ended in between is not listed', async () => {
  const look = namespacesOf('ENOENT')
  expect(await look()).toEqual({ asked: 1, open: [], closed: [] })
})

test('a chosen name is preferred to a container, and a container to a number', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pinned-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const pin = (name: string) => {
    writeFileSync(join(folder, name), '')
    return statSync(join(folder, name)).ino
  }
  const chosen = pin('blue')
  const containerd = pin('cni-0ee79ec2-1cf1-4b2e-8c4d-2f0b8a5c9d10')
  const podman = pin('netns-b9a0c8c4-9a57-4d8e-8f5b-0a1b2c3d4e5f')
  const docker = pin('8d1f0a2b3c4d')
  const empty = pin('cni-11111111-2222-3333-4444-555555555555')
  const inodeAt = (path: string) => (path.startsWith(folder) ? statSync(path).ino : Number(/\d+/.exec(path)?.[0]))
  const reader = { openNamespace: async (path: string) => inodeAt(path) } as unknown as Reader
  const namespaces = new Namespaces(
    reader,
    new Interfaces(reader, () => undefined),
    ({ netns }) => (netns === podman ? null : `container of ${netns}`),
    [folder],
  )
  // The fake opens the pid, so the pid names the namespace.
  await namespaces.discover([chosen, containerd, podman, docker].map((netns) => ({ ...inhabitant, pid: netns, netns })))
  const names = new Map(namespaces.list().map(({ inode, name }) => [inode, name]))
  expect([chosen, containerd, podman, docker, empty].map((inode) => names.get(inode))).toEqual([
    'blue',
    `container of ${containerd}`,
    `hermit ${podman}`,
    `container of ${docker}`,
    'cni-11111111-2222-3333-4444-555555555555',
  ])
})

test('one is released when nothing uses it any more, not when only its name is removed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pinned-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const own = '/proc/self/ns/net'
  const netns = statSync(own).ino
  const closed: number[] = []
  const reader = {
    openNamespace: async () => netns,
    closeNamespace: (inode: number) => closed.push(inode),
  } as unknown as Reader
  const namespaces = new Namespaces(reader, new Interfaces(reader, () => undefined), () => 'container', [folder])
  const here = { ...inhabitant, pid: process.pid, netns }
  const pinned = async (): Promise<void> => {
    symlinkSync(own, join(folder, 'blue'))
    await namespaces.discover([])
    namespaces.releaseUnused([])
    expect(namespaces.list().map(({ inode }) => inode)).toEqual([netns])
    rmSync(join(folder, 'blue'))
  }

  await pinned()
  namespaces.releaseUnused([here])
  namespaces.releaseUnused([])
  expect(closed).toEqual([])
  expect(namespaces.list().map(({ inode }) => inode)).toEqual([netns])
  await namespaces.discover([])
  expect(closed).toEqual([netns])

  await pinned()
  // A process that was there when it was scanned, and has exited or moved since.
  namespaces.releaseUnused([{ ...here, pid: 0x7fff_ffff }])
  expect(closed).toEqual([netns, netns])
  expect(namespaces.list()).toEqual([])
})

test('a reserve of descriptors remains: other namespaces are left out, reported, and tried again', async () => {
  const reader = {
    openNamespace: async (path: string) => Number(path.split('/')[2]),
    closeNamespace: () => undefined,
  } as unknown as Reader
  let spare = 64 + 2 * 4
  const namespaces = new Namespaces(
    reader,
    new Interfaces(reader, () => undefined),
    () => null,
    [],
    () => spare,
  )
  const many = [1, 2, 3, 4, 5].map((at) => ({ ...inhabitant, pid: INODE + at, netns: INODE + at }))
  await namespaces.discover(many)
  expect(namespaces.list()).toHaveLength(2)
  expect(namespaces.leftOut().map(({ reason }) => reason)).toEqual(['EMFILE', 'EMFILE', 'EMFILE'])
  spare = 1000
  await namespaces.discover(many)
  expect(namespaces.list()).toHaveLength(5)
  expect(namespaces.leftOut()).toEqual([])
})
