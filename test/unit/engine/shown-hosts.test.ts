import { expect, test } from 'vitest'
import { Settings } from '../../../electron/contract/settings.ts'
import { memorySettings } from '../../../electron/engine/settings/settings-store.ts'
import { ShownHosts } from '../../../electron/engine/shown-hosts.ts'
import { scriptedEngine } from '../../doubles/scripted-engine.ts'

const settings = Settings.parse({ intervalMs: 500, theme: 'dark', mutedFindings: ['x'] })

test('a shown host has the settings of this machine that concern its engine, until it is not shown any more', async () => {
  const shown = new ShownHosts()
  const store = shown.passingOn(memorySettings(settings))
  const { client, asked } = scriptedEngine()
  await shown.add(client, store.read())
  store.write({ ...settings, intervalMs: 1000 })
  await expect.poll(() => asked.length).toBe(2)
  shown.remove(client)
  store.write(settings)
  expect(asked.map(({ input }) => input)).toEqual([
    { intervalMs: 500, mutedFindings: ['x'] },
    { intervalMs: 1000, mutedFindings: ['x'] },
  ])
  expect(store.read()).toEqual(settings)
})

test('a disk that is full here does not keep a change from the hosts', async () => {
  const shown = new ShownHosts()
  const full = () => {
    throw new Error('ENOSPC')
  }
  const store = shown.passingOn({ read: () => settings, write: full })
  const { client, asked } = scriptedEngine()
  await shown.add(client, settings)
  expect(() => store.write({ ...settings, intervalMs: 1000 })).toThrow('ENOSPC')
  await expect.poll(() => asked.length).toBe(2)
})
