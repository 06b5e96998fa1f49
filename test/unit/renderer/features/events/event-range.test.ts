import { expect, test } from 'vitest'
import { matcher } from '../../../../../electron/contract/filter/filter.ts'
import { parseFilter } from '../../../../../electron/contract/filter/parse.ts'
import { eventsSentence, eventsShown } from '../../../../../renderer/features/events/event-range.ts'
import { eventTest } from '../../../../../renderer/model/event-filter.ts'
import { groupRow } from '../../../../doubles/group-rows.ts'
import { anEvent } from '../../../../doubles/memory.ts'

const NOW = Date.parse('2026-11-30T15:00:00.000Z')
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString()
const list = [
  anEvent({ id: 4, at: ago(1), kind: 'reload', lost: 3 }),
  anEvent({ id: 3, at: ago(10), kind: 'raised', severity: 'warning' }, groupRow({ port: 80 })),
  anEvent({ id: 2, at: ago(50), kind: 'unwatched', until: ago(3), key: null, owner: null }),
  anEvent({ id: 1, at: ago(70), kind: 'reload', lost: 0 }),
]
const ids = (...args: Parameters<typeof eventsShown>) => eventsShown(...args).map(({ id }) => id)

test('a range has what began or lasted in it', () => {
  expect(ids(list, { range: '5m', kind: 'all', to: NOW }, null)).toEqual([4, 2])
  expect(ids(list, { range: '1h', kind: 'all', to: NOW }, null)).toEqual([4, 3, 2])
  expect(ids(list, { range: 'all', kind: 'members', to: NOW }, null)).toEqual([4, 1])
})

test('the filter applies to the group, also to one that is gone; events of no group do not match', () => {
  const test = (text: string) => eventTest(matcher(parseFilter(text).terms), () => null)
  expect(ids(list, { range: 'all', kind: 'all', to: NOW }, test('port:80'))).toEqual([3])
  expect(ids(list, { range: 'all', kind: 'all', to: NOW }, test('owner:nginx'))).toEqual([4, 3, 1])
  expect(ids(list, { range: 'all', kind: 'all', to: NOW }, test('netns:other'))).toEqual([])
})

test('the sentence tells what reloads cost', () => {
  expect(eventsSentence(list, 'all')).toEqual({
    count: '4 events.',
    rest: '1 of 2 reloads lost connections, at least 3.',
  })
  expect(eventsSentence(list.slice(0, 1), '5m')).toEqual({
    count: '1 event in the last 5 minutes.',
    rest: 'The reload lost at least 3 connections.',
  })
  expect(eventsSentence([], '1h')).toEqual({ count: 'No events in the last hour.', rest: '' })
})
