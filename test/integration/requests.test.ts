/** Invalid requests, settings, and basic facts of the machine. */
import { readFileSync } from 'node:fs'
import { hostname, release } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PermissionCheck } from '../../electron/contract/live.ts'
import { Host, Snapshot } from '../../electron/contract/model.ts'
import { Settings } from '../../electron/contract/settings.ts'
import { startEngine } from '../../electron/engine/engine.ts'
import { addonPath, startTestEngine, type TestEngine } from './support/engine.ts'
import { startSocketMaker } from './support/socket-maker.ts'

let engine: TestEngine
beforeAll(async () => {
  engine = await startTestEngine()
})
afterAll(() => engine.close())

test('an unknown group is reported, with a hint', async () => {
  await expect(engine.client.group.changes({ id: '0123456789abcdef' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    data: { operation: expect.stringContaining('0123456789abcdef'), hint: expect.any(String) },
  })
})

test('an unknown namespace is reported, with the existing ones', async () => {
  const own = (await engine.client.machine.about()).namespaces.find((namespace) => namespace.self)
  await expect(engine.client.snapshot({ selection: { netns: 'no such place' } })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    data: { operation: expect.stringContaining('no such place'), hint: expect.stringContaining(own?.name ?? '?') },
  })
})

test.each([
  ['a port of 0', { selection: { port: 0 } }],
  ['a port of 65536', { selection: { port: 65536 } }],
  ['a port that is text', { selection: { port: '80' } }],
  ['an unknown protocol', { selection: { protocol: 'sctp' } }],
  ['an unknown sharing', { selection: { sharing: 'maybe' } }],
])('%s is refused by the contract', async (_, input) => {
  await expect(engine.client.snapshot(input as never)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})

test.each(['', 'xyz', '0123456789ABCDEF', '0123456789abcdef0'])('"%s" is no group id', async (id) => {
  await expect(engine.client.group.changes({ id })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})

test('a snapshot matches the contract and this machine', async () => {
  await using maker = await startSocketMaker()
  await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 2 })
  const snapshot = Snapshot.parse(await engine.client.snapshot({ selection: { all: true } }))
  expect(snapshot.host).toMatchObject({
    hostname: hostname(),
    kernelRelease: release(),
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    uid: process.getuid?.(),
  })
  expect(snapshot.sysctls['net.core.somaxconn']).toBe(Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8')))
})

test('a selection restricts by each of its fields', async () => {
  await using maker = await startSocketMaker()
  const tcp = await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 2 })
  const port = tcp[0]?.port ?? 0
  await maker.open({ protocol: 'udp', address: '127.0.0.1', options: ['reuseport'], port, count: 2 })
  const plain = await maker.open({ protocol: 'tcp', address: '127.0.0.2', port })
  const ask = async (selection: object) =>
    (await engine.client.snapshot({ selection: { port, ...selection } })).groups.map(
      (group) => `${group.protocol} ${group.address} ${group.members.length}`,
    )
  expect((await ask({})).sort()).toEqual(['tcp 127.0.0.1 2', 'udp 127.0.0.1 2'])
  expect(await ask({ protocol: 'tcp' })).toEqual(['tcp 127.0.0.1 2'])
  expect(await ask({ protocol: 'udp' })).toEqual(['udp 127.0.0.1 2'])
  expect((await ask({ all: true })).sort()).toEqual(['tcp 127.0.0.1 2', 'tcp 127.0.0.2 1', 'udp 127.0.0.1 2'])
  expect(await ask({ sharing: 'none' })).toEqual([`tcp ${plain[0]?.address} 1`])
  expect(await ask({ sharing: 'inherited' })).toEqual([])
  const uid = String(process.getuid?.() ?? '')
  expect(await ask({ user: uid })).toHaveLength(2)
  // A uid may have no user; a name without a user is a mistake.
  expect(await ask({ user: '4294967294' })).toEqual([])
  await expect(ask({ user: 'nobody-of-this-name' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('settings are validated, stored and read back', async () => {
  const before = await engine.client.settings.get()
  expect(before).toEqual(Settings.parse({}))
  expect(await engine.client.settings.set({ filter: 'port:443', theme: 'dark' })).toEqual({
    ...before,
    filter: 'port:443',
    theme: 'dark',
  })
  expect(await engine.client.settings.get()).toMatchObject({ filter: 'port:443', theme: 'dark' })
  await expect(engine.client.settings.set({ intervalMs: 1 })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  await expect(engine.client.settings.set({ theme: 'pink' as never })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  expect(await engine.client.settings.get()).toMatchObject({ intervalMs: before.intervalMs, theme: 'dark' })
})

test('settings that cannot be stored apply anyway, with an error', async () => {
  const full = startEngine({
    addonPath,
    settings: {
      read: () => Settings.parse({}),
      write: () => {
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
      },
    },
  })
  try {
    await expect(full.client.settings.set({ intervalMs: 500 })).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      data: { cause: expect.stringContaining('ENOSPC'), hint: expect.any(String) },
    })
    expect(await full.client.settings.get()).toMatchObject({ intervalMs: 500 })
  } finally {
    await full.close()
  }
})

test('the interval in the settings is applied', async () => {
  await using quick = await startTestEngine({ intervalMs: 2000 })
  expect((await quick.client.groups.changes({})).sampler.requestedIntervalMs).toBe(2000)
  await quick.client.settings.set({ intervalMs: 300 })
  expect((await quick.client.groups.changes({})).sampler.requestedIntervalMs).toBe(300)
})

test('every check of the doctor has a text and a hint', async () => {
  const { host, checks } = await engine.client.machine.capabilities()
  Host.parse(host)
  for (const check of checks) PermissionCheck.parse(check)
  expect(new Set(checks.map((check) => check.id)).size).toBe(checks.length)
  expect(checks.map((check) => check.id)).toEqual(expect.arrayContaining(['sockets', 'owners', 'namespaces']))
})

test('a closed engine refuses requests, and says so', async () => {
  const closed = await startTestEngine()
  const waiting = (async () => {
    for (let after: string | undefined; ; ) {
      const change = await closed.client.groups.changes({ ...(after !== undefined && { after }) })
      after = change.cursor
      // An engine that always answered at once would let no timer of this process run.
      await new Promise(setImmediate)
    }
  })()
  const refused = expect(waiting).rejects.toThrow('closed')
  await closed.client.snapshot({})
  await closed.close()
  await expect(closed.client.snapshot({})).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
  await refused
})
