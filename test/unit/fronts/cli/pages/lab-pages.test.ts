import { expect, test } from 'vitest'
import { type Lab, ListenRequest, type RecipeRun, TrafficRequest } from '../../../../../electron/contract/lab.ts'
import { bars } from '../../../../../electron/fronts/cli/pages/bars.ts'
import { labPage, labsPage, trafficPage } from '../../../../../electron/fronts/cli/pages/lab-page.ts'
import { recipePage } from '../../../../../electron/fronts/cli/pages/recipe-page.ts'
import { type Line, plainText } from '../../../../../electron/fronts/cli/text.ts'

const words = (lines: readonly Line[]) => lines.map(plainText).join('\n')

const lab: Lab = {
  id: '0a1b2c3d',
  request: ListenRequest.parse({ protocol: 'udp', address: '::1' }),
  address: '::1',
  port: 5353,
  netns: 1,
  ownNamespace: false,
  supervisor: 10,
  pids: [11, 12],
  members: [
    { index: 0, cookie: '71', inode: 701, pid: 11, uid: 0, state: 'normal' },
    { index: 1, cookie: '72', inode: 702, pid: 12, uid: 0, state: 'failed' },
  ],
  workers: [
    { index: 0, pid: 11, member: 0, received: 150 },
    { index: 1, pid: 12, member: 1, received: 50 },
  ],
  startedAt: '2026-01-01T00:00:00.000Z',
  endsAt: '2026-01-01T00:10:00.000Z',
  own: true,
  traffic: {
    request: TrafficRequest.parse({ id: '0a1b2c3d', count: 1000, flows: 10 }),
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:00:01.000Z',
    sent: 990,
    done: 980,
    refused: 0,
    resets: 3,
    timeouts: 7,
    otherErrors: 0,
    perSecond: 980,
    latency: { samples: 980, p50: 210, p90: 400, p99: 1234, p999: 2000, max: 2500 },
    moved: 1,
    failed: false,
    foreignSocket: null,
  },
}

test('bars are scaled to their counts; a nonzero count always has a bar', () => {
  const lengths = bars(
    [
      { label: '0', count: 1000 },
      { label: '10', count: 500 },
      { label: '2', count: 1, note: 'stalled' },
      { label: '3', count: 0 },
    ],
    80,
  ).map((line) => plainText(line).match(/█/g)?.length ?? 0)
  expect(lengths).toEqual([40, 20, 1, 0])
})

test('a lab: open and failed members', () => {
  const page = words(labPage(lab, 80))
  expect(page).toContain('Lab 0a1b2c3d  udp [::1]:5353, reuseport')
  expect(page).toContain('1 listener in 2 processes (11, 12), until 00:10:00Z')
  expect(page).toMatch(/^ +1 +71 +11 +0 +normal/m)
  expect(page).toMatch(/^ +2 +72 +12 +0 +failed/m)
})

test('labs in a table, and none in a sentence', () => {
  const page = words(labsPage([lab], false, 200, new Date('2026-01-01T00:09:00.000Z')))
  expect(page).toMatch(/0a1b2c3d +udp +\[::1\]:5353 +1 +reuseport +2 +200 +980 of 1,000 done.* 60 s/)
  expect(words(labsPage([], false, 80, new Date()))).toMatch(/`lab listen` opens some/)
})

test('traffic: its result, and what each worker received of it', () => {
  const page = words(trafficPage(lab, [100, 50], 80))
  expect(page).toContain('980 of 1,000 done, 3 reset, 7 timed out, 10 not sent')
  expect(page).toContain('980 per second overall; latency p50 0.21 ms, p90 0.4 ms, p99 1.23 ms')
  expect(page).toContain('1 client of 10 got replies from more than one worker')
  expect(page).toMatch(/ 1 {2}█+ +50\n/)
  expect(page).toMatch(/ 2 {2} +0$/)
})

test('a recipe: verdict, variants, checks with their pass criteria, explanation', () => {
  const run: RecipeRun = {
    recipe: 'steering',
    size: 'small',
    startedAt: lab.startedAt,
    endedAt: lab.endsAt,
    step: 'Done',
    progress: 1,
    running: null,
    variants: [
      {
        title: 'Hash',
        subtitle: 'the default',
        shape: 'reuseport',
        counts: [{ label: '0', count: 7, note: 'stalled' }],
        figures: [
          { name: 'Throughput', value: 12345.6, unit: '/s', highlight: 'best' },
          { name: 'Max ÷ min', value: null, unit: '×', highlight: null },
        ],
      },
    ],
    checks: [
      { claim: 'It is true.', observed: 'as 7', holds: true, threshold: 'no chance in it' },
      { claim: 'It is false.', observed: 'as 8', holds: false, threshold: 'none' },
      { claim: 'It is unknown.', observed: 'no permission', holds: null, threshold: 'Not checked.' },
    ],
    verdict: { outcome: 'fails', summary: 'One does not hold.', detail: 'That one.' },
    explanation: ['Because.'],
  }
  const page = words(recipePage(run, undefined, 80))
  expect(page).toMatch(/^steering {2}fails\nOne does not hold\.\nThat one\.\n/)
  expect(page).toContain('Throughput 12,346 /s best   Max ÷ min –')
  expect(page).toMatch(/^pass +It is true\.\n +Observed: as 7\n +Pass criterion: no chance in it$/m)
  expect(page).toMatch(/^fail +It is false\.$/m)
  expect(page).toMatch(/^skipped +It is unknown\.$/m)
  expect(page).toMatch(/stalled/)
})
