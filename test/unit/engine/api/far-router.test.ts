/** What a page that shows another host asks: that host answers, except about what is stored here. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFarRouter } from '../../../../electron/engine/api/far-router.ts'
import {
  collectParts,
  partsOf,
  RecordingController,
  SnapshotLibrary,
  TransferManager,
} from '../../../../electron/engine/snapshots/index.ts'
import { connectionLost } from '../../../../electron/host/wire/unreachable.ts'
import { type ScriptedEngine, scriptedEngine } from '../../../doubles/scripted-engine.ts'
import { aChange, aSnapshot } from '../../../doubles/snapshots.ts'

let folder: string
let far: ScriptedEngine
let near: ScriptedEngine

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rpi-test-'))
  const snapshot = aSnapshot({ host: { ...aSnapshot().host, hostname: 'web7' } })
  far = scriptedEngine({ snapshot, changes: [aChange({ cursor: 'far' })] })
  near = scriptedEngine()
})
afterEach(() => rmSync(folder, { recursive: true }))

function page(client = far.client) {
  const library = new SnapshotLibrary(folder, null)
  async function* parts() {
    yield* partsOf(await client.snapshot({}))
  }
  const snapshots = {
    library,
    transfers: new TransferManager(),
    desk: new RecordingController(library, () => collectParts(parts())),
    parts,
  }
  return createRouterClient(createFarRouter({ far: client, near: near.client, snapshots }))
}

test('live data comes from the host, with the input as the page gave it', async () => {
  expect(await page().groups.changes({ all: true, after: 'x' })).toMatchObject({ cursor: 'far' })
  await page().sampling.pause({ paused: true })
  expect(far.asked).toEqual([
    { procedure: 'groups.changes', input: { all: true, after: 'x' } },
    { procedure: 'sampling.pause', input: { paused: true } },
  ])
  expect(near.asked).toEqual([])
})

test('the typed errors of the host arrive as they are', async () => {
  await expect(page().group.changes({ id: '0123456789abcdef' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    defined: true,
    data: { operation: 'group 0123456789abcdef', cause: 'there is none' },
  })
})

test('a lost connection is a typed error too', async () => {
  const fails = async () => Promise.reject(connectionLost('it was silent for 20 s'))
  const lost = new Proxy(far.client, { get: (client, key) => (key === 'snapshot' ? fails : Reflect.get(client, key)) })
  await expect(page(lost).snapshot({})).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    defined: true,
    data: { operation: 'the connection was lost', cause: 'it was silent for 20 s' },
  })
})

test('settings are those of this machine', async () => {
  const client = page()
  await client.settings.set({ theme: 'dark', intervalMs: 500 })
  expect(await client.settings.get()).toMatchObject({ theme: 'dark', intervalMs: 500 })
  expect(near.asked).toEqual([{ procedure: 'settings.set', input: { theme: 'dark', intervalMs: 500 } }])
  expect(far.asked).toEqual([])
})

test('a snapshot of the host is a file of this machine, and is shown from there', async () => {
  const client = page()
  const { id, hostname } = await client.snapshots.save({ name: 'before' })
  expect(hostname).toBe('web7')
  far.asked.length = 0
  expect(await client.groups.changes({ snapshot: id })).toMatchObject({ reset: true, more: false })
  expect(await client.findings.changes({ snapshot: id })).toMatchObject({ reset: true })
  await expect(client.group.changes({ id: '0123456789abcdef', snapshot: id })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
  expect(far.asked).toEqual([])
  expect(await client.snapshots.compare({ before: id, after: 'now' })).toMatchObject({ omitted: 0 })
  expect(far.asked.map(({ procedure }) => procedure)).toEqual(['snapshot'])
})
