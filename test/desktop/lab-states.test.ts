/** The Lab screen with an engine controlled by the test: states that real listeners cannot produce on demand. */
import type { Browser, Locator, Page } from 'playwright-core'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { LAB_COMMAND } from '../../electron/contract/constants.ts'
import { EngineDouble } from '../doubles/engine.ts'
import { aFinding } from '../doubles/findings.ts'
import { groupRow } from '../doubles/group-rows.ts'
import { aLab, aMember, aWorker, someTraffic, threeWays } from '../doubles/lab.ts'
import { type PageServer, servePage } from '../doubles/page-server.ts'
import {
  type OpenPage,
  openPage,
  type PageOptions,
  pressUnlessGone,
  sharedBrowser,
  typeCommand,
  violations,
} from './support/browser.ts'

let browser: Browser
let engine: EngineDouble
let server: PageServer
let open: OpenPage
let page: Page

beforeAll(async () => {
  browser = await sharedBrowser()
})
beforeEach(() => {
  engine = new EngineDouble()
})
afterEach(async () => {
  await open.close()
  server.close()
  expect(open.complaints).toEqual([])
})

const eventually = <Value>(read: () => Value) => expect.poll(read)
const button = (name: string) => page.getByRole('button', { name, exact: true })
const side = () => page.getByRole('navigation', { name: 'Lab' })

/** Opens the lab; `at` is the rest of the URL after `#/lab`. */
async function start(at = '', options: PageOptions = {}): Promise<void> {
  server = await servePage(engine)
  open = await openPage(browser, server.url, options)
  page = open.page
  engine.put(groupRow())
  await go(`#/lab${at}`)
}

async function go(hash: string): Promise<void> {
  await page.evaluate((to) => {
    window.location.hash = to
  }, hash)
}

const ended = { ...threeWays(), endedAt: '2026-01-01T12:01:00.000Z', progress: 1 }

describe('recipes', () => {
  test('a running one: its progress, the counts, and outliers', async () => {
    engine.lab.show({ run: threeWays() })
    await start()
    await page.getByRole('heading', { level: 1, name: 'Three ways to share a port' }).waitFor()
    await page.getByText('Way 3 of 3, 14,240 of 20,000 connections').waitFor()
    await expect.poll(() => page.getByRole('progressbar', { name: 'Recipe' }).getAttribute('aria-valuenow')).toBe('90')
    await page.getByRole('img', { name: /worker 1 745, .*worker 4 6,120/ }).waitFor()
    const row = (name: string) => page.getByRole('row', { name })
    await expect.poll(() => row('Max ÷ min').innerText()).toMatch(/1\.00\s+8\.21\s*, stands out\s+1\.05 so far/)
    await row('Throughput').getByRole('img', { name: 'best' }).waitFor()
    // Other recipes must wait.
    await side()
      .getByRole('link', { name: /^No hijacking/ })
      .click()
    await page.getByText('One at a time: Three ways to share a port is running.').waitFor()
    await expect.poll(() => button('Run').count()).toBe(0)
    await page.getByRole('link', { name: 'Three ways to share a port', exact: true }).click()
    await button('Stop').click()
    await page.getByText('Nothing is left of it.').waitFor()
    await page.getByRole('img', { name: 'It was stopped' }).waitFor()
  })

  test.each([
    ['holds', 'It holds'],
    ['fails', 'It does not hold'],
    ['partial', 'Not everything could be checked'],
    ['stopped', 'It was stopped'],
  ] as const)('the outcome “%s” is shown as a sign and as text', async (outcome, words) => {
    engine.lab.show({
      run: {
        ...ended,
        verdict: { outcome, summary: 'The spread is even.', detail: 'χ² says so.' },
        checks: [
          { claim: 'It is even', observed: '1,752 to 1,840', holds: true, threshold: 'p over 0.001' },
          { claim: 'It moves', observed: 'needs root', holds: null, threshold: 'none' },
          { claim: 'It loses none', observed: 'lost 3', holds: false, threshold: '0' },
        ],
        explanation: ['A listener has one queue.', 'The hash knows nothing of who is busy.'],
      },
    })
    await start('/accept-models')
    await page.locator('.recipe-page_say').getByRole('img', { name: words }).waitFor()
    await expect.poll(() => page.locator('.recipe-page_say').innerText()).toMatch(/The spread is even\. χ² says so\./)
    const tried = page.getByRole('region', { name: 'Checks' }).getByRole('img')
    const signs = await tried.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')))
    expect(signs).toEqual(['holds', 'not checked', 'does not hold'])
    await page.getByText('The hash knows nothing of who is busy.').waitFor()
    // A run of another recipe does not replace it.
    engine.lab.show({ run: { ...threeWays(), recipe: 'udp-dns' } })
    await page.getByText('One at a time').waitFor()
    await page.getByText('The spread is even.').waitFor()
  })

  test('unmeasured values are shown as such, and a recipe without permissions says what is missing', async () => {
    const [first, ...rest] = ended.variants
    if (first === undefined) throw new Error('the double has no variant')
    const figures = first.figures.map((figure) => ({ ...figure, value: null }))
    engine.lab.show({ run: { ...ended, variants: [{ ...first, figures }, ...rest] } })
    engine.lab.recipes = engine.lab.recipes.map((recipe) => ({ ...recipe, limitation: 'Another user needs root.' }))
    await start('/accept-models')
    await eventually(() => page.locator('.variants-table_variants .widgets_unknown').count()).toBe(3)
    await page.getByText('Another user needs root.').waitFor()
  })

  test('a rejected one says why, beside its button', async () => {
    const problem = { operation: 'run the recipe', cause: 'another recipe is running', hint: 'Wait for it.' }
    engine.lab.refusals.set('run', { code: 'UNPROCESSABLE_CONTENT', problem })
    await start('/steering')
    await button('Quick run').click()
    await eventually(() => page.getByRole('alert').innerText()).toBe('Another recipe is running. Wait for it.')
    expect(engine.lab.asked).toEqual([{ procedure: 'run', input: { recipe: 'steering', size: 'small' } }])
  })
})

