/** The Findings screen: with the real engine and real sockets, and in states that those cannot produce on demand. */
import type { Browser, Page } from 'playwright-core'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { EngineDouble } from '../doubles/engine.ts'
import { aFinding } from '../doubles/findings.ts'
import { groupRow, manyGroupRows } from '../doubles/group-rows.ts'
import { type PageServer, servePage } from '../doubles/page-server.ts'
import { startTestEngine, type TestEngine } from '../integration/support/engine.ts'
import { type MadeSocket, type SocketMaker, startSocketMaker } from '../integration/support/socket-maker.ts'
import { readSs } from '../integration/support/ss.ts'
import {
  type OpenPage,
  openPage,
  type PageOptions,
  pressUnlessGone,
  sharedBrowser,
  typeCommand,
  violations,
} from './support/browser.ts'
import { fillQueues } from './support/full-queues.ts'

const BACKLOG = 5

let browser: Browser
let page: Page
let open: OpenPage | null = null

beforeAll(async () => {
  browser = await sharedBrowser()
})

const eventually = <Value>(read: () => Value) => expect.poll(read)
const list = () => page.getByRole('listbox', { name: /^Findings/ })
const findings = () => list().getByRole('option')
const chosen = () => list().locator('[aria-selected="true"]')
const document = () => page.getByRole('article', { name: 'Selected finding' })
const navigation = () => page.getByRole('link', { name: /^Findings/ })

async function show(url: string, options: PageOptions = {}): Promise<void> {
  open = await openPage(browser, url, options)
  page = open.page
  await page.locator('#content').waitFor()
}

async function go(hash: string): Promise<void> {
  await page.evaluate((to) => {
    window.location.hash = to
  }, hash)
}

async function closePage(): Promise<void> {
  await open?.close()
  const complaints = open?.complaints ?? []
  open = null
  expect(complaints).toEqual([])
}

