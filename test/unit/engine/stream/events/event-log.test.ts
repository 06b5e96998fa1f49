import { expect, test } from 'vitest'
import { MAX_EVENTS } from '../../../../../electron/contract/constants.ts'
import { EventLog } from '../../../../../electron/engine/stream/events/event-log.ts'
import { type EventsFeed, eventsFeed } from '../../../../../electron/engine/stream/events/events-feed.ts'
import { anEvent } from '../../../../doubles/memory.ts'
import { aSampling } from '../../../../doubles/snapshots.ts'

const { id: _, ...event } = anEvent()
const signal = new AbortController().signal

function feedOf(log: EventLog): EventsFeed {
  const sampler = { current: async () => null as never, next: async () => undefined, state: aSampling() }
  return eventsFeed(log, sampler, 'e1')
}

test('a reader gets what changed since, page by page, and an event again when it changed', async () => {
  const log = new EventLog()
  const feed = feedOf(log)
  for (let at = 0; at < 450; at++) log.put({ ...event, summary: String(at) })
  const seen: string[] = []
  let change = await feed.changes(undefined, signal)
  expect(change.reset).toBe(true)
  seen.push(...change.events.map(({ summary }) => summary))
  while (change.more) {
    change = await feed.changes(change.cursor, signal)
    expect(change.reset).toBe(false)
    seen.push(...change.events.map(({ summary }) => summary))
  }
  expect(seen).toEqual(Array.from({ length: 450 }, (_, at) => String(at)))

  log.put({ ...event, summary: 'changed' }, 7)
  const next = await feed.changes(change.cursor, signal)
  expect(next.events).toMatchObject([{ id: 7, summary: 'changed' }])
  expect((await feed.changes(next.cursor, signal)).events).toEqual([])
  expect((await feed.changes('e0.3', signal)).reset).toBe(true)
})

test('the number of events is bounded; a forgotten one stays forgotten', () => {
  const log = new EventLog()
  for (let at = 0; at < MAX_EVENTS + 10; at++) log.put(event)
  expect([log.size, log.oldest]).toEqual([MAX_EVENTS, 11])
  log.put(event, 3)
  expect(log.size).toBe(MAX_EVENTS)
})
