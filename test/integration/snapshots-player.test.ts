/**
 * Recordings in the window: made there of real sockets, opened from a file, and played on the screens of the live
 * groups.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Snapshot } from '../../electron/contract/model.ts'
import { Settings } from '../../electron/contract/settings.ts'
import { startEngine } from '../../electron/engine/engine.ts'
import { memorySettings } from '../../electron/engine/settings/settings-store.ts'
import { RecordingWriter } from '../../electron/engine/snapshots/recording-file.ts'
import { groupId } from '../doubles/changing-snapshots.ts'
import { aGroup, aMember, aSnapshot } from '../doubles/snapshots.ts'
import { eventually } from './support/conditions.ts'
import { addonPath } from './support/engine.ts'
import { type EnginePage, startEnginePage } from './support/engine-page.ts'
import { startSocketMaker } from './support/socket-maker.ts'

const folder = mkdtempSync(join(tmpdir(), 'rpi-player-'))
const kept = join(folder, 'kept')
let open: EnginePage
let engine: EnginePage['engine']
let page: Page
let screenshot: EnginePage['screenshot']
beforeAll(async () => {
  open = await startEnginePage(kept, { intervalMs: 250 })
  ;({ engine, page, screenshot } = open)
})
afterAll(async () => {
  await open.close()
  rmSync(folder, { recursive: true })
})

beforeEach(async () => {
  await engine.client.settings.set({ filter: '' })
  await open.begin()
  await page.getByRole('navigation').getByRole('link', { name: 'Snapshots' }).click()
})

async function violations(): Promise<string[]> {
  await page.evaluate(axe.source)
  const found = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run())
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

const thumb = () => page.getByRole('slider', { name: 'Snapshot' })
const shownSnapshot = async () => Number(await thumb().inputValue())
const rowOf = (port: number) => page.getByRole('row').filter({ hasText: `127.0.0.1:${port}` })

/** Filtered, because other programs may run on the machine and rows far down are not rendered. */
async function only(...ports: number[]): Promise<void> {
  await page.getByRole('combobox', { name: 'Filter' }).fill(ports.map((port) => `port:${port} `).join(''))
  await page.locator('#content').focus()
}

/** Waits for two more snapshots: the second one was started after now. */
async function twoMoreSnapshots(): Promise<void> {
  const taken = async () => (await engine.client.snapshots.recording())?.snapshots ?? 0
  const before = await taken()
  await eventually('two more snapshots', async () => (await taken()) >= before + 2)
}

async function openFile(name: string, snapshots: readonly Snapshot[], cutAt?: number): Promise<void> {
  const path = join(folder, name)
  const writer = await RecordingWriter.create(path, { force: true })
  for (const one of snapshots) await writer.add(one, 1000)
  await writer.end()
  if (cutAt !== undefined) {
    writeFileSync(path, readFileSync(path).subarray(0, cutAt))
  }
  await page.getByLabel('Snapshot or recording').setInputFiles(path)
}

test('recorded in the window, and played: a queue that fills, a member that leaves', async () => {
  await using maker = await startSocketMaker({ command: 'worker' })
  const made = await maker.openTogether({
    protocol: 'tcp',
    address: '127.0.0.1',
    options: ['reuseport'],
    backlog: 4,
    count: 2,
  })
  const port = made[0]?.port ?? 0

  await page.getByRole('button', { name: 'Start recording', exact: true }).click()
  await page.getByText(/^since \d\d:/).waitFor()
  await twoMoreSnapshots()
  await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 40, stuck: 30 })
  await twoMoreSnapshots()
  const [leaving] = made
  if (leaving !== undefined) await maker.close(leaving)
  await twoMoreSnapshots()
  await page.getByText(/of max\. 128 MiB/).waitFor()
  await screenshot('recording')
  // One at a time; the page gets an error.
  await expect(engine.client.snapshots.record({ name: 'second' })).rejects.toThrow(/is being recorded/)
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByRole('button', { name: /^Play / }).waitFor()
  expect(readdirSync(kept).filter((name) => name.endsWith('.ndjson.gz'))).toHaveLength(1)
  expect(await engine.client.snapshots.recording()).toMatchObject({ running: false, problem: null })

  // The recording shows nothing of now, and the live view nothing of the recording.
  const [later] = await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 2 })
  await page.getByRole('button', { name: /^Play / }).click()
  await page.getByText(/^Not live: /).waitFor()
  await only(later?.port ?? 0)
  await page.getByText(/do(es)? not match\./).waitFor()
  expect(await rowOf(later?.port ?? 0).count()).toBe(0)
  await only(port)
  await rowOf(port).first().waitFor()
  expect(await shownSnapshot()).toBe(0)

  await page.getByRole('button', { name: 'Next event' }).click()
  const happened = page.getByRole('region', { name: 'Timeline' }).getByRole('status')
  await happened.getByText(`tcp4 127.0.0.1:${port}: queue full`).waitFor()
  const filledAt = await shownSnapshot()
  await rowOf(port).getByText('queue full').first().waitFor()
  await screenshot('player')
  expect(await violations()).toEqual([])

  while (!((await happened.textContent()) ?? '').includes('1 member removed')) {
    await page.getByRole('button', { name: 'Next event' }).click()
  }
  expect(await shownSnapshot()).toBeGreaterThan(filledAt)

  // The same group, on its own screen, at that snapshot and at the previous one.
  await happened.getByRole('link').click()
  const lanes = page.getByRole('table', { name: 'Members' }).getByLabel(/^Member \d+$/)
  await eventually('the member that stayed', async () => (await lanes.count()) === 1)
  await screenshot('player-group')
  await thumb().focus()
  await page.keyboard.press('ArrowLeft')
  await eventually('both, as in the previous snapshot', async () => (await lanes.count()) === 2)

  // By keyboard to both ends.
  await page.keyboard.press('End')
  const last = await shownSnapshot()
  await page.keyboard.press('Home')
  expect(await shownSnapshot()).toBe(0)
  expect(last).toBeGreaterThan(filledAt)
  await page.keyboard.press('ArrowRight')
  expect(await shownSnapshot()).toBe(1)

  // Its events, with the way to the moment of each.
  await page.getByRole('navigation').getByRole('link', { name: 'Events' }).click()
  const event = page
    .getByRole('option')
    .filter({ hasText: 'left' })
    .filter({ hasText: `127.0.0.1:${port}` })
  await event.first().click()
  await page.getByRole('button', { name: 'Show this moment' }).click()
  await eventually('the moment of the event', async () => (await shownSnapshot()) > filledAt)
  await screenshot('player-events')
  expect(await violations()).toEqual([])
  await page.getByRole('navigation').getByRole('link', { name: 'Groups' }).click()
  await thumb().focus()
  await page.keyboard.press('Home')

  // It plays to the end and stops.
  await page.locator('#content').focus()
  await page.keyboard.press('Space')
  await page.getByRole('button', { name: 'Play' }).and(page.locator('[aria-pressed=true]')).waitFor()
  await eventually('the last snapshot', async () => (await shownSnapshot()) === last)
  await page.getByRole('button', { name: 'Play' }).and(page.locator('[aria-pressed=false]')).waitFor()

  await page.getByRole('button', { name: 'Compare with start' }).click()
  await page
    .getByRole('table', { name: 'Changes' })
    .getByText(/It has 1 member instead of 2/)
    .waitFor()
  await screenshot('player-compared')

  await page.getByRole('button', { name: 'Back to live' }).click()
  await page.getByText('Not live').first().waitFor({ state: 'detached' })
  await page.getByRole('navigation').getByRole('link', { name: 'Groups' }).click()
  await only(later?.port ?? 0)
  await rowOf(later?.port ?? 0)
    .first()
    .waitFor()
  expect(open.wrong).toEqual([])
})