describe('test listeners', () => {
  test('every option of the form is in the request', async () => {
    await start('/new')
    const choose = async (label: string, option: string) => {
      await page.getByRole('button', { name: new RegExp(`${label}$`) }).click()
      await page.getByRole('option', { name: option }).click()
    }
    const pick = (name: string) =>
      page.getByRole('radio', { name, exact: true }).locator('xpath=ancestor::label').click()
    const fill = async (name: string, text: string) => {
      await page.getByLabel(name, { exact: true }).fill(text)
      await page.getByLabel(name, { exact: true }).press('Tab')
    }
    await fill('Address', '::1')
    await fill('Port', '18081')
    await fill('Listeners', '12')
    await fill('Processes', '3')
    await page.getByText('join others', { exact: true }).click()
    await page.getByText('reuseaddr', { exact: true }).click()
    await page.getByText('incoming cpu', { exact: true }).click()
    await fill('Backlog', '64')
    await fill('Minutes', '2.5')
    await pick('slow')
    await fill('ms after each connection', '20')
    await choose('User', 'www-data')
    await button('More options').click()
    await choose('Steering', 'to one member')
    await fill('Steer to member', '3')
    await pick('no')
    await choose('Bind to interface', 'lo')
    await fill('Receive buffer (bytes)', '65536')
    await page
      .getByText('Opens 12 tcp sockets on [::1]:18081 in 3 processes as www-data, for at most 2.5 minutes')
      .waitFor()
    await page.getByLabel('Backlog').press('Enter')
    const heading = page.getByRole('heading', { level: 1, name: /\[::1\]:18081/ })
    await heading.waitFor()
    await eventually(() => heading.evaluate((one) => one === document.activeElement)).toBe(true)
    expect(engine.lab.asked).toEqual([
      {
        procedure: 'listen',
        input: {
          protocol: 'tcp',
          address: '::1',
          port: 18_081,
          join: true,
          listeners: 12,
          processes: 3,
          user: 'www-data',
          reuseport: true,
          reuseaddr: true,
          v6only: false,
          interface: 'lo',
          incomingCpu: true,
          backlog: 64,
          receiveBuffer: 65_536,
          acceptBehavior: { mode: 'slow', delayMs: 20 },
          reply: 'echo',
          acceptModel: 'reuseport',
          waitStrategy: 'epoll',
          steering: 'member',
          steerTo: 2,
          minutes: 2.5,
        },
      },
    ])
    // Input is kept when coming back.
    await go('#/lab/new')
    await expect.poll(() => page.getByLabel('Port', { exact: true }).inputValue()).toBe('18081')
  })

  test('an error of a field is shown beside it, and the field is marked', async () => {
    await start('/new')
    for (const [field, label, code, happened] of [
      ['port', 'Port', 'FORBIDDEN', 'ports below 1024 are for root'],
      ['listeners', 'Listeners', 'UNPROCESSABLE_CONTENT', '4,096 listeners need 12,352 descriptors'],
      ['user', 'User', 'UNPROCESSABLE_CONTENT', 'this machine has no such user'],
      ['interface', 'Bind to interface', 'UNPROCESSABLE_CONTENT', 'there is no such interface'],
      ['receiveBuffer', 'Receive buffer (bytes)', 'UNPROCESSABLE_CONTENT', 'that is too much'],
    ] as const) {
      const remedy = `Change the ${field}.`
      engine.lab.refusals.set('listen', { code, problem: { operation: 'it', cause: happened, hint: remedy, field } })
      await button('Start').click()
      const alert = page.getByRole('alert').filter({ hasText: remedy })
      await alert.waitFor()
      const marked = page.locator(`#content [aria-describedby~="${await alert.getAttribute('id')}"]`).first()
      await marked.waitFor()
      await expect.poll(() => page.getByRole('alert').count()).toBe(1)
      await expect.poll(() => page.getByLabel(label).first().isVisible()).toBe(true)
      expect(await violations(page), field).toEqual([])
    }
    engine.lab.refusals.clear()
    await button('Start').click()
    await page.getByRole('heading', { level: 1, name: /127\.0\.0\.1/ }).waitFor()
  })

  test('a number out of range stays as typed, and the limit is shown', async () => {
    await start('/new')
    const port = page.getByLabel('Port', { exact: true })
    const marked = page.locator('#content').locator('[aria-invalid="true"], [data-invalid]')
    await port.waitFor()
    await expect.poll(() => marked.count()).toBe(0)
    await port.fill('70000')
    await port.press('Tab')
    await expect.poll(() => port.inputValue()).toBe('70000')
    await button('Start').click()
    await page.getByRole('alert').getByText('Port: the maximum is 65535.').waitFor()
    await expect.poll(() => port.inputValue()).toBe('70000')
    await expect.poll(() => port.getAttribute('aria-invalid')).toBe('true')
    expect(engine.lab.asked).toEqual([])
    await port.fill('7000')
    await button('Start').click()
    await page.getByRole('heading', { level: 1, name: /127\.0\.0\.1/ }).waitFor()
  })

  test('an error of no single field replaces the sentence beside Start', async () => {
    const problem = { operation: 'it', cause: 'the lab program is not built', hint: 'Run npm run build:native.' }
    engine.lab.refusals.set('listen', { code: 'NOT_IMPLEMENTED', problem })
    await start('/new')
    await button('Start').click()
    await eventually(() => page.locator('.lab-form_start').innerText()).toContain(
      'The lab program is not built. Run npm run',
    )
  })

  test('one shared socket: its workers are listed, and the socket is stalled as a whole', async () => {
    const { request } = aLab()
    engine.lab.show({ labs: [aLab({ request: { ...request, acceptModel: 'shared', listeners: 4 } })] })
    await start('/00000001')
    await page.getByText('One tcp socket shared by 4 workers in 4 processes (epoll)').waitFor()
    await expect.poll(() => page.getByRole('rowheader').count()).toBe(4)
    await button('Stall member 1').click()
    await button('Resume member 1').waitFor()
    expect(engine.lab.asked.at(-1)?.input).toEqual({ id: '00000001', member: 0, action: 'stall' })
  })

  test('thousands of workers: only visible ones are rendered, and the chart is a band', async () => {
    const workers = Array.from({ length: 4096 }, (_, index) => aWorker(index, { received: 10 + (index % 7) }))
    const members = workers.map(({ index }) => aMember(index))
    const { request } = aLab()
    engine.lab.show({ labs: [aLab({ request: { ...request, listeners: 4096 }, members, workers })] })
    await start('/00000001')
    const table = page.getByRole('region', { name: 'Workers' })
    await table.waitFor()
    await expect.poll(() => table.getByRole('table').getAttribute('aria-rowcount')).toBe('4097')
    await expect.poll(() => table.getByRole('row').count()).toBeLessThan(80)
    await page.locator('.share-chart_area').waitFor({ state: 'attached' })
    await table.evaluate((box) => box.scrollTo(0, box.scrollHeight))
    await table.getByRole('rowheader', { name: '4,096' }).waitFor()
    await button('Close member 4096').waitFor()
  })

  test('a member whose process was killed says so, and so does killed traffic', async () => {
    const lab = aLab()
    const members = lab.members.map((member) => ({
      ...member,
      ...(member.index === 3 ? { state: 'failed' as const } : {}),
    }))
    const traffic = someTraffic({ endedAt: '2026-01-01T12:00:10.000Z', failed: true, sent: 12, refused: 5, resets: 7 })
    engine.lab.show({ labs: [{ ...lab, members, traffic }] })
    await start('/00000001')
    await page.getByRole('row').filter({ hasText: 'failed' }).waitFor()
    await expect.poll(() => button('Stall member 4').count()).toBe(0)
    await page.getByText('12 of 30,000 connections sent, 7 reset, 5 refused').waitFor()
    await page.getByText('Its process was killed').waitFor()
  })

  test('a rejected action is reported, and the rest continues', async () => {
    engine.lab.show({ labs: [aLab()] })
    const problem = { operation: 'close it', cause: 'the lab has ended', hint: 'Open it again.' }
    engine.lab.refusals.set('member', { code: 'UNPROCESSABLE_CONTENT', problem })
    await start('/00000001')
    await button('Close member 1').click()
    await eventually(() => page.getByRole('alert').innerText()).toBe('The lab has ended. Open it again.')
    const wrong = { operation: 'traffic', cause: 'the lab listens on TCP', hint: 'Take echo.', field: 'exchange' }
    engine.lab.refusals.set('traffic', { code: 'UNPROCESSABLE_CONTENT', problem: wrong })
    await button('Send').click()
    await page.getByText('The lab listens on TCP. Take echo.').waitFor()
  })
})

