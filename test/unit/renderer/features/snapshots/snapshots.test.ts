/** Saving and removing on any screen: what is said, and what can be undone. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { StoredItem } from '../../../../../electron/contract/snapshots.ts'
import { createSnapshotsStore, type SnapshotsStore } from '../../../../../renderer/features/snapshots/store.ts'
import { createPageStore, type PageStore } from '../../../../../renderer/model/store/store.ts'
import type { EngineClient } from '../../../../../renderer/model/transport/transport.ts'
import { aStoredItem } from '../../../../doubles/stored-snapshots.ts'

let page: PageStore
let snapshots: SnapshotsStore
let stored: StoredItem[]
const location = { hash: '#/groups' }
beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('window', { location })
  location.hash = '#/groups'
  stored = [aStoredItem(), aStoredItem({ id: 'saved/other.json.gz', name: 'other' })]
  page = createPageStore()
  snapshots = createSnapshotsStore(page)
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

async function connect() {
  const client = {
    snapshots: {
      list: async () => stored,
      recording: async () => null,
      save: async () => aStoredItem({ name: 'now' }),
      delete: async ({ id }: { id: string }) => {
        stored = stored.filter((one) => one.id !== id)
      },
    },
  } as unknown as EngineClient
  page.session.setState({ client })
  await vi.advanceTimersByTimeAsync(0)
}

const names = () => snapshots.state.getState().items?.map(({ name }) => name)
const notice = () => page.notices.state.getState().notice

test('they are counted as soon as there is an engine', async () => {
  await connect()
  expect(names()).toEqual(['before the reload', 'other'])
})

test('a removed one is gone from the list at once, and from the disk when it can no longer be undone', async () => {
  await connect()
  snapshots.remove(stored[0] ?? aStoredItem())
  expect(names()).toEqual(['other'])
  expect(notice()).toMatchObject({ text: 'Removed the snapshot “before the reload”.', action: { name: 'Undo' } })
  expect(stored).toHaveLength(2)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(stored.map(({ name }) => name)).toEqual(['other'])
  expect(notice()).toBeNull()
})

test('undo brings it back', async () => {
  await connect()
  snapshots.remove(stored[0] ?? aStoredItem())
  page.notices.act()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(names()).toEqual(['before the reload', 'other'])
  expect(stored).toHaveLength(2)
})

test('saving says so and stays on the screen', async () => {
  await connect()
  await snapshots.saveNow()
  expect(notice()).toMatchObject({ text: 'Saved “now”.', action: { name: 'Compare with now' } })
  expect(location.hash).toBe('#/groups')
})

test('while disconnected it says why it did not', async () => {
  await snapshots.saveNow()
  expect(notice()).toMatchObject({
    text: 'Could not save a snapshot: the engine is not responding. Try again when it does.',
    failed: true,
  })
})
