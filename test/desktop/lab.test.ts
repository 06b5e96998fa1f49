/** The Lab screen end to end: the real engine, the real program and real sockets, compared with `ss`. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { LAB_COMMAND } from '../../electron/contract/constants.ts'
import type { Lab } from '../../electron/contract/lab.ts'
import { type PageServer, servePage } from '../doubles/page-server.ts'
import { startTestEngine, type TestEngine } from '../integration/support/engine.ts'
import { startSocketMaker } from '../integration/support/socket-maker.ts'
import { readSs } from '../integration/support/ss.ts'
import { makeApplication } from './application.ts'
import { SPEAK } from './desktop.ts'
import { makeHome, ShellDesktop, shellMissing } from './shell-desktop.ts'
import { type OpenPage, openPage, sharedBrowser } from './support/browser.ts'

const eventually = <Value>(read: () => Value) => expect.poll(read)

/** In the environment of every process that this run starts, and of its children. */
const MARK = `REUSEPORT_LAB_TEST=${process.pid}`
process.env.REUSEPORT_LAB_TEST = String(process.pid)

/** Lab processes that this run started, by the kernel's name of them, without zombies. */
function labProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const stat = statOf(pid)
      return stat !== null && stat.command === LAB_COMMAND && !/[ZX]/.test(stat.state) && isMarked(pid)
    })
}

function isMarked(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(MARK)
  } catch {
    return false
  }
}

/** proc_pid_stat(5); null where there is no such process. */
function statOf(pid: number): { command: string; state: string } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const end = text.lastIndexOf(')')
    return { command: text.slice(text.indexOf('(') + 1, end), state: text.charAt(end + 2) }
  } catch {
    return null
  }
}

const listenersOn = async (port: number) => (await readSs(null)).filter((one) => one.port === port)