describe('states', () => {
  test('nothing open, an unknown id, and a closed lab', async () => {
    await start('/0badf00d')
    await page.getByRole('heading', { name: 'There are no such test listeners' }).waitFor()
    expect(await violations(page)).toEqual([])
    await go('#/lab')
    await page.getByText('No test listeners are open.').waitFor()
    await eventually(() => page.getByRole('link', { name: /^Lab/ }).first().innerText()).toMatch(/0/)
    engine.lab.show({ unresponsive: ['3fa9c1d2'] })
    await page.getByText('Lab 3fa9c1d2 is unresponsive').waitFor()
    expect(await violations(page)).toEqual([])
    engine.lab.show({ unresponsive: [], labs: [aLab()] })
    await go('#/lab/00000001')
    await button('Close all').click()
    await page.getByText('These test listeners are closed.').waitFor()
    await expect.poll(() => page.getByRole('button', { name: /Stall|Send/ }).count()).toBe(0)
    expect(await violations(page)).toEqual([])
  })

  test('an engine without a lab says why, and is retried', async () => {
    const problem = { operation: 'the lab', cause: 'the program is not there', hint: 'Build it.' }
    engine.lab.refusals.set('changes', { code: 'NOT_IMPLEMENTED', problem })
    await start()
    await page.getByRole('heading', { name: 'The lab is unavailable on this machine' }).waitFor()
    await expect.poll(() => page.locator('.pane_pane').innerText()).toMatch(/the program is not there[\s\S]*Build it/)
    expect(await violations(page)).toEqual([])
    engine.lab.refusals.clear()
    await pressUnlessGone(page, 'Try again')
    await side().waitFor()
    engine.lab.refusals.set('changes', { code: 'NOT_IMPLEMENTED', problem })
    engine.lab.show({ labs: [aLab()] })
    await page.getByText('The lab data is out of date:').waitFor()
  })

  test('when disconnected, it stays, grayed out and with disabled buttons', async () => {
    engine.lab.show({ labs: [aLab()], run: threeWays() })
    await start('/00000001')
    await button('Close all').waitFor()
    server.refuse()
    server.cut()
    await page.locator('[data-stale]').waitFor()
    await page.getByRole('alert').waitFor()
    for (const name of ['Close all', 'Send', 'Stall member 1'])
      await expect.poll(() => button(name).isDisabled()).toBe(true)
    expect(await violations(page)).toEqual([])
    server.allow()
    // It reconnects by itself.
    await eventually(() => button('Close all').isDisabled()).toBe(false)
  })
})

