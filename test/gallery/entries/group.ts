/** One group. */
import type { Balance } from '../../../electron/contract/analysis.ts'
import type { FlowsAnswer } from '../../../electron/contract/flows.ts'
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

/** The same, counted: each member's rates and share, and what all were given together. */
function counted(count: number, missed = -1): GroupEngine {
  const rows = members(count).map((row, at) => {
    const stalled = at === 6
    const sample = at === missed ? 0 : 9000 + ((at * 37) % 61)
    const acceptedPerSecond = stalled ? 0 : 30 + (at % 4)
    const meanWaitMs = stalled ? null : 8 + (at % 11)
    const perSecond = at === missed ? 0 : 30 + (at % 4)
    return { ...row, given: { count: sample + 400, sample, perSecond, acceptedPerSecond, meanWaitMs } }
  })
  const engine = groupOf(rows)
  const total = (of: (given: (typeof rows)[number]['given']) => number | null) =>
    rows.reduce((sum, { given }) => sum + (of(given) ?? 0), 0)
  engine.counting = { since: '2026-11-30T14:40:02.000Z', unknownBecause: null }
  engine.changes = {
    evidence: 'bpf',
    given: {
      count: total(({ count }) => count),
      sample: total(({ sample }) => sample),
      perSecond: total(({ perSecond }) => perSecond),
      acceptedPerSecond: total(({ acceptedPerSecond }) => acceptedPerSecond),
      meanWaitMs: 12.4,
      sampleSince: '2026-11-30T14:43:10.000Z',
    },
  }
  return engine
}

/** Steered by a program whose map lacks the last member. */
function steered(): GroupEngine {
  const engine = counted(8, 7)
  const row = engine.row()
  const reason =
    'The attached program select_worker (id 412) decides, not the hash, and only the kernel can run it. Its map has 7 of 8 members: member 1, member 2, member 3, member 4, member 5, member 6, member 7.'
  if (engine.path !== null) {
    engine.path.lookup = { ...engine.path.lookup, member: null, steeredBy: 'program', reason }
    engine.path.choice.steeredBy = 'program'
  }
  const program = [
    'select_worker (sk_reuseport, id 412, tag 7c1e02b4a95d3f60), loaded 2026-11-20T09:14:00.000Z',
    'map worker_socks (id 88, 8 keys): 0 → member 1, 1 → member 2, 2 → member 3, 3 → member 4, 4 → member 5, 5 → member 6, 6 → member 7',
    '1 member of 8 under no key',
  ]
  const kernel = { id: 23, members: 8, halfOpen: 16, closed: 0, maxSocks: 128, bindInany: false, hasConns: false }
  engine.kernel = { groups: [{ ...kernel, program, decides: true }], unknownBecause: null }
  if (engine.balance !== null) {
    const { members } = engine.balance
    const given = { ...engine.balance.flows, members: row.receiving, total: 72_216, chiSquare: 9800, p: 0 }
    engine.balance = {
      ...engine.balance,
      flows: null,
      given: given as Balance['given'],
      verdict: 'program',
      members,
      warnings: [reason],
      summary:
        'Uneven by its program: 72,216 connections really given to 8 members, at least one of which got none, the busiest with 1.14 times its share (p < 1e-12).',
    }
  }
  return engine
}

const route = (engine: GroupEngine) => ({ screen: 'group', id: engine.id }) as const
const ordinary = (count = 16) => {
  const engine = groupOf(members(count))
  return { engine, route: route(engine) }
}
const ANSWERED = 'As even as chance allows'

/** The same, with what is answered when clients are sampled. */
const sampling = (answer: FlowsAnswer) => {
  const { engine, route } = ordinary(8)
  engine.flows = answer
  return { engine, route, loaded: 'Clients', act: () => press('sample') }
}
const NO_CLIENTS = { since: '2026-11-30T14:40:02.000Z', given: 0, sampled: 0, flows: [] }
/** Two members share the clients of one proxy; one has been closed since. */
const clients = Array.from({ length: 24 }, (_, at) => ({
  at: new Date(Date.parse('2026-11-30T14:46:52Z') - 700 * at).toISOString(),
  address: at % 5 === 0 ? '2001:db8:85a3::8a2e:370:7334' : `198.51.100.${17 + ((at * 37) % 200)}`,
  port: 32_768 + ((at * 7919) % 28_000),
  cookie: at === 3 ? '99' : String(1 + ((at * 5) % 8)),
  sampled: 1 + (at % 3),
}))

export const group: readonly Entry[] = [
  screen('group/ordinary', ANSWERED, () => {
    const { engine, route } = ordinary()
    return { engine, route, before: recordMinute([engine.row()]) }
  }),
  screen('group/counted', 'Measured share', () => {
    const engine = counted(16)
    return { engine, route: route(engine), before: recordMinute([engine.row()]) }
  }),
  screen('group/steered', 'Its program decides', () => {
    const engine = steered()
    return { engine, route: route(engine), before: recordMinute([engine.row()]) }
  }),
  screen('group/recent clients', '1,160 were left out', () =>
    sampling({ recent: { ...NO_CLIENTS, given: 1200, sampled: 40, flows: clients }, unknownBecause: null }),
  ),
  screen('group/no recent clients', 'No connection was given to a member since', () =>
    sampling({ recent: NO_CLIENTS, unknownBecause: null }),
  ),
  screen('group/recent clients unavailable', 'this process lacks CAP_BPF and CAP_PERFMON', () =>
    sampling({
      recent: null,
      unknownBecause: 'it requires CAP_BPF and CAP_PERFMON, and this process lacks CAP_BPF and CAP_PERFMON',
    }),
  ),
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
  screen('group/sorted', 'Measured share', () => {
    const engine = counted(16)
    const before = recordMinute([engine.row()])
    return {
      engine,
      route: route(engine),
      before: (page) => {
        before(page)
        page.store.view.sortLanes({ column: 'queue', descending: true })
      },
    }
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