describe('in a browser', () => {
  let browser: Browser
  let engine: TestEngine
  let server: PageServer
  let open: OpenPage
  let page: Page

  beforeAll(async () => {
    browser = await sharedBrowser()
  })

  beforeEach(async () => {
    engine = await startTestEngine({ intervalMs: 250 })
    server = await servePage(engine)
    open = await openPage(browser, server.url)
    page = open.page
    await page.getByRole('link', { name: /^Lab/ }).click()
    await page.getByRole('navigation', { name: 'Lab' }).waitFor()
  })
  afterEach(async () => {
    await open.close()
    server.close()
    await engine.close()
    expect(open.complaints).toEqual([])
    await eventually(labProcesses).toEqual([])
  })

  const field = (name: string) => page.getByLabel(name, { exact: true })
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
  const heading = () => page.getByRole('heading', { level: 1 })
  const row = (member: number) =>
    page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: String(member), exact: true }) })
  /** The page of a recipe has the form too: what is typed there while the page changes is lost. */
  async function newListeners(): Promise<void> {
    await page.getByRole('link', { name: 'New test listeners' }).first().click()
    await heading().getByText('New test listeners').waitFor()
  }

  async function fill(name: string, text: string): Promise<void> {
    await field(name).fill(text)
    await field(name).press('Tab')
  }

  /** The engine's open labs, read again. */
  const labs = async (): Promise<readonly Lab[]> => (await engine.client.lab.changes({})).labs

  async function onlyLab(): Promise<Lab> {
    const [lab] = await labs()
    if (lab === undefined) throw new Error('no lab is open')
    return lab
  }

  /** Opens four listeners in two processes with the form. */
  async function openFour(): Promise<Lab> {
    await newListeners()
    await fill('Listeners', '4')
    await fill('Processes', '2')
    await page
      .getByText('Opens 4 tcp sockets on a free port of 127.0.0.1 in 2 processes, for at most 10 minutes')
      .waitFor()
    await button('Start').click()
    await heading().getByText('127.0.0.1:').waitFor()
    return onlyLab()
  }

  async function send(total: number, exchange: string): Promise<void> {
    await page.getByRole('radio', { name: exchange }).locator('xpath=ancestor::label').click()
    await fill('Total', String(total))
    await button('Send').click()
    await button('Send').waitFor()
    await page.getByText(`${total.toLocaleString('en')} of ${total.toLocaleString('en')} connections sent`).waitFor()
  }

  /** Received by each member, from the table. */
  async function received(): Promise<number[]> {
    const rows = page.getByRole('region', { name: 'Workers' }).locator('tbody tr')
    const texts = await rows.locator('td:nth-child(3)').allInnerTexts()
    return texts.map((text) => Number(text.replaceAll(',', '')))
  }
  const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)

  test('listeners from the form are a tagged group; counts are exact; members stall, resume, close and join', async () => {
    const { port, id } = await openFour()
    expect(page.url()).toContain(`#/lab/${id}`)
    expect((await listenersOn(port)).map(({ state }) => state)).toEqual(Array(4).fill('LISTEN'))
    expect(labProcesses()).not.toEqual([])
    await eventually(() =>
      page
        .getByRole('link', { name: /^Lab 1|^Lab$/ })
        .first()
        .innerText(),
    ).toContain('1')

    // The inspector shows the same sockets, tagged.
    await page.getByRole('link', { name: 'Open group' }).click()
    await heading().getByText(String(port)).waitFor()
    await page.locator('.group-head_title').getByTitle('Lab test listeners').waitFor()
    await page.getByRole('combobox', { name: 'Filter' }).fill(`port:${port} `)
    await page
      .getByRole('link', { name: /^Groups/ })
      .first()
      .click()
    const groupRow = page.getByRole('grid', { name: 'Groups' }).locator('[role="rowgroup"] [role="row"]')
    await eventually(() => groupRow.count()).toBe(1)
    await groupRow.getByTitle('Lab test listeners').waitFor()
    await expect.poll(() => groupRow.innerText()).toMatch(/reuseport-lab/)

    await page.getByRole('link', { name: /^Lab/ }).click()
    await page.getByRole('link', { name: /^Test listeners/ }).click()
    await send(2000, 'echo')
    await eventually(async () => sum(await received())).toBe(2000)
    await expect.poll(() => received()).toEqual((await onlyLab()).workers.map((worker) => worker.received))
    await page.getByText('2,000 of 2,000 connections sent, none failed').waitFor()
    await page.getByRole('img', { name: /^Share of each of 4 workers: Between/ }).waitFor()
    await eventually(() => page.getByRole('definition').allInnerTexts()).toContain('2,000')

    // A stalled member gets its share but accepts nothing; the others are not affected.
    const before = await received()
    await button('Stall member 2').click()
    await row(2).getByText('stalled').waitFor()
    await send(200, 'close immediately')
    const stalled = (await onlyLab()).members[1]?.cookie
    const waiting = async () => (await listenersOn(port)).find(({ cookie }) => cookie === stalled)?.receiveQueue ?? 0
    await eventually(async () => sum(await received()) + (await waiting())).toBe(2200)
    await expect.poll(() => waiting()).toBeGreaterThan(0)
    expect((await received())[1]).toBe(before[1])
    await button('Resume member 2').press('Enter')
    await eventually(async () => sum(await received())).toBe(2200)
    await row(2).getByText('normal').waitFor()

    await button('Close member 3').click()
    await row(3).getByText('closed').waitFor()
    await eventually(async () => (await listenersOn(port)).length).toBe(3)
    await button('Add a listener').click()
    await button('Add').click()
    await row(5).getByText('normal').waitFor()
    await eventually(async () => (await listenersOn(port)).length).toBe(4)

    // Without the option the kernel rejects the bind, and the form says so.
    await button('Add a listener').click()
    await page.getByRole('dialog').getByText('reuseport').click()
    await button('Add').click()
    await page
      .getByRole('alert')
      .getByText(/port is in use/)
      .waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })

    await button('Close all').click()
    await page.getByText('These test listeners are closed.').waitFor()
    await expect.poll(() => listenersOn(port)).toEqual([])
    await expect.poll(async () => sum(await received())).toBe(2200)
    await page.getByRole('link', { name: /^Lab/ }).getByText('0').waitFor()
  })

  test('running traffic can be stopped', async () => {
    await openFour()
    await fill('Rate per second', '50')
    await fill('Total', '100000')
    await button('Send').click()
    await eventually(async () => (await onlyLab()).traffic?.done ?? 0).toBeGreaterThan(5)
    await page.getByRole('progressbar', { name: 'Traffic' }).waitFor()
    await page.getByRole('region', { name: 'Traffic' }).getByRole('button', { name: 'Stop' }).click()
    await page.getByText('ended before all were sent').waitFor()
    expect((await onlyLab()).traffic?.endedAt).not.toBeNull()
    // The workers may still receive what was sent last.
    await eventually(async () => {
      const { workers } = await onlyLab()
      return sum(await received()) - sum(workers.map((worker) => worker.received))
    }).toBe(0)
  })

  test('UDP with DNS replies: one query per client, and no client moves', async () => {
    await newListeners()
    await page.getByRole('radio', { name: 'udp' }).locator('xpath=ancestor::label').click()
    await fill('Listeners', '3')
    await button('More options').click()
    await page.getByRole('radio', { name: 'DNS', exact: true }).locator('xpath=ancestor::label').click()
    await button('Start').click()
    await heading().getByText('udp').waitFor()
    await fill('Total', '3000')
    await button('Send').click()
    await page.getByText('3,000 of 3,000 datagrams sent, none failed').waitFor()
    await eventually(async () => sum(await received())).toBe(3000)
    const figure = page.getByText('Clients moved').locator('xpath=..')
    await expect.poll(() => figure.innerText()).toMatch(/Clients moved\s*0/)
  })

  test.each([
    [
      'an address that is not ours',
      { Address: '203.0.113.9' },
      'Address',
      /not an address of this machine[\s\S]*127\.0\.0\.1/,
    ],
    ['what is no address', { Address: 'localhost' }, 'Address', /This is not an IP address[\s\S]*numeric/],
    [
      'more processes than listeners',
      { Listeners: '2', Processes: '5' },
      'Processes',
      /too many for them[\s\S]*at most 2/,
    ],
  ])('rejected: %s', async (_, given, wrong, words) => {
    await newListeners()
    for (const [name, text] of Object.entries(given)) await fill(name, text)
    await button('Start').click()
    await eventually(() => page.getByRole('alert').innerText()).toMatch(words)
    await expect.poll(() => field(wrong).getAttribute('aria-invalid')).toBe('true')
    const said = await field(wrong).getAttribute('aria-describedby')
    expect(said).toContain(await page.getByRole('alert').getAttribute('id'))
    await eventually(() => field(wrong).evaluate((input) => input === document.activeElement)).toBe(true)
    await expect.poll(() => labs()).toEqual([])
    // The corrected form starts.
    await fill('Address', '127.0.0.1')
    await fill('Processes', '1')
    await button('Start').click()
    await heading().getByText('127.0.0.1:').waitFor()
    await expect.poll(() => page.getByRole('alert').count()).toBe(0)
  })

  test('rejected: a port in use by another program, which is named', async () => {
    await using maker = await startSocketMaker({ command: 'somebody' })
    const [taken] = await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', count: 1 })
    await newListeners()
    await fill('Port', String(taken?.port))
    await button('Start').click()
    await eventually(() => page.getByRole('alert').innerText()).toMatch(/in use by somebody[\s\S]*Use another port/)
    await expect.poll(() => field('Port').getAttribute('aria-invalid')).toBe('true')
    await expect.poll(() => labs()).toEqual([])
  })

  test('rejected: several listeners without the option', async () => {
    await newListeners()
    await page.getByRole('checkbox', { name: 'reuseport' }).locator('xpath=ancestor::label').click()
    await button('Start').click()
    await eventually(() => page.getByRole('alert').innerText()).toMatch(/second cannot bind[\s\S]*SO_REUSEPORT/)
    await expect.poll(() => labs()).toEqual([])
  })

  test('a quick run of a recipe shows its verdict, numbers, chart and explanation', async () => {
    await page.getByRole('link', { name: /^The newest socket takes all/ }).click()
    await button('Quick run').click()
    await button(/^Run again/).waitFor()
    const { run } = await engine.client.lab.changes({})
    if (run?.verdict == null) throw new Error('the engine has no verdict')
    expect(run.verdict.outcome).toBe('holds')
    const said = page.locator('.recipe-page_say')
    await expect.poll(() => said.innerText()).toContain(run.verdict.summary)
    await expect.poll(() => said.getByRole('img').getAttribute('aria-label')).toContain('It holds')
    const results = page.getByRole('region', { name: 'Results' })
    await expect.poll(() => results.getByRole('img').count()).toBe(run.variants.length)
    const tried = page.getByRole('region', { name: 'Checks' })
    await expect.poll(() => tried.locator('tbody tr').count()).toBe(run.checks.length)
    await expect
      .poll(() => page.getByRole('region', { name: 'Explanation' }).locator('p').count())
      .toBe(run.explanation.length)
    await expect.poll(() => labs()).toEqual([])
  })

  test('a stopped recipe says so and leaves nothing behind', async () => {
    await page.getByRole('link', { name: /^Three accept models/ }).click()
    await button('Run').click()
    await page.getByRole('progressbar', { name: 'Recipe' }).waitFor()
    await eventually(labProcesses).not.toEqual([])
    await page.locator('.lab-head_head').getByRole('button', { name: 'Stop' }).click()
    await eventually(() => page.locator('.recipe-page_say').innerText()).toMatch(/stopped/i)
    await eventually(labProcesses).toEqual([])
  })
})

