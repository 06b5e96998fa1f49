/** The Snapshots screen in a real browser, with the real engine and real sockets. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Snapshot } from '../../electron/contract/model.ts'
import { aGroup, aMember, aSnapshot } from '../doubles/snapshots.ts'
import { type EnginePage, startEnginePage } from './support/engine-page.ts'
import { startSocketMaker } from './support/socket-maker.ts'

const folder = mkdtempSync(join(tmpdir(), 'rpi-window-'))
let open: EnginePage
let engine: EnginePage['engine']
let page: Page
let screenshot: EnginePage['screenshot']
beforeAll(async () => {
  open = await startEnginePage(join(folder, 'kept'))
  ;({ engine, page, screenshot } = open)
})
afterAll(async () => {
  await open.close()
  rmSync(folder, { recursive: true })
})

beforeEach(async () => {
  await open.begin()
})

test('save with Ctrl+S, change the machine, compare, export, open, forget', async () => {
  await using maker = await startSocketMaker({ command: 'worker' })
  const made = await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 4 })
  const port = made[0]?.port ?? 0

  await page.keyboard.press('Control+s')
  await page.getByRole('button', { name: 'Compare with now' }).click()
  const story = page.getByRole('table', { name: 'Changes' })
  await story.waitFor()
  expect(await page.getByRole('button', { name: /^Compare from \d+ \w+ \d\d:/ }).getAttribute('aria-pressed')).toBe(
    'true',
  )

  const [leaving] = made
  if (leaving !== undefined) await maker.close(leaving)
  const [fresh] = await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 2 })
  await page.getByRole('button', { name: 'Compare again' }).click()
  const changed = story.getByRole('row').filter({ hasText: `127.0.0.1:${port}` })
  await changed.filter({ hasText: 'It has 3 members instead of 4.' }).waitFor()
  await story
    .getByRole('row')
    .filter({ hasText: `127.0.0.1:${fresh?.port}` })
    .filter({ hasText: 'Added: 2 members, held by worker.' })
    .waitFor()
  await screenshot('compared')

  await page.evaluate(axe.source)
  const found = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run())
  expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])

  const download = async (item: string) => {
    await page.getByRole('button', { name: 'Export', exact: true }).click()
    const arrives = page.waitForEvent('download')
    await page.getByRole('menuitem', { name: item }).click()
    return readFileSync(await (await arrives).path(), 'utf8')
  }
  const saved = Snapshot.parse(JSON.parse(await download('Snapshot (JSON)')))
  expect(saved.groups.find((group) => group.port === port)?.members).toHaveLength(4)
  expect(await download('Report (HTML)')).toMatch(/^<!doctype html>/)
  const anonymous = await download('Snapshot, redacted (JSON)')
  expect(anonymous).not.toContain('"worker"')
  expect(Snapshot.parse(JSON.parse(anonymous)).redacted).toEqual(['addresses', 'commands', 'hosts', 'users'])

  // A file from another machine, with markup as its name.
  const other = aSnapshot({
    host: { hostname: '<b>edge-03', kernelRelease: '6.1', bootId: 'other', uid: 0, capabilities: [] },
    groups: [
      aGroup({ members: [aMember({ holders: [{ pid: 1, fds: [3], command: '<img src=x>', startedAt: null }] })] }),
    ],
  })
  const file = join(folder, 'edge-03.json.gz')
  writeFileSync(file, gzipSync(JSON.stringify(other)))
  await page.getByLabel('Snapshot or recording').setInputFiles(file)
  await page.getByText('<b>edge-03').first().waitFor()
  await page.getByText(/matched by endpoint/).waitFor()
  await story.getByText('<img src=x>').waitFor()
  await screenshot('another-machine')

  // Opened on the screens of the live groups, and marked as not live.
  await page.getByRole('button', { name: 'Open edge-03.json.gz' }).click()
  await page.getByText('Not live: <b>edge-03').waitFor()
  const row = page.getByRole('row').filter({ hasText: '0.0.0.0:443' })
  await row.waitFor()
  expect(await page.getByText(String(port)).count()).toBe(0)
  await screenshot('not-live')
  await page.goto(`${page.url().split('#')[0]}#/group/3fa9c1d200000001`)
  await page.getByText('Evidence', { exact: true }).first().waitFor()
  await page.getByText('<img src=x>').first().waitFor()
  await screenshot('not-live-group')
  await page.getByRole('button', { name: 'Back to live' }).click()
  await page.getByText('Not live').waitFor({ state: 'detached' })
  await page.getByRole('navigation').getByRole('link', { name: 'Groups' }).click()
  await page
    .getByRole('row')
    .filter({ hasText: `127.0.0.1:${port}` })
    .first()
    .waitFor()
  await page.getByRole('navigation').getByRole('link', { name: 'Snapshots' }).click()

  // A file that is not a snapshot.
  const broken = join(folder, 'broken.json')
  writeFileSync(broken, '{"schema":"reuseport-inspector/snapshot/1",')
  await page.getByLabel('Snapshot or recording').setInputFiles(broken)
  await page.getByText(/it is truncated: its JSON ends too early/).waitFor()
  await screenshot('broken')

  await page.getByRole('button', { name: 'Remove edge-03.json.gz' }).click()
  await page.getByText('<b>edge-03').first().waitFor({ state: 'detached' })
  await page.getByRole('button', { name: /^Remove \d+ \w+ \d\d:/ }).click()
  await page.getByText('No snapshots yet').waitFor()
  // Its file goes when that can no longer be undone.
  await page.getByRole('button', { name: 'Hide this notice' }).click()
  await expect.poll(() => engine.client.snapshots.list()).toEqual([])
  expect(open.wrong).toEqual([])
})

test('a file dropped anywhere is opened', async () => {
  const content = JSON.stringify(aSnapshot())
  const dropped = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer()
    transfer.items.add(new File([text], 'dropped.json'))
    return transfer
  }, content)
  await page.dispatchEvent('body', 'drop', { dataTransfer: dropped })
  await page.getByRole('button', { name: 'Compare from dropped.json' }).waitFor()
})

test('a name from a page never leaves the folder', async () => {
  for (const id of ['saved/../settings.json.gz', 'saved/.hidden.json.gz', '/etc/passwd', 'saved/x\0.json.gz']) {
    await expect(engine.client.snapshots.delete({ id })).rejects.toMatchObject({ code: 'UNPROCESSABLE_CONTENT' })
  }
  const kept = await engine.client.snapshots.save({ name: '../../etc/<b>passwd\n' })
  expect(kept.id).toMatch(/^saved\/[^/]+\.json\.gz$/)
  expect((await engine.client.snapshots.save({ name: '../../etc/<b>passwd\n' })).id).not.toBe(kept.id)
})

test('an interrupted save leaves nothing behind', async () => {
  const before = await engine.client.snapshots.list()
  const end = new AbortController()
  const saving = engine.client.snapshots.save({ name: 'stopped' }, { signal: end.signal })
  end.abort()
  await expect(saving).rejects.toThrow()
  expect(await engine.client.snapshots.list()).toEqual(before)
})
