/** Snapshots, comparisons and recordings. */
import type { EngineDouble } from '../../doubles/engine.ts'
import { groupRow, manyGroupRows } from '../../doubles/group-rows.ts'
import { hostileNames } from '../../doubles/hostile-names.ts'
import { exampleMachine } from '../../doubles/machine.ts'
import {
  aComparisonAnswer,
  aGroupComparison,
  aStoredItem,
  aTimeline,
  someChanges,
  someStoredItems,
} from '../../doubles/stored-snapshots.ts'
import { type Entry, press, screen } from '../entry.tsx'

const route = { screen: 'snapshots' } as const
const COMPARED = 'One group changed'

/** A machine with stored snapshots, the newest of which is compared with now. */
function stored(): EngineDouble {
  const engine = exampleMachine()
  engine.snapshots.items = someStoredItems()
  engine.snapshots.answer = aComparisonAnswer(someChanges())
  engine.snapshots.timeline = aTimeline()
  return engine
}

const recording = aStoredItem({ id: 'saved/the reload.ndjson.gz', kind: 'recording', name: 'the reload' })

export const snapshots: readonly Entry[] = [
  screen('snapshots/comparison', COMPARED, () => ({ route, engine: stored() })),
  screen('snapshots/export', 'Report (HTML)', () => ({
    route,
    engine: stored(),
    loaded: COMPARED,
    act: () => press('Export'),
  })),
  screen('snapshots/empty', 'No snapshots yet', () => ({ route, engine: exampleMachine() })),
  screen('snapshots/none chosen', 'Choose two to compare', () => {
    const engine = stored()
    engine.snapshots.items = someStoredItems().filter(({ kind }) => kind === 'recording')
    return { route, engine }
  }),
  screen('snapshots/loading', 'Waiting for the engine.', () => {
    const engine = stored()
    engine.snapshots.items = null
    return { route, engine }
  }),
  screen('snapshots/unreachable', 'The engine cannot be reached', () => ({
    route,
    engine: stored(),
    act: (_, engine) => engine.cut(),
  })),
  screen('snapshots/working', 'Cancel', () => ({
    route,
    engine: stored(),
    loaded: COMPARED,
    act: ({ snapshots }) => snapshots.state.setState({ work: { what: 'Opening edge-03.json', done: 0.4, stop() {} } }),
  })),
  screen('snapshots/recording', 'of max.', () => {
    const engine = stored()
    engine.snapshots.recording = {
      running: true,
      name: '22 Nov 14:03:52',
      file: '/root/.local/share/reuseport-inspector/22 Nov 14:03:52.ndjson.gz',
      startedAt: new Date(Date.now() - 90_000).toISOString(),
      snapshots: 90,
      bytes: 812_004,
      maxBytes: 1024 ** 3,
      problem: null,
    }
    return { route, engine }
  }),
  screen('snapshots/playing', '1 of 60', () => ({
    route: { screen: 'groups' },
    engine: stored(),
    loaded: 'One group is in trouble.',
    act: ({ snapshots }) => snapshots.openItem(recording),
  })),
  screen('snapshots/stale', 'has not answered since', () => ({
    route,
    engine: stored(),
    loaded: COMPARED,
    act: (_, engine) => engine.cut(),
  })),
  screen('snapshots/error', 'Could not compare', () => {
    const engine = stored()
    engine.snapshots.refusal = {
      operation: 'compare with now',
      cause: 'the file is damaged at byte 4,096',
      hint: 'Restore it from a backup.',
    }
    return { route, engine }
  }),
  screen('snapshots/huge', '9,000 groups unchanged', () => {
    const engine = stored()
    engine.snapshots.items = Array.from({ length: 60 }, (_, at) =>
      aStoredItem({ id: `saved/${at}.json.gz`, name: `before change ${at}`, bytes: 4_821_200 + at }),
    )
    const changes = manyGroupRows(60).map((row) => aGroupComparison({}, row))
    engine.snapshots.answer = aComparisonAnswer(changes, { unchanged: 9000 })
    return { route, engine }
  }),
  screen('snapshots/hostile', '<script>window.ran=1</script>', () => {
    const engine = stored()
    engine.snapshots.items = hostileNames.map((name, at) =>
      aStoredItem({ id: `saved/${at}.json.gz`, name, hostname: name, sameBoot: at === 0 }),
    )
    engine.snapshots.answer = aComparisonAnswer(
      hostileNames.map((name, at) =>
        aGroupComparison(
          { summary: [name], owners: { before: [{ command: name, processes: 1 }], after: [] } },
          groupRow({ port: 1000 + at, user: name, interface: name }),
        ),
      ),
      { summary: [...hostileNames] },
    )
    return { route, engine }
  }),
]