describe('everywhere', () => {
  const ours = groupRow({ port: 18_080, owners: [{ command: LAB_COMMAND, processes: 4, service: null }] })
  const mixed = groupRow({
    port: 18_081,
    owners: [
      { command: LAB_COMMAND, processes: 1, service: null },
      { command: 'nginx', processes: 1, service: null },
    ],
  })

  test('lab groups are tagged, others are not', async () => {
    await start()
    engine.put(ours, mixed)
    engine.find(aFinding({}, ours), aFinding({ code: 'group-shadowed' }, mixed))
    await go('#/groups')
    const row = (port: number) => page.getByRole('row').filter({ hasText: `:${port}` })
    await row(18_080).getByTitle('Lab test listeners').waitFor()
    await expect.poll(() => row(18_081).getByTitle('Lab test listeners').count()).toBe(0)
    await go('#/findings')
    const finding = (port: number): Locator => page.getByRole('option').filter({ hasText: String(port) })
    await finding(18_080).getByTitle('Lab test listeners').waitFor()
    await expect.poll(() => finding(18_081).getByTitle('Lab test listeners').count()).toBe(0)
    await finding(18_080).click()
    await page.getByRole('article').getByTitle('Lab test listeners').waitFor()
    expect(await violations(page)).toEqual([])
  })

  test('by keyboard alone: the palette runs, shows and closes', async () => {
    engine.lab.show({ labs: [aLab({ traffic: someTraffic() })] })
    await start()
    await side().waitFor()
    const command = async (words: string) => {
      await typeCommand(page, words)
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
    }
    await command('run steer')
    await eventually(() => engine.lab.asked.at(-1)).toEqual({
      procedure: 'run',
      input: { recipe: 'steering', size: 'full' },
    })
    await command('stop the recipe')
    await page.getByText('Nothing is left of it.').waitFor()
    await command('stop the traffic')
    await eventually(() => engine.lab.asked.at(-1)?.procedure).toBe('stopTraffic')
    await command('show the test listeners')
    await page.getByRole('heading', { level: 1, name: /127\.0\.0\.1:18080/ }).waitFor()
    await button('Stall member 1').focus()
    await page.keyboard.press('Enter')
    await button('Resume member 1').waitFor()
    await button('Close member 8').focus()
    await page.keyboard.press('Enter')
    const table = page.getByRole('region', { name: 'Workers' })
    await eventually(() => table.evaluate((one) => one === document.activeElement)).toBe(true)
    await command('close the test')
    await page.getByText('These test listeners are closed.').waitFor()
    await command('new test')
    await page.getByLabel('Address').focus()
    await page.keyboard.press('Enter')
    await eventually(() => engine.lab.asked.at(-1)?.procedure).toBe('listen')
  })

  /** Each with its heading, and buttons at its edges. */
  const pages = [
    ['', 'Three ways to share a port', ['Stop', 'Start']],
    ['/00000001', /127\.0\.0\.1:18080/, ['Close all', 'Close member 8', 'Stop']],
    ['/new', 'New test listeners', ['Start']],
  ] as const
  const moving = () => {
    const lab = aLab()
    const workers = lab.workers.map((worker) => ({ ...worker, received: 1500 + worker.index }))
    const latency = { samples: 12_028, p50: 210, p90: 640, p99: 1620, p999: 4100, max: 12_400 }
    const traffic = someTraffic({ sent: 12_028, done: 12_028, perSecond: 1980, latency })
    return { labs: [{ ...lab, workers, traffic }], run: threeWays() }
  }

  test.each([
    ['1024 by 640', { width: 1024, height: 640 }],
    ['1280 by 800 at 200 %', { width: 640, height: 400 }],
  ])('%s: nothing is lost', async (_, box) => {
    engine.lab.show(moving())
    await start('', box)
    for (const [at, heading, shown] of pages) {
      await go(`#/lab${at}`)
      await page.getByRole('heading', { level: 1, name: heading }).waitFor()
      for (const label of shown) {
        const control = button(label).first()
        await control.scrollIntoViewIfNeeded()
        const place = await control.boundingBox()
        expect(place !== null && place.x >= 0 && place.x + place.width <= box.width, `${heading}: ${label}`).toBe(true)
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth), String(heading)).toBeLessThanOrEqual(
        box.width,
      )
      expect(await violations(page), String(heading)).toEqual([])
    }
  })
})
