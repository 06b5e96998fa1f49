/** The settings that the page shows: the engine's, and what the user changed since they were asked for. */
import { expect, test } from 'vitest'
import { DEFAULT_SETTINGS } from '../../../../../electron/contract/default-settings.ts'
import type { Settings } from '../../../../../electron/contract/settings.ts'
import { createSession } from '../../../../../renderer/model/store/session.ts'
import { createSettings } from '../../../../../renderer/model/store/settings.ts'
import type { EngineClient } from '../../../../../renderer/model/transport/transport.ts'

/** An engine that has answered a question for its settings, with the answer on the way until `arrive`. */
function slowEngine(has: Settings = DEFAULT_SETTINGS) {
  let arrive: () => void = () => {}
  const stored: Partial<Settings>[] = []
  const settings = {
    get: () =>
      new Promise<Settings>((resolve) => {
        arrive = () => resolve(has)
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

test('a list that is changed before the settings arrive keeps what is stored in it', async () => {
  const session = createSession()
  const settings = createSettings(session)
  const { client, stored, arrive } = slowEngine({ ...DEFAULT_SETTINGS, pinnedGroups: ['a', 'b'] })
  const pin = (id: string) => settings.change(({ pinnedGroups }) => ({ pinnedGroups: [...pinnedGroups, id] }))
  await pin('c')
  expect(session.getState().settings?.pinnedGroups).toEqual(['c'])
  const loaded = settings.load(client, new AbortController().signal)
  session.setState({ client })
  await pin('d')
  arrive()
  await loaded
  expect(session.getState().settings?.pinnedGroups).toEqual(['a', 'b', 'c', 'd'])
  expect(stored).toEqual([{ pinnedGroups: ['a', 'b', 'c', 'd'] }])
  await pin('e')
  expect(stored.slice(1)).toEqual([{ pinnedGroups: ['a', 'b', 'c', 'd', 'e'] }])
})

test('what could not be stored is applied to what the next connection has', async () => {
  const session = createSession()
  const settings = createSettings(session)
  const lost = slowEngine()
  const loaded = settings.load(lost.client, new AbortController().signal)
  session.setState({ client: lost.client })
  lost.arrive()
  await loaded
  lost.client.settings.set = () => Promise.reject(new Error('closed'))
  await settings.change(({ pinnedGroups }) => ({ pinnedGroups: [...pinnedGroups, 'here'] }))
  const next = slowEngine({ ...DEFAULT_SETTINGS, pinnedGroups: ['elsewhere'] })
  const again = settings.load(next.client, new AbortController().signal)
  next.arrive()
  await again
  expect(next.stored).toEqual([{ pinnedGroups: ['elsewhere', 'here'] }])
})
