/** The events. */
import type { LoggedEvent } from '../../../electron/contract/events.ts'
import type { EngineDouble } from '../../doubles/engine.ts'
import { groupRow } from '../../doubles/group-rows.ts'
import { hostileNames } from '../../doubles/hostile-names.ts'
import { exampleMachine, machineRows, troubledGroup } from '../../doubles/machine.ts'
import { anEvent } from '../../doubles/memory.ts'
import { aStoredItem, aTimeline } from '../../doubles/stored-snapshots.ts'
import { type Entry, screen } from '../entry.tsx'

const route = { screen: 'events' } as const

const MINUTE = 60_000

/** What happened in the last minutes, the newest last. */
function someEvents(): LoggedEvent[] {
  const now = Date.now()
  const ago = (minutes: number) => new Date(now - minutes * MINUTE).toISOString()
  const [, second = groupRow(), third = groupRow()] = machineRows()
  const before = { members: 4, pids: [1288, 6120, 6121, 6122], processes: 4, startedAt: ago(600) }
  const after = { members: 2, pids: [1288, 7710, 7711], processes: 3, startedAt: ago(6) }
  return [
    anEvent({ id: 1, at: ago(13), summary: 'nginx: new group, 4 members' }, second),
    anEvent({
      id: 2,
      at: ago(11),
      until: ago(8),
      kind: 'unwatched',
      key: null,
      namespace: null,
      owner: null,
      lost: 0,
      summary: 'not watched for 3 minutes: nothing lost meanwhile by the counters',
    }),
    anEvent(
      {
        id: 3,
        at: ago(6),
        kind: 'reload',
        lost: 13,
        summary: 'nginx reloaded: 4 → 2 members, at least 13 connections reset; new processes and sockets',
        generations: { before, after },
      },
      second,
    ),
    anEvent({ id: 4, at: ago(5), kind: 'program', summary: 'BPF program attached: classic, 3 instructions' }, third),
    anEvent({
      id: 5,
      at: ago(4),
      kind: 'namespace',
      key: null,
      owner: null,
      namespace: { inode: 77, name: 'cni-7c1e02b4' },
      summary: 'network namespace cni-7c1e02b4 appeared',
    }),
    anEvent(
      {
        id: 6,
        at: ago(2),
        kind: 'raised',
        severity: 'critical',
        finding: `queue-overflowing:${troubledGroup().id}`,
        summary: 'Member 7 of 16 is dropping connections: 512 connections queued (limit 511)',
      },
      troubledGroup(),
    ),
    anEvent(
      {
        id: 7,
        at: ago(1),
        kind: 'cleared',
        severity: 'warning',
        lost: 0,
        summary: 'imbalance-significant cleared after 22 minutes, nothing lost',
      },
      third,
    ),
  ]
}

function machine(...events: LoggedEvent[]): EngineDouble {
  const engine = exampleMachine()
  engine.memory.happen(...events)
  return engine
}

/** A machine without events, and a recording that has them. */
function recorded(events: LoggedEvent[]): EngineDouble {
  const engine = exampleMachine()
  engine.snapshots.timeline = aTimeline()
  engine.snapshots.events = {
    events,
    snapshots: events.map((_, at) => at),
    omitted: events.length === 0 ? 0 : 120,
    until: new Date().toISOString(),
  }
  return engine
}

export const events: readonly Entry[] = [
  screen('events/ordinary', 'lost at least 13 connections', () => ({ route, engine: machine(...someEvents()) })),
  screen('events/reload', 'Next time', () => ({
    route: { screen: 'events', event: 3 },
    engine: machine(...someEvents()),
  })),
  screen('events/empty', 'Nothing has happened yet', () => ({ route, engine: machine() })),
  screen('events/of a recording', 'older events not shown', () => ({
    route,
    engine: recorded(someEvents()),
    loaded: 'Nothing has happened yet',
    act: ({ store }) => store.source.openStored(aStoredItem({ kind: 'recording', name: 'the reload' })),
  })),
  screen('events/of an uneventful recording', 'Nothing happened in this recording', () => ({
    route,
    engine: recorded([]),
    loaded: 'Nothing has happened yet',
    act: ({ store }) => store.source.openStored(aStoredItem({ kind: 'recording', name: 'a quiet hour' })),
  })),
  screen('events/of a snapshot', 'A snapshot has no events', () => ({
    route,
    engine: machine(...someEvents()),
    loaded: 'lost at least 13 connections',
    act: ({ store }) => store.source.openStored(aStoredItem()),
  })),
  screen('events/filtered', 'No such events', () => ({
    route,
    engine: machine(...someEvents()),
    loaded: 'lost at least 13 connections',
    act: ({ store }) => store.view.setFilter('port:1 '),
  })),
  screen('events/loading', 'Reading every socket', () => {
    const engine = machine(...someEvents())
    engine.stopAnswering()
    return { route, engine }
  }),
  screen('events/stale', 'has not answered since', () => ({
    route,
    engine: machine(...someEvents()),
    loaded: 'lost at least 13 connections',
    act: (_, engine) => engine.cut(),
  })),
  screen('events/huge', '2,000 events', () => ({
    route,
    engine: machine(
      ...Array.from({ length: 2000 }, (_, at) =>
        anEvent({
          id: at + 1,
          at: new Date(Date.now() - (2000 - at) * 400).toISOString(),
          kind: at % 7 === 0 ? 'left' : 'joined',
        }),
      ),
    ),
  })),
  screen('events/hostile', '<script>window.ran=1</script>', () => ({
    route: { screen: 'events', event: 1 + hostileNames.findIndex((name) => name.includes('<script>')) },
    engine: machine(
      ...hostileNames.map((name, at) =>
        anEvent(
          {
            id: at + 1,
            at: new Date(Date.now() - 1000 * (hostileNames.length - at)).toISOString(),
            summary: name,
            owner: name,
            namespace: { inode: 9, name },
          },
          groupRow({ port: 1000 + at }),
        ),
      ),
    ),
  })),
]