const missing = shellMissing()

describe.skipIf(missing !== null)(`in the window${missing === null ? '' : ` (not run: ${missing})`}`, () => {
  test('closing it leaves no process or socket of the lab', async () => {
    const { home, remove } = makeHome()
    const application = makeApplication({ page: 'product' })
    const desktop = await ShellDesktop.start({ home, main: application.main })
    try {
      await desktop.evaluate(SPEAK)
      const request = { protocol: 'tcp', address: '127.0.0.1', listeners: 8, processes: 2 }
      const { body, status } = await desktop.evaluate<{ status: number; body: Lab }>(
        `call('/lab/listen', ${JSON.stringify(request)})`,
      )
      expect(status).toBe(200)
      await eventually(() => desktop.evaluate<string>('document.body.innerText')).toMatch(/Lab\s*1/)
      await expect.poll(() => listenersOn(body.port)).toHaveLength(8)
      const alive = () => [body.supervisor, ...body.pids].filter((pid) => !/[ZX]/.test(statOf(pid)?.state ?? 'X'))
      expect(alive()).toHaveLength(1 + body.pids.length)
      expect(await desktop.close()).toBe(0)
      await eventually(alive).toEqual([])
      await expect.poll(() => listenersOn(body.port)).toEqual([])
    } finally {
      await desktop.end()
      application.remove()
      remove()
    }
  })
})