test('a file: its findings at each snapshot, and never the current ones', async () => {
  const words = { summary: 'A queue is full.', explanation: 'It is.', advice: 'Empty it.' }
  const found = {
    code: 'queue-overflowing',
    severity: 'critical' as const,
    group: groupId(1),
    members: [],
    evidence: [],
    mentions: [],
  }
  const at = (second: number, ill: boolean) =>
    aSnapshot({
      takenAt: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
      host: { ...aSnapshot().host, hostname: '<b>edge-03' },
      groups: [aGroup({ id: groupId(1), members: [aMember({ drops: second })] })],
      findings: ill ? [{ ...found, ...words }] : [],
    })
  await openFile('edge.ndjson', [at(0, false), at(1, true), at(2, true), at(3, false)])
  await page.getByText('Not live: <b>edge-03').waitFor()
  await page.getByRole('navigation').getByRole('link', { name: 'Findings' }).click()
  await page.getByText('No findings at that time').waitFor()
  await thumb().focus()
  await page.keyboard.press('ArrowRight')
  await page.getByRole('option').filter({ hasText: '0.0.0.0:443' }).waitFor()
  await page.getByText('Findings at the time of this snapshot, not now.').waitFor()
  expect(await page.getByRole('option').count()).toBe(1)
  await screenshot('player-findings')
  expect(await violations()).toEqual([])
  await thumb().focus()
  await page.keyboard.press('End')
  await page.getByText('This finding has cleared.').waitFor()
  expect(await page.getByRole('option').count()).toBe(0)
  await page.getByRole('button', { name: 'Back to live' }).click()
  await page.getByText('Findings at the time of this snapshot').waitFor({ state: 'detached' })
  expect(await page.getByRole('option').filter({ hasText: '0.0.0.0:443' }).count()).toBe(0)
  expect(open.wrong).toEqual([])
})

test('a truncated file plays as far as it goes, and says so', async () => {
  await openFile('whole.ndjson', [aSnapshot(), aSnapshot({ groups: [] }), aSnapshot()])
  await page.getByText(/3 of 3|1 of 3/).waitFor()
  await page.getByRole('button', { name: 'Back to live' }).click()
  await page.getByRole('navigation').getByRole('link', { name: 'Snapshots' }).click()
  await openFile('cut.ndjson', [aSnapshot(), aSnapshot({ groups: [] }), aSnapshot()], -30)
  await page.getByText('1 of 2').waitFor()
  await page.getByText(/it is truncated: its last snapshot is incomplete/).waitFor()
  expect(open.wrong).toEqual([])
})

test('the engine finishes its recording when it ends', async () => {
  const where = join(folder, 'other')
  const other = startEngine({ addonPath, settings: memorySettings(Settings.parse({})), snapshotFolder: where })
  await other.client.snapshots.record({ name: 'a' })
  await eventually('the first snapshot', async () => existsSync(join(where, 'a.ndjson.gz')))
  await other.close()
  const again = startEngine({ addonPath, settings: memorySettings(Settings.parse({})), snapshotFolder: where })
  try {
    const [one] = await again.client.snapshots.list()
    expect(one).toMatchObject({ kind: 'recording', name: 'a', problem: null })
    const timeline = await again.client.snapshots.timeline({ id: one?.id ?? '' })
    expect(timeline.problem).toBe(null)
    expect(readdirSync(where)).toEqual(['a.ndjson.gz'])
  } finally {
    await again.close()
  }
})
