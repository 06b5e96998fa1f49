/** The page in Chromium with the real engine and real sockets: the screen matches the kernel. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { eventually, needsRoot } from '../integration/support/conditions.ts'
import { makeNamespace, type TestNamespace } from '../integration/support/namespace.ts'
import { startSocketMaker } from '../integration/support/socket-maker.ts'
import { readSs } from '../integration/support/ss.ts'
import { launchChromium } from '../support/chromium.ts'
import { CONDITION_MS } from '../support/timeouts.ts'
import { startServer } from './serve.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
})
beforeEach(needsRoot)

/** A page that shows only the groups of one namespace, with its own server, because the filter is stored. */
async function openPage(namespace: TestNamespace): Promise<AsyncDisposable & { page: Page }> {
  const server = await startServer()
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  page.setDefaultTimeout(CONDITION_MS)
  await page.goto(server.url)
  await page.getByRole('combobox', { name: 'Filter' }).fill(`netns:${namespace.name} `)
  return {
    page,
    [Symbol.asyncDispose]: async () => {
      await page.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** The cells of the row of `port`, by column; null if there is none. */
async function readRow(page: Page, port: number): Promise<Record<string, string> | null> {
  const rows = page.locator('[role="rowgroup"] [role="row"]').filter({ hasText: `:${port}` })
  // In one call: the row may disappear between two.
  return rows.evaluateAll(([row]) =>
    row === undefined
      ? null
      : Object.fromEntries(
          [...row.children].map((cell) => {
            const column = cell.getAttribute('data-column') ?? ''
            const spoken = cell.querySelector('[role="img"]')?.getAttribute('aria-label') ?? ''
            return [column, [spoken, cell.textContent].filter(Boolean).join(' | ')]
          }),
        ),
  )
}

test('a member joins, fills its queue, drops and leaves: the screen matches the kernel', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name, command: 'web' })
  const listener = { protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], backlog: 9 } as const
  const made = await maker.openTogether({ ...listener, options: ['reuseport'], count: 3 })
  const port = made[0]?.port ?? 0
  await using opened = await openPage(namespace)
  const { page } = opened

  await expect
    .poll(() => readRow(page, port))
    .toMatchObject({
      state: expect.stringMatching(/new|nothing wrong/),
      proto: 'tcp4',
      members: '3',
      owners: expect.stringMatching(/web.*root/),
      sharing: expect.stringContaining('reuseport'),
      queue: expect.stringContaining('fullest of 3 members: 0 of 9 connections'),
    })

  await maker.open({ ...listener, options: ['reuseport'], port })
  await eventually('the fourth member is on screen', async () => (await readRow(page, port))?.members === '4')

  await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 12, patience: CONDITION_MS / 1000 })
  await eventually('the fullest queue is on screen', async () => {
    const fullest = Math.max(...(await readSs(namespace.name)).map(({ receiveQueue }) => receiveQueue))
    const row = await readRow(page, port)
    return fullest > 0 && row?.queue?.includes(`fullest of 4 members: ${fullest} of 9 connections`)
  })

  // Every queue overflows at limit + 1: 40 wait, and the rest is dropped.
  await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 120, stuck: 92 })
  // A drop rate lasts only one refresh: clients keep coming until it was seen.
  await eventually('the queue is full on screen, and drops', async () => {
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 20, stuck: 20 })
    const row = await readRow(page, port)
    const critical = row?.state?.startsWith('critical') && row.endpoint?.includes('queue full')
    return critical && row?.queue?.includes('10 of 9 connections') && Number(row.drops) > 0
  })
  await eventually('the verdict says so', async () =>
    /in trouble/.test(await page.getByRole('region', { name: 'Verdict' }).innerText()),
  )

  await maker.end()
  await eventually('the group is gone from the screen', async () => (await readRow(page, port)) === null)
})

test('UDP: the receive queue is in bytes, and datagrams that do not fit are dropped', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name, command: 'dns' })
  const made = await maker.openTogether({
    protocol: 'udp',
    address: '127.0.0.1',
    options: ['reuseport'],
    rcvbuf: 5000,
    count: 2,
  })
  const port = made[0]?.port ?? 0
  await using opened = await openPage(namespace)
  const { page } = opened
  // SO_REUSEPORT of UDP sockets is read from the sockets, a moment after they are first seen.
  await expect
    .poll(() => readRow(page, port))
    .toMatchObject({ proto: 'udp4', members: '2', sharing: expect.stringContaining('reuseport') })
  await eventually('the group is in trouble on screen', async () => {
    await maker.fill({ protocol: 'udp', address: '127.0.0.1', port, count: 400, bytes: 500 })
    const now = await readRow(page, port)
    return /queue full|was dropping|was full|dropping/.test(now?.endpoint ?? '')
  })
  const lost = (await readSs(namespace.name)).reduce((sum, { drops }) => sum + drops, 0)
  expect(lost).toBeGreaterThan(0)
})

test('when the engine exits, the page says so and keeps the data', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name, command: 'web' })
  const made = await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 2 })
  const port = made[0]?.port ?? 0
  await using another = await startServer()
  const page = await browser.newPage()
  page.setDefaultTimeout(CONDITION_MS)
  await page.goto(another.url)
  await eventually('the group is on screen', () => readRow(page, port))
  await another[Symbol.asyncDispose]()
  await page
    .getByRole('alert')
    .getByText(/has not answered since/)
    .waitFor()
  await expect.poll(() => readRow(page, port)).not.toBeNull()
  await page.close()
})

test('the first data is shown without waiting for anything but the engine', async () => {
  await using namespace = await makeNamespace()
  await using opened = await openPage(namespace)
  const { page } = opened
  await page.getByRole('contentinfo').locator('b').first().waitFor()
  const { stdout } = await promisify(execFile)('hostname')
  await expect.poll(() => page.locator('.machine-switch_host').innerText()).toBe(stdout.trim())
})

test('a filter for a single port without a row says who uses the port', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name, command: 'client' })
  await maker.open({ protocol: 'tcp', address: '127.0.0.1', port: 21_000, options: ['reuseport'] })
  const client = { protocol: 'tcp', address: '127.0.0.1', port: 21_001, state: 'connected' } as const
  await maker.open({ ...client, remote: ['127.0.0.1', 21_000] })
  await using opened = await openPage(namespace)
  const { page } = opened
  const filter = page.getByRole('combobox', { name: 'Filter' })
  for (const typed of ['21001', 'port:21001', `netns:${namespace.name} :21001`]) {
    await filter.fill(typed)
    await page
      .getByText(
        new RegExp(`No listener uses port 21001, but a connection.* does: established, client .pid ${maker.pid}`),
      )
      .waitFor()
  }
  await filter.fill('port:21002')
  await page.getByText('Nothing uses port 21002.').waitFor()
  await filter.fill('port:21000')
  await eventually('the row is there', async () => (await readRow(page, 21_000)) !== null)
  await expect.poll(() => page.getByText(/uses port/).count()).toBe(0)
})
