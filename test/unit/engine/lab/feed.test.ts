/** When the stream of the lab looks, and when it rests. An hour stands for the rest: who waits it out, hangs. */
import { expect, test } from 'vitest'
import type { Lab, LabEnd } from '../../../../electron/contract/lab.ts'
import { LabFeed } from '../../../../electron/engine/lab/feed.ts'

const HOUR_MS = 3_600_000

class Labs {
  unresponsive: readonly string[] = []
  ended: readonly LabEnd[] = []
  open: Lab[] = []
  looks = 0
  get anyOpen() {
    return this.open.length > 0
  }
  list = async () => {
    this.looks++
    return this.open
  }
}

function quietFeed() {
  const labs = new Labs()
  return { labs, feed: new LabFeed(labs, { current: null, running: false }, 'e', HOUR_MS) }
}

test('without open labs the state is read at once, and what starts is reported at once', async () => {
  const { labs, feed } = quietFeed()
  const { cursor: position } = await feed.changes(undefined, undefined)
  const next = feed.changes(position, undefined)
  expect(labs.looks).toBe(1)
  labs.ended = [{ id: '3fa9c1d2', clean: true }]
  feed.wake()
  expect((await next).ended).toEqual(labs.ended)
  expect(labs.looks).toBe(2)
})

test('a new reader does not wait for the pause of the others', async () => {
  const { labs, feed } = quietFeed()
  const { cursor: position } = await feed.changes(undefined, undefined)
  labs.ended = [{ id: '3fa9c1d2', clean: false }]
  expect((await feed.changes(undefined, undefined)).ended).toEqual(labs.ended)
  expect((await feed.changes(position, undefined)).ended).toEqual(labs.ended)
})

test('a leaving reader and the end of the inspector both end the pause', async () => {
  const { feed } = quietFeed()
  const { cursor: position } = await feed.changes(undefined, undefined)
  const leaving = new AbortController()
  const left = feed.changes(position, leaving.signal)
  const waiting = feed.changes(position, undefined)
  leaving.abort()
  await expect(left).rejects.toBeDefined()
  feed.close()
  await expect(waiting).rejects.toThrow('the inspector is shutting down')
})
