/** One group. */
import type { MemberRow } from '../../../electron/contract/live.ts'
import { goTo } from '../../../renderer/model/route.ts'
import { evenBalance, pathTo } from '../../doubles/analysis.ts'
import { aFinding } from '../../doubles/findings.ts'
import { GroupEngine, holder, memberRow } from '../../doubles/group-engine.ts'
import { groupRow } from '../../doubles/group-rows.ts'
import { hostileNames } from '../../doubles/hostile-names.ts'
import { aStoredItem } from '../../doubles/stored-snapshots.ts'
import { type Entry, press, screen } from '../entry.tsx'
import { recordMinute } from './history.ts'

/** Members of an nginx in which the seventh does not accept. */
function members(count: number): MemberRow[] {
  return Array.from({ length: count }, (_, at) =>
    memberRow(String(at + 1), {
      queue: { length: at === 6 ? 512 : (at * 7) % 5, limit: 511, unit: 'connections' },
      drops: at === 6 ? 1482 : 0,
      dropsPerSecond: at === 6 ? 38 : 0,
      holders: [holder(800 + at, 'nginx')],
      pollers: [800 + at],
    }),
  )
}

/** All of them, with what the engine knows of the group. */
function groupOf(rows: MemberRow[]): GroupEngine {
  const engine = new GroupEngine(rows)
  const row = engine.row()
  engine.balance = evenBalance(row, rows)
  const [, chosen] = rows
  if (chosen !== undefined) engine.path = pathTo(row, chosen)
  engine.findings = [
    aFinding(
      {
        code: 'member-stalled',
        severity: 'critical',
        members: ['7'],
        summary: 'Member 7 of 16 does not accept: its queue has been full for 26 minutes.',
      },
      row,
    ),
  ]
  engine.others = [groupRow({ id: '00000000000000bb', netns: 1, address: '10.20.0.5', receiving: 8 })]
  return engine
}

const route = (engine: GroupEngine) => ({ screen: 'group', id: engine.id }) as const
const ordinary = (count = 16) => {
  const engine = groupOf(members(count))
  return { engine, route: route(engine) }
}
const ANSWERED = 'As even as chance allows'

export const group: readonly Entry[] = [
  screen('group/ordinary', ANSWERED, () => {
    const { engine, route } = ordinary()
    return { engine, route, before: recordMinute([engine.row()]) }
  }),
  screen('group/unknown values', 'How these sockets share the port is unknown.', () => {
    const engine = new GroupEngine(
      members(4).map((row) => ({
        ...row,
        holders: null,
        pollers: null,
        user: null,
        queue: { length: null, limit: null, unit: 'connections' },
        drops: null,
        dropsPerSecond: null,
        reuseport: null,
      })),
      { sharing: 'unknown', evidence: 'none', owners: [], ownersHidden: 4, user: null },
    )
    return { engine, route: route(engine) }
  }),
  screen('group/chosen member', 'These only look.', () => {
    const { engine } = ordinary()
    return { engine, route: { screen: 'group', id: engine.id, member: '7' }, before: recordMinute([engine.row()]) }
  }),
  screen('group/chosen member of a grid', 'These only look.', () => {
    const { engine } = ordinary(4096)
    return { engine, route: { screen: 'group', id: engine.id, member: '7' } }
  }),
  screen('group/evidence', 'This is conclusive.', () => ({
    ...ordinary(),
    loaded: ANSWERED,
    act: () => press('socket option'),
  })),
  screen('group/loading', 'Reading the members of this group.', () => {
    const { engine, route } = ordinary()
    return {
      engine,
      route: { screen: 'groups' },
      loaded: 'One group is in trouble.',
      act: () => {
        engine.hold(true)
        goTo(route)
      },
    }
  }),
  screen('group/stale', 'has not answered since', () => ({
    ...ordinary(),
    loaded: ANSWERED,
    act: (_, engine) => engine.cut(),
  })),
  screen('group/error', 'The members could not be read', () => {
    const { engine, route } = ordinary()
    engine.failing = 'the kernel refused (EPERM)'
    return { engine, route }
  }),
  screen('group/error later', 'the kernel refused (ENOBUFS)', () => {
    const { engine, route } = ordinary()
    return {
      engine,
      route,
      loaded: ANSWERED,
      act: () => {
        engine.failing = 'the kernel refused (ENOBUFS)'
        engine.refresh()
      },
    }
  }),
  screen('group/ended', 'This group has ended.', () => {
    const { engine, route } = ordinary()
    return { engine, route, loaded: ANSWERED, act: () => engine.end() }
  }),
  screen('group/no such group', 'There is no such group', () => ({
    engine: ordinary().engine,
    route: { screen: 'group', id: 'ffffffffffffffff' },
  })),
  screen('group/stored', 'Not live', () => ({
    ...ordinary(),
    loaded: ANSWERED,
    act: ({ store }) => store.source.openStored(aStoredItem()),
  })),
  screen('group/huge', 'Member 7 is full.', () => ordinary(4096)),
  screen('group/hostile', '<script>window.ran=1</script>', () => {
    const engine = groupOf(
      hostileNames.map((name, at) => memberRow(String(at + 1), { user: name, holders: [holder(800 + at, name)] })),
    )
    engine.findings = []
    return { engine, route: route(engine) }
  }),
]
