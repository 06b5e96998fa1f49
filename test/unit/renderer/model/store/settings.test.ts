/** The settings that the page shows: the engine's, and what the user changed since they were asked for. */
import { expect, test } from 'vitest'
import { DEFAULT_SETTINGS } from '../../../../../electron/contract/default-settings.ts'
import type { Settings } from '../../../../../electron/contract/settings.ts'
import { createSession } from '../../../../../renderer/model/store/session.ts'
import { createSettings } from '../../../../../renderer/model/store/settings.ts'
import type { EngineClient } from '../../../../../renderer/model/transport/transport.ts'

/** An engine that has answered a question for its settings, with the answer on the way until `arrive`. */
function slowEngine() {
  let arrive: () => void = () => {}
  const stored: Partial<Settings>[] = []
  const settings = {
    get: () =>
      new Promise<Settings>((resolve) => {
        arrive = () => resolve(DEFAULT_SETTINGS)
      }),
    set: async (change: Partial<Settings>) => {
      stored.push(change)
      return DEFAULT_SETTINGS
    },
  }
  return { client: { settings } as unknown as EngineClient, stored, arrive: () => arrive() }
}

test('what is changed while the settings are on the way stays, and is stored once', async () => {
  const session = createSession()
  const settings = createSettings(session)
  const { client, stored, arrive } = slowEngine()
  const loaded = settings.load(client, new AbortController().signal)
  session.setState({ client })
  await settings.change({ theme: 'dark' })
  arrive()
  await loaded
  expect(session.getState().settings).toEqual({ ...DEFAULT_SETTINGS, theme: 'dark' })
  expect(stored).toEqual([{ theme: 'dark' }])
})

test('what was changed before there is an engine is stored by the first one', async () => {
  const session = createSession()
  const settings = createSettings(session)
  const { client, stored, arrive } = slowEngine()
  await settings.change({ theme: 'dark' })
  const loaded = settings.load(client, new AbortController().signal)
  arrive()
  await loaded
  expect(session.getState().settings).toEqual({ ...DEFAULT_SETTINGS, theme: 'dark' })
  expect(stored).toEqual([{ theme: 'dark' }])
})

test('what another page changed is shown by the next connection', async () => {
  const session = createSession()
  const settings = createSettings(session)
  const first = slowEngine()
  const loaded = settings.load(first.client, new AbortController().signal)
  session.setState({ client: first.client })
  await settings.change({ theme: 'dark' })
  first.arrive()
  await loaded
  const next = slowEngine()
  const again = settings.load(next.client, new AbortController().signal)
  next.arrive()
  await again
  expect(session.getState().settings).toEqual(DEFAULT_SETTINGS)
})
