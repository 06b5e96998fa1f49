/**
 * The published alert rules, evaluated by the real Prometheus with simulated time (promtool): three quarters of an hour
 * of scrapes, each from the exporter itself, and the alerts that fire at each moment with the published durations.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { FindingRow } from '../../electron/contract/analysis.ts'
import type { Group } from '../../electron/contract/model.ts'
import { METRICS_LIMITS, prometheus } from '../../electron/engine/snapshots/exports/prometheus.ts'
import { partsOf } from '../../electron/engine/snapshots/parts.ts'
import { MetricsHistory } from '../../electron/engine/stream/metrics-history.ts'
import { aFinding } from '../doubles/findings.ts'
import { aGroup, aMember, aRow, aSnapshot } from '../doubles/snapshots.ts'
import { root } from './support/engine.ts'
import { needsProgram } from './support/program.ts'

const folder = mkdtempSync(join(tmpdir(), 'rpi-alerts-'))
afterAll(() => rmSync(folder, { recursive: true }))

const INTERVAL_S = 15
const SCRAPES = (45 * 60) / INTERVAL_S
const MINUTE = 60

// The problem of each group, and nothing else.
const IDS = {
  healthy: '00000000000000a0',
  drops: '00000000000000a1',
  full: '00000000000000a2',
  near: '00000000000000a3',
  uneven: '00000000000000a4',
  smaller: '00000000000000a5',
  gone: '00000000000000a6',
  reloaded: '00000000000000a7',
  burst: '00000000000000a8',
  brief: '00000000000000a9',
  crashing: '00000000000000aa',
} as const
type Name = keyof typeof IDS

/** A group with these queue lengths, limit 100, and drops at its first member. */
function group(name: Name, queues: readonly number[], drops = 0): Group {
  const id = IDS[name]
  const members = queues.map((length, at) =>
    aMember({
      cookie: String(Number.parseInt(id, 16) * 100 + at),
      queue: { length, limit: 100, unit: 'connections' },
      drops: at === 0 ? drops : 0,
    }),
  )
  const length = queues.reduce((sum, one) => sum + one, 0)
  const queue = { length, limit: 100 * queues.length, unit: 'connections' as const }
  return aGroup({ id, address: '::', family: 'ipv6', port: 1000 + Number.parseInt(id, 16), members, queue, drops })
}

/** How often a worker of `crashing` ends and restarts: between two scrapes, each of which sees two members. */
const CRASH_S = 60
const CRASHING_FROM_S = 30 * MINUTE

/** What the engine sees of a group between scrapes: its state at this second, and that a member was replaced. */
function observeAt(history: MetricsHistory, seconds: number): void {
  const first = seconds === 0
  for (const { id, members } of groupsAt(seconds)) {
    const crashes = Math.max(0, Math.floor((seconds - CRASHING_FROM_S) / CRASH_S))
    history.counters.record(
      id,
      members.map(({ cookie, drops }, at) => ({
        number: Number(cookie) + (id === IDS.crashing && at === 0 ? 1e6 * crashes : 0),
        drops,
        existedBefore: first,
      })),
    )
  }
  for (const id of Object.values(IDS)) {
    if (!groupsAt(seconds).some((group) => group.id === id)) history.counters.markRemoved(id)
  }
}

/** The groups after this many seconds. */
function groupsAt(seconds: number): Group[] {
  const from = (minutes: number) => seconds >= minutes * MINUTE
  return [
    group('healthy', [30, 20, 25, 28], 7),
    group('drops', [30, 30], from(10) ? seconds : 0),
    group('full', [from(10) ? 100 : 0, 70, 70]),
    group('near', [from(10) ? 85 : 0, 60, 60]),
    group('uneven', [from(10) ? 50 : 10, from(10) ? 0 : 10, from(10) ? 0 : 10]),
    group('smaller', from(20) ? [10, 10] : [10, 10, 10, 10]),
    ...(from(20) ? [] : [group('gone', [10, 10])]),
    group('reloaded', [10, 10]),
    group('crashing', [10, 10]),
    ...(from(5) ? [group('burst', [10, 10])] : []),
    ...(from(12) && !from(14) ? [group('brief', [10, 10])] : []),
  ]
}

const finding = (code: string, name: Name): FindingRow =>
  aFinding({ code, severity: 'critical' }, aRow({ id: IDS[name] }))
/** Findings with start and end: the second lasts only between two scrapes, the third starts with its group. */
const FINDINGS = [
  { row: finding('reload-lost-connections', 'reloaded'), from: 20 * MINUTE + 3, to: 21 * MINUTE + 3 },
  { row: finding('queue-overflowing', 'burst'), from: 25 * MINUTE + 1, to: 25 * MINUTE + 6 },
  { row: finding('port-hijackable', 'brief'), from: 12 * MINUTE - 1, to: 13 * MINUTE },
]

