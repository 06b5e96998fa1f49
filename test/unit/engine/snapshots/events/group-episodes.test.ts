import { describe, expect, test } from 'vitest'
import type { LoggedEvent } from '../../../../../electron/contract/events.ts'
import { GroupEpisodes, type GroupFacts } from '../../../../../electron/engine/snapshots/index.ts'
import { anEvent } from '../../../../doubles/memory.ts'

const { key } = anEvent()
if (key === null) throw new Error('an event of a group')
const START = Date.parse('2026-11-30T14:00:00.000Z')
const at = (seconds: number) => START + seconds * 1000

function group(members: number, ...pids: number[]): GroupFacts {
  if (key === null) throw new Error('an event of a group')
  const processes = new Map(pids.map((pid) => [pid, new Date(START - 60_000 + pid).toISOString()]))
  return { key, members, processes, owner: 'nginx' }
}

function episodes() {
  const events: LoggedEvent[] = []
  const put = (event: Omit<LoggedEvent, 'id'>, replaces?: number) => {
    const id = replaces ?? events.length + 1
    events[id - 1] = { id, ...event }
    return id
  }
  return { events, episodes: new GroupEpisodes({ put, nameOf: () => 'host' }) }
}

const CALM = { joined: 0, left: 0, lost: null }

test('members that open one after the other are one event, which ends when it is quiet', () => {
  const { events, episodes: watch } = episodes()
  watch.take('a', at(0), { ...CALM, before: null, after: group(1, 10), joined: 1 })
  watch.take('a', at(1), { ...CALM, before: group(1, 10), after: group(4, 10, 11), joined: 3 })
  watch.settle(at(3))
  expect(events).toMatchObject([{ kind: 'joined', summary: 'nginx: new group, 4 members', until: null }])
  watch.settle(at(7))
  expect(events).toMatchObject([{ at: new Date(at(0)).toISOString(), until: new Date(at(1)).toISOString() }])
  expect(events).toHaveLength(1)
})

test('of many that are quiet, the rest end with the next frame', () => {
  const { events, episodes: watch } = episodes()
  for (const id of ['a', 'b', 'c']) watch.take(id, at(0), { ...CALM, before: null, after: group(1, 10), joined: 1 })
  watch.settle(at(7), 2)
  expect(events.map(({ until }) => until !== null)).toEqual([true, true, false])
  watch.settle(at(8), 2)
  expect(events.map(({ until }) => until)).toEqual(Array(3).fill(new Date(at(0)).toISOString()))
})

test('a change that comes with the first frame after a quiet time begins another event', () => {
  const { events, episodes: watch } = episodes()
  watch.take('a', at(0), { ...CALM, before: null, after: group(4, 10), joined: 4 })
  watch.take('a', at(60), { ...CALM, before: group(4, 10), after: group(6, 10, 20), joined: 2 })
  watch.take('a', at(61), { before: group(6, 10, 20), after: group(2, 20), joined: 0, left: 4, lost: 13 })
  expect(events).toMatchObject([
    { kind: 'joined', until: new Date(at(0)).toISOString() },
    { kind: 'reload', lost: 13, generations: { before: { members: 4 }, after: { members: 2 } } },
  ])
})

describe('a reload', () => {
  test('that replaces sockets and processes says what it cost at least', () => {
    const { events, episodes: watch } = episodes()
    watch.take('a', at(0), {
      before: group(4, 1, 10, 11),
      after: group(2, 1, 20, 21),
      joined: 2,
      left: 4,
      lost: 13,
    })
    watch.settle(at(10))
    expect(events).toMatchObject([
      {
        kind: 'reload',
        summary: 'nginx reloaded: 4 → 2 members, at least 13 connections reset; new processes and sockets',
        lost: 13,
        generations: { before: { members: 4, pids: [1, 10, 11] }, after: { members: 2, pids: [1, 20, 21] } },
      },
    ])
  })

  test('that keeps the sockets is one too, and loses nothing', () => {
    const { events, episodes: watch } = episodes()
    watch.take('a', at(0), { ...CALM, before: group(4, 1, 10, 11), after: group(4, 1, 10, 11, 20, 21) })
    expect(events).toEqual([])
    watch.take('a', at(1), { ...CALM, before: group(4, 1, 10, 11, 20, 21), after: group(4, 1, 20, 21) })
    watch.settle(at(9))
    expect(events).toMatchObject([
      { kind: 'reload', summary: 'nginx reloaded: 4 → 4 members; 2 new processes, same sockets', lost: null },
    ])
  })

  test('whose old members close minutes later is one event with its beginning', () => {
    const { events, episodes: watch } = episodes()
    watch.take('a', at(0), { ...CALM, before: group(4, 10), after: group(8, 10, 20), joined: 4 })
    watch.settle(at(10))
    expect(events).toMatchObject([{ kind: 'joined', summary: 'nginx: 4 → 8 members' }])
    watch.take('a', at(120), { before: group(8, 10, 20), after: group(4, 20), joined: 0, left: 4, lost: 0 })
    watch.settle(at(130))
    expect(events).toHaveLength(1)
    expect(events).toMatchObject([
      { kind: 'reload', at: new Date(at(0)).toISOString(), until: new Date(at(120)).toISOString(), lost: 0 },
    ])
  })
})

test('one worker that is replaced beside others is no event', () => {
  const { events, episodes: watch } = episodes()
  watch.take('a', at(0), { ...CALM, before: group(4, 1, 10, 11, 12), after: group(4, 1, 10, 11, 20) })
  watch.settle(at(10))
  expect(events).toEqual([])
})

test('processes that become visible are no event', () => {
  const { events, episodes: watch } = episodes()
  watch.take('a', at(0), { ...CALM, before: group(4), after: group(4, 10, 11) })
  watch.settle(at(10))
  expect(events).toEqual([])
})

test('the end of a group tells what waited in it', () => {
  const { events, episodes: watch } = episodes()
  watch.take('a', at(0), { before: group(2, 10), after: null, joined: 0, left: 2, lost: 3 })
  watch.finish()
  expect(events).toMatchObject([
    { kind: 'left', summary: 'nginx: group closed, 2 members, at least 3 connections reset', lost: 3 },
  ])
})