describe('real sockets', () => {
  let engine: TestEngine
  let server: PageServer
  let maker: SocketMaker
  let made: MadeSocket[]
  let port: number

  /** Listeners whose accept queues overflow; the filter shows only their group, whatever else is on the machine. */
  async function start(options: PageOptions = {}): Promise<void> {
    maker = await startSocketMaker()
    engine = await startTestEngine({ intervalMs: 250 })
    server = await servePage(engine)
    made = await maker.openTogether({
      protocol: 'tcp',
      address: '127.0.0.1',
      options: ['reuseport'],
      backlog: BACKLOG,
      count: 3,
    })
    port = made[0]?.port ?? 0
    await engine.client.settings.set({ filter: `port:${port} ` })
    await show(server.url, options)
    await page.getByRole('button', { name: `Remove port:${port}` }).waitFor()
    await go('#/findings')
  }

  const overflow = () => fillQueues(maker, port, BACKLOG)
  const over = () => findings().filter({ has: page.getByRole('img', { name: 'cleared' }) })
  const overflowing = () =>
    findings()
      .filter({ hasText: /overflow|are full/ })
      .filter({ hasNot: page.getByRole('img', { name: 'cleared' }) })

  afterEach(async () => {
    await closePage()
    server.close()
    await engine.close()
    await maker[Symbol.asyncDispose]()
  })

  test('a full accept queue is reported with its numbers and in the table, and clears when the queue does', async () => {
    await start()
    await eventually(() => page.getByRole('heading', { name: /^Nothing is wrong/ }).count()).toBe(1)
    await overflow()
    await eventually(() => overflowing().count()).toBe(1)
    await expect.poll(() => overflowing().textContent()).toContain(`127.0.0.1:${port}`)
    await eventually(() => navigation().innerText()).toMatch(/[1-9]/)
    await expect
      .poll(() => navigation().getByRole('img').getAttribute('aria-label'))
      .toMatch(/most severe: (critical|warning)/)
    await overflowing().click()
    const full = (await readSs(null)).filter((one) => one.port === port && one.receiveQueue > BACKLOG).length
    expect(full).toBe(3)
    const row = document().getByRole('row', { name: /^Members with a full or overflowing queue/ })
    await eventually(() => row.getByRole('cell').innerText()).toBe('3')
    for (const heading of ['What is going on', 'What to do', 'Evidence']) {
      await expect.poll(() => document().getByRole('heading', { name: heading }).count()).toBe(1)
    }
    await eventually(() =>
      document()
        .getByRole('img', { name: /Fullest queue/ })
        .getAttribute('aria-label'),
    ).toMatch(/120 %/)

    // The table's filter finds it, and its row has its sign.
    await page.keyboard.press('/')
    await page.keyboard.type('finding:queue-o')
    await page.getByRole('option', { name: /finding:queue-overflowing/ }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Tab')
    await go('#/groups')
    const groupRows = page.getByRole('grid', { name: 'Groups' }).locator('[role="rowgroup"] [role="row"]')
    await eventually(() => groupRows.count()).toBe(1)
    await eventually(() => groupRows.first().innerText()).toContain('queue full')
    await page.getByRole('button', { name: 'Remove finding:queue-overflowing' }).click()
    await go('#/findings')
    await overflowing().click()
    await page.getByRole('link', { name: 'Open group' }).click()
    await eventually(() => page.getByRole('heading', { level: 1 }).innerText()).toBe(`127.0.0.1:${port}`)
    await page.goBack()

    await maker.drain()
    for (const one of made) await maker.accept(one, BACKLOG + 1)
    // The open finding stays, and says that it has cleared.
    await document().getByText('This finding has cleared.').waitFor()
    await eventually(() => overflowing().count()).toBe(0)
    await go('#/groups')
    await go('#/findings')
    await eventually(() => page.getByRole('heading', { name: /^Nothing is wrong/ }).count()).toBe(1)

    // Who opens the page now sees when it was and what it cost, and so does who gets the link.
    await over().first().click()
    const incident = page.getByRole('article', { name: 'Selected incident' })
    await incident.getByText('This incident is over.').waitFor()
    const cost = (name: string) => incident.locator('dl div', { hasText: name }).locator('dd').innerText()
    const { groups } = await engine.client.snapshot({ selection: { port }, owners: false })
    expect(Number((await cost('Lost')).replaceAll(',', ''))).toBe(groups[0]?.drops)
    const began = await cost('Began')
    await incident.getByRole('img', { name: /Fullest queue.*peak 120 %/ }).waitFor()
    await incident.getByText(/^sudo journalctl --since @\d+ --until @\d+$/).waitFor()
    expect(await violations(page)).toEqual([])
    const { hash } = new URL(page.url())
    await closePage()
    await show(`${server.url}${hash}`)
    await incident.getByText('This incident is over.').waitFor()
    expect(await cost('Began')).toBe(began)
    await list().focus()
    await page.keyboard.press('Enter')
    await eventually(() => page.getByRole('heading', { level: 1 }).innerText()).toBe(`127.0.0.1:${port}`)
  })

  test('a muted finding stays muted over a reload, is not counted, and can be unmuted', async () => {
    await start()
    await overflow()
    await eventually(() => overflowing().count()).toBe(1)
    await overflowing().click()
    await page.getByRole('button', { name: 'Mute', exact: true }).press('Enter')
    await page.getByRole('menuitem', { name: 'Forever, in this group' }).press('Enter')
    await eventually(() => overflowing().count()).toBe(0)
    await eventually(async () => (await engine.client.settings.get()).mutedFindings).toEqual([
      expect.stringMatching(/^queue-overflowing:[0-9a-f]{16}$/),
    ])
    await page.reload()
    await go('#/findings')
    const shows = page.getByRole('button', { name: /^Show (muted findings|\d+ muted)/ })
    await shows.waitFor()
    await expect.poll(() => overflowing().count()).toBe(0)
    await shows.press('Enter')
    await eventually(() => overflowing().innerText()).toContain('muted')
    await overflowing().click()
    await page.getByRole('button', { name: 'Unmute' }).press('Enter')
    await eventually(async () => (await engine.client.settings.get()).mutedFindings).toEqual([])
    await eventually(() => overflowing().innerText()).not.toContain('muted')
    await page.getByRole('button', { name: 'Mute', exact: true }).press('Enter')
    await page.getByRole('menuitem').first().press('Enter')
    const notice = page
      .getByRole('status', { name: 'Notice' })
      .filter({ hasText: 'Muted for an hour: queue-overflowing' })
    await notice.getByRole('button', { name: 'Undo' }).press('Enter')
    await eventually(async () => (await engine.client.settings.get()).mutedFindings).toEqual([])
  })
})

describe('any engine', () => {
  let engine: EngineDouble
  let server: PageServer
  const web = groupRow({ port: 443 })
  const dns = groupRow({ port: 53, protocol: 'udp' })
  const all = [
    aFinding(
      {
        code: 'queue-overflowing',
        severity: 'critical',
        summary: 'Member 1 of 4 at tcp 0.0.0.0:443 is dropping connections: 129 connections queued (limit 128).',
        evidence: [{ name: 'recent overflows in this network namespace (ListenOverflows)', value: null, unit: null }],
      },
      web,
    ),
    aFinding({}, dns),
    aFinding(
      { code: 'group-shadowed', severity: 'info', summary: 'udp 0.0.0.0:53 gets no traffic for 10.0.0.1.' },
      dns,
    ),
  ]

  async function start(options: PageOptions = {}): Promise<void> {
    engine = new EngineDouble()
    server = await servePage(engine)
    engine.put(web, dns)
    engine.find(...all)
    await show(server.url, options)
    await go('#/findings')
  }

  afterEach(async () => {
    await closePage()
    server.close()
  })

  test('a critical finding notifies on the desktop, once it is wanted and allowed', async () => {
    await start()
    const desktop = await page.evaluateHandle(() => {
      const shown: { title: string; body: string; click: () => void }[] = []
      let permission = 'denied'
      class Double {
        static get permission() {
          return permission
        }
        static requestPermission = async () => permission
        onclick: (() => void) | null = null
        constructor(title: string, options: { body: string }) {
          shown.push({ title, body: options.body, click: () => this.onclick?.() })
        }
        close() {}
      }
      Object.assign(window.document, { hasFocus: () => false })
      Object.assign(window, { Notification: Double })
      const allow = () => {
        permission = 'granted'
      }
      return { shown, allow }
    })
    const texts = () => desktop.evaluate(({ shown }) => shown.map(({ title, body }) => `${title}: ${body}`))
    await go('#/settings')
    const choice = page.getByRole('checkbox', { name: /^Notify on the desktop/ })
    expect(await choice.isChecked()).toBe(false)
    // Notifications are off here: what the browser refuses is no news.
    expect(await page.getByText('The browser refuses notifications').count()).toBe(0)
    await choice.press('Space')
    await page.getByText('The browser refuses notifications from this address.').waitFor()
    expect(await choice.isChecked()).toBe(false)
    expect(engine.settings.notifyOnCritical).toBe(false)
    await desktop.evaluate(({ allow }) => allow())
    await choice.press('Space')
    await eventually(() => choice.isChecked()).toBe(true)
    await eventually(() => engine.settings.notifyOnCritical).toBe(true)
    const stalled = { code: 'member-stalled', severity: 'critical', summary: 'Member 3 of \u202edns stalls.' } as const
    engine.find(...all, aFinding(stalled, dns))
    await eventually(texts).toEqual([expect.stringMatching(/^Critical on .*: Member 3 of \\u202edns stalls\.$/)])
    await desktop.evaluate(({ shown }) => shown[0]?.click())
    await eventually(() => page.url()).toContain(`#/findings/member-stalled:${dns.id}`)
    await eventually(() => document().innerText()).toContain('stalls')
  })

  test('by keyboard: select, open, mute', async () => {
    await start()
    await eventually(() => findings().count()).toBe(3)
    await list().focus()
    await eventually(() => chosen().innerText()).toContain('Member 1 of 4 is dropping connections')
    await page.keyboard.press('ArrowDown')
    await eventually(() => chosen().innerText()).toContain('Any user can bind')
    await page.keyboard.press('End')
    await eventually(() => document().innerText()).toContain('gets no traffic for 10.0.0.1')
    await page.keyboard.press('m')
    await eventually(() => engine.settings.mutedFindings).toEqual([`group-shadowed:${dns.id}`])
    await eventually(() => findings().count()).toBe(2)
    // The list goes on with the next one, and the keys still work.
    await eventually(() => chosen().innerText()).toContain('Any user can bind')
    await page.keyboard.press('Home')
    await eventually(() => chosen().innerText()).toContain('Member 1 of 4 is dropping connections')
    await page.keyboard.press('Enter')
    await eventually(() => page.url()).toContain(`#/group/${web.id}`)
    await typeCommand(page, 'groups with')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Remove finding:*' }).waitFor()
    await eventually(() => page.getByRole('grid', { name: 'Groups' }).getAttribute('aria-rowcount')).toBe('3')
  })

  test('a whole type is muted at once, and unknown values are shown as unknown', async () => {
    await start()
    await eventually(() => document().locator('.widgets_unknown').innerText()).toBe('unknown')
    await page.getByRole('button', { name: 'Mute', exact: true }).click()
    await page.getByRole('menuitem', { name: /All findings of type/ }).click()
    await eventually(() => engine.settings.mutedFindings).toEqual(['queue-overflowing'])
  })

  test('nothing wrong, only muted findings, no matches: each has its own text', async () => {
    await start()
    await eventually(() => findings().count()).toBe(3)
    await go('#/settings')
    engine.find()
    await eventually(() => navigation().innerText()).toMatch(/0/)
    await go('#/findings')
    await page.getByRole('heading', { name: 'Nothing is wrong', exact: true }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('combobox', { name: 'Filter' }).fill('port:53 ')
    engine.find(...all.slice(0, 1))
    await page.getByRole('heading', { name: 'Nothing is wrong in the matching groups' }).waitFor()
    await page.getByRole('button', { name: 'Clear the filter' }).click()
    await eventually(() => findings().count()).toBe(1)
  })

  test('an engine without findings says why, and is retried', async () => {
    await start()
    await eventually(() => findings().count()).toBe(3)
    engine.findingsRefusal = { operation: 'read the findings', cause: 'the namespace closed', hint: 'Wait a moment.' }
    engine.put()
    await page.getByText(/Out of date: the namespace closed/).waitFor()
    await expect.poll(() => findings().count()).toBe(3)
    await page.reload()
    await go('#/findings')
    await page.getByRole('heading', { name: 'Findings are unavailable' }).waitFor()
    await expect.poll(() => page.locator('.pane_pane').innerText()).toMatch(/the namespace closed[\s\S]*Wait a moment/)
    expect(await violations(page)).toEqual([])
    engine.findingsRefusal = null
    await pressUnlessGone(page, 'Try again')
    await eventually(() => findings().count()).toBe(3)
  })

  test('when disconnected, they stay, grayed out and dated', async () => {
    await start()
    await eventually(() => findings().count()).toBe(3)
    server.refuse()
    server.cut()
    await page.getByRole('alert').waitFor()
    await page.locator('[data-stale]').waitFor()
    await expect.poll(() => findings().count()).toBe(3)
    expect(await violations(page)).toEqual([])
  })

  test('thousands: only visible ones are rendered, all can be reached', async () => {
    await start()
    const rows = manyGroupRows(3000)
    engine.find(...rows.map((row) => aFinding({ code: 'not-a-group', severity: 'info' }, row)))
    await eventually(() => navigation().innerText()).toMatch(/3,000/)
    await expect.poll(() => findings().count()).toBeLessThan(60)
    await list().focus()
    await page.keyboard.press('End')
    await eventually(() => chosen().getAttribute('aria-posinset')).toBe('3000')
  })

  test.each([
    ['1024 by 640', { width: 1024, height: 640 }],
    ['1280 by 800 at 200 %', { width: 640, height: 400 }],
  ])('%s: nothing is lost', async (_, size) => {
    await start(size)
    await eventually(() => findings().count()).toBeGreaterThan(0)
    for (const name of ['Open group', 'Mute']) {
      const control = document().getByText(name, { exact: true })
      await control.scrollIntoViewIfNeeded()
      const box = await control.boundingBox()
      expect(box !== null && box.x >= 0 && box.x + box.width <= size.width).toBe(true)
    }
    await expect
      .poll(() => page.evaluate(() => window.document.documentElement.scrollWidth))
      .toBeLessThanOrEqual(size.width)
    expect(await violations(page)).toEqual([])
  })
})
