/** The findings. */
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import type { LoggedEvent } from '../../../electron/contract/events.ts'
import { Settings } from '../../../electron/contract/settings.ts'
import { EngineDouble } from '../../doubles/engine.ts'
import { aFinding } from '../../doubles/findings.ts'
import { groupRow, manyGroupRows } from '../../doubles/group-rows.ts'
import { hostileNames } from '../../doubles/hostile-names.ts'
import { exampleMachine, machineRows, troubledGroup } from '../../doubles/machine.ts'
import { anEvent } from '../../doubles/memory.ts'
import { type Entry, press, screen } from '../entry.tsx'
import { recordMinute } from './history.ts'

const route = { screen: 'findings' } as const

function someFindings(): FindingRow[] {
  const [, second = groupRow(), third = groupRow(), fourth = groupRow()] = machineRows()
  return [
    aFinding(
      {
        code: 'queue-overflowing',
        severity: 'critical',
        members: ['7'],
        summary: 'The accept queue of member 7 of 16 overflows: 38 connections per second are dropped.',
        evidence: [
          { name: 'queue', value: 512, unit: 'connections' },
          { name: 'limit', value: 511, unit: 'connections' },
          { name: 'dropped', value: 38, unit: 'per second' },
        ],
        explanation: 'Its process (nginx 806) accepts more slowly than connections arrive. The hash ignores queues.',
        advice: 'Look at what nginx 806 does. Raising `backlog` and `net.core.somaxconn` only delays the drops.',
      },
      troubledGroup(),
    ),
    aFinding({ code: 'udp-receive-drops' }, second),
    aFinding({}, third),
    aFinding({ code: 'backlog-clamped', severity: 'info', raisedAt: null }, fourth),
  ]
}

const BEGAN = '2026-11-30T14:02:10.000Z'
const OVER = `queue-overflowing:${troubledGroup().id}`

/** Of an incident that is over. */
function overEvents(): LoggedEvent[] {
  const stalled = `member-stalled:${troubledGroup().id}`
  const event = (id: number, at: string, kind: 'raised' | 'cleared', finding: string, lost: number, summary: string) =>
    anEvent(
      { id, at, kind, finding, severity: 'critical', summary, incident: { beganAt: BEGAN, lost } },
      troubledGroup(),
    )
  return [
    event(1, BEGAN, 'raised', OVER, 24, 'Member 2 of 8 is dropping connections: 513 queued (limit 512)'),
    event(2, '2026-11-30T14:02:14.000Z', 'raised', stalled, 96, 'Member 2 of 8 is not draining its queue'),
    event(3, '2026-11-30T14:02:51.000Z', 'cleared', stalled, 296, 'member-stalled cleared after 37 s, 200 lost'),
    event(4, '2026-11-30T14:03:02.000Z', 'cleared', OVER, 296, 'queue-overflowing cleared after 52 s, 272 lost'),
  ]
}

function machine(...findings: FindingRow[]): EngineDouble {
  const engine = exampleMachine()
  engine.find(...findings)
  return engine
}

const LOADED = 'What to do'

export const findings: readonly Entry[] = [
  screen('findings/ordinary', LOADED, () => ({
    route,
    engine: machine(...someFindings()),
    before: recordMinute(machineRows()),
  })),
  screen('findings/steps', 'nfs_wait_bit_killable', () => {
    const engine = machine(...someFindings())
    const [first] = someFindings()
    engine.steps.set(first?.id ?? '', {
      steps: [
        {
          text: 'See what process 806 waits for. Now: D (uninterruptible sleep) in `nfs_wait_bit_killable`.',
          command: 'sudo cat /proc/806/stack',
          cost: null,
        },
        {
          text: 'Watch whether it takes anything from the queue. No line within 10 seconds means that it does not.',
          command: 'sudo timeout 10 strace -f -p 806 -e trace=accept,accept4',
          cost: 'slows the process while it runs',
        },
      ],
      workers: [
        {
          pid: 806,
          command: 'nginx',
          state: 'D',
          stateMeaning: 'uninterruptible sleep',
          waitsIn: 'nfs_wait_bit_killable',
          threads: 1,
          unit: 'nginx.service',
        },
      ],
      incident: { beganAt: '2026-11-30T14:47:10.000Z', lost: 1408 },
    })
    return { route, engine }
  }),
  screen('findings/empty', 'Nothing is wrong', () => ({ route, engine: machine() })),
  screen('findings/cleared link', 'This finding has cleared', () => ({
    route: { screen: 'findings', finding: `mixed-generations:${troubledGroup().id}` },
    engine: machine(...someFindings()),
  })),
  screen('findings/over', 'This incident is over.', () => {
    const engine = machine(...someFindings())
    const [finding, ...others] = overEvents()
    if (finding !== undefined) engine.memory.happen(finding, ...others)
    return {
      route: { screen: 'findings', finding: OVER, began: Date.parse(BEGAN) },
      engine,
    }
  }),
  screen('findings/only over', 'Nothing is wrong', () => {
    const engine = machine()
    engine.memory.happen(...overEvents())
    return { route, engine }
  }),
  screen('findings/muted', 'except muted findings', () => {
    const engine = machine(...someFindings())
    engine.settings = Settings.parse({ mutedFindings: someFindings().map(({ code }) => code) })
    return { route, engine }
  }),
  screen('findings/filtered', 'in groups that do not match', () => ({
    route,
    engine: machine(...someFindings()),
    loaded: LOADED,
    act: ({ store }) => store.view.setFilter('port:443 '),
  })),
  screen('findings/mute', 'For 1 hour', () => ({
    route,
    engine: machine(...someFindings()),
    loaded: LOADED,
    act: () => press('Mute'),
  })),
  screen('findings/loading', 'Reading every socket', () => {
    const engine = machine(...someFindings())
    engine.stopAnswering()
    return { route, engine }
  }),
  screen('findings/stale', 'has not answered since', () => ({
    route,
    engine: machine(...someFindings()),
    loaded: LOADED,
    act: (_, engine) => engine.cut(),
  })),
  screen('findings/error', 'Findings are unavailable', () => {
    const engine = machine()
    engine.findingsRefusal = { operation: 'the findings', cause: 'a rule failed', hint: 'Report this.' }
    return { route, engine }
  }),
  screen('findings/huge', LOADED, () => {
    const engine = new EngineDouble()
    const rows = manyGroupRows(5000)
    engine.put(...rows)
    engine.find(...rows.map((row, at) => aFinding({ severity: at % 9 === 0 ? 'critical' : 'warning' }, row)))
    return { route, engine }
  }),
  screen('findings/hostile', '<script>window.ran=1</script>', () => ({
    route,
    engine: machine(
      ...hostileNames.map((name, at) =>
        aFinding(
          {
            severity: at === 0 ? 'critical' : 'warning',
            summary: name,
            explanation: name,
            advice: name,
            evidence: [{ name, value: 1, unit: name }],
          },
          groupRow({ port: 1000 + at, user: name }),
        ),
      ),
    ),
  })),
]
