/** Network namespaces for one test, with loopback up, removed at its end. */
import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { promisify } from 'node:util'

const run = promisify(execFile)
let count = 0

export type TestNamespace = AsyncDisposable & {
  readonly name: string
  readonly inode: number
  readonly path: string
  /** Runs `ip` in it: `ip('link', 'add', …)`. */
  ip(...args: string[]): Promise<void>
  /** Sets a sysctl in it. */
  sysctl(name: string, value: string): Promise<void>
  /** Removes the name now; the namespace exists while a process or descriptor is in it. */
  remove(): Promise<void>
}

/** Creates a namespace. Its name contains the run's mark, by which the test command finds leftovers. */
export async function makeNamespace(): Promise<TestNamespace> {
  const name = `rpi-test-${process.env.RPI_TEST_RUN ?? 'dev'}-${process.pid}-${++count}`
  await run('ip', ['netns', 'add', name])
  const namespace = namespaceNamed(name)
  await namespace.ip('link', 'set', 'lo', 'up')
  return namespace
}

/** An existing namespace. */
export function namespaceNamed(name: string): TestNamespace {
  let removed = false
  const namespace: TestNamespace = {
    name,
    path: `/run/netns/${name}`,
    inode: statSync(`/run/netns/${name}`).ino,
    ip: async (...args) => {
      await run('ip', ['-n', name, ...args])
    },
    sysctl: async (key, value) => {
      await run('ip', ['netns', 'exec', name, 'sysctl', '-qw', `${key}=${value}`])
    },
    remove: async () => {
      if (removed) return
      removed = true
      await run('ip', ['netns', 'del', name])
    },
    [Symbol.asyncDispose]: () => namespace.remove(),
  }
  return namespace
}

/** Adds a pair of virtual interfaces that are up; not every kernel has `dummy`, but all have `veth`. */
export async function addInterface(namespace: TestNamespace, name: string, address?: string): Promise<void> {
  await namespace.ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}-peer`)
  for (const end of [name, `${name}-peer`]) await namespace.ip('link', 'set', end, 'up')
  if (address) await namespace.ip('addr', 'add', address, 'dev', name)
}