/** Every exported series over time, in promtool's notation: empty before it starts, stale once it ends. */
async function recordSeries(): Promise<Map<string, string[]>> {
  const series = new Map<string, string[]>()
  const history = new MetricsHistory()
  for (let scrape = 0; scrape < SCRAPES; scrape++) {
    const now = scrape * INTERVAL_S
    const before = now - INTERVAL_S
    observeAt(history, now)
    const came = FINDINGS.filter(({ from }) => from > before && from <= now)
    const left = FINDINGS.filter(({ to }) => to > before && to <= now)
    history.take({ reset: false, more: false, removed: [], rows: came.map(({ row }) => row) })
    history.take({ reset: false, more: false, removed: left.map(({ row }) => row.id), rows: [] })
    const findings = FINDINGS.filter(({ from, to }) => from <= now && now < to).map(({ row }) => row)
    const snapshot = aSnapshot({ takenAt: new Date(now * 1000).toISOString(), groups: groupsAt(now), findings })
    let text = ''
    for await (const piece of prometheus(partsOf(snapshot), METRICS_LIMITS, history)) text += piece
    const seen = new Set<string>()
    for (const line of text.split('\n')) {
      const [, name, labels = '', value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
      if (name === undefined || value === undefined) continue
      const full = `${name}{${[labels, 'job="reuseport",instance="edge"'].filter((part) => part !== '').join(',')}}`
      const values = series.get(full) ?? Array.from({ length: scrape }, () => '_')
      values.push(value)
      series.set(full, values)
      seen.add(full)
    }
    for (const [name, values] of series)
      if (!seen.has(name)) values.push(values.at(-1) === '_' || values.at(-1) === 'stale' ? '_' : 'stale')
  }
  // This one is Prometheus's own.
  series.set(
    'up{job="reuseport",instance="edge"}',
    Array.from({ length: SCRAPES }, () => '1'),
  )
  series.set(
    'up{job="reuseport",instance="silent"}',
    Array.from({ length: SCRAPES }, (_, scrape) => (scrape * INTERVAL_S < 30 * MINUTE ? '1' : '0')),
  )
  return series
}

type Firing = readonly [alert: string, name: Name | null]
const lasting: Firing[] = [
  ['ReuseportGroupDrops', 'drops'],
  ['ReuseportMemberFull', 'full'],
  ['ReuseportMemberNearlyFull', 'near'],
  ['ReuseportGroupUneven', 'uneven'],
]
/** The alerts that fire, and no others. */
const EXPECTED: readonly (readonly [time: string, firing: readonly Firing[]])[] = [
  ['9m', []],
  [
    '12m',
    [
      ['ReuseportMemberFull', 'full'],
      ['ReuseportFinding', 'brief'],
    ],
  ],
  // The last one's group is removed, and its finding is ten minutes old.
  ['20m', [...lasting, ['ReuseportFinding', 'brief']]],
  ['20m15s', [...lasting, ['ReuseportFinding', 'brief'], ['ReuseportFinding', 'reloaded']]],
  [
    '24m',
    [...lasting, ['ReuseportFinding', 'reloaded'], ['ReuseportMembersLost', 'smaller'], ['ReuseportGroupGone', 'gone']],
  ],
  [
    '25m30s',
    [
      ...lasting,
      ['ReuseportFinding', 'reloaded'],
      ['ReuseportFinding', 'burst'],
      ['ReuseportMembersLost', 'smaller'],
      ['ReuseportGroupGone', 'gone'],
    ],
  ],
  // By then, six members of two were replaced, which is not yet more than three times each.
  ['36m', [...lasting, ['ReuseportInspectorSilent', null]]],
  ['44m', [...lasting, ['ReuseportInspectorSilent', null], ['ReuseportGroupRestarts', 'crashing']]],
]

test('every alert fires when it should, with its published durations, and no other', async (context) => {
  needsProgram(context, 'promtool')
  const series = await recordSeries()
  const firing = 'count by (alertname, group) (ALERTS{alertstate="firing"})'
  const tests = {
    rule_files: [join(root, 'assets/prometheus/alerts.yml')],
    evaluation_interval: `${INTERVAL_S}s`,
    tests: [
      {
        interval: `${INTERVAL_S}s`,
        input_series: [...series].map(([name, values]) => ({ series: name, values: values.join(' ') })),
        promql_expr_test: EXPECTED.map(([time, alerts]) => ({
          expr: firing,
          eval_time: time,
          exp_samples: alerts.map(([alert, name]) => ({
            labels: name === null ? `{alertname="${alert}"}` : `{alertname="${alert}",group="${IDS[name]}"}`,
            value: 1,
          })),
        })),
        alert_rule_test: [
          {
            eval_time: '24m',
            alertname: 'ReuseportGroupGone',
            exp_alerts: [
              {
                exp_labels: {
                  group: IDS.gone,
                  netns: 'host',
                  protocol: 'tcp',
                  endpoint: '[::]:1166',
                  job: 'reuseport',
                  instance: 'edge',
                  severity: 'critical',
                },
                exp_annotations: {
                  summary: 'tcp [::]:1166 on edge has no sockets left',
                  description: 'The group was removed. Its program ended, or now binds to something else.',
                },
              },
            ],
          },
        ],
      },
    ],
  }
  // JSON is YAML.
  writeFileSync(join(folder, 'test.yml'), JSON.stringify(tests))
  const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', join(folder, 'test.yml')], {
    encoding: 'utf8',
  })
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: expect.stringContaining('SUCCESS'), stderr: '' })
})

test('promtool accepts the exported text', async (context) => {
  needsProgram(context, 'promtool')
  const history = new MetricsHistory()
  history.take({ reset: false, more: false, removed: [], rows: FINDINGS.map(({ row }) => row) })
  let text = ''
  const snapshot = aSnapshot({ groups: groupsAt(0), findings: FINDINGS.map(({ row }) => row) })
  for await (const piece of prometheus(partsOf(snapshot), METRICS_LIMITS, history)) text += piece
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
})
