/** The group screen with the real engine and real sockets, compared with `ss`. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type PageServer, servePage } from '../doubles/page-server.ts'
import { startTestEngine, type TestEngine } from '../integration/support/engine.ts'
import { type MadeSocket, type SocketMaker, startSocketMaker } from '../integration/support/socket-maker.ts'
import { readSs } from '../integration/support/ss.ts'
import { CONDITION_MS } from '../support/timeouts.ts'
import { type OpenPage, openPage, type PageOptions, sharedBrowser, violations } from './support/browser.ts'
import { fillQueues } from './support/full-queues.ts'

const BACKLOG = 5

let browser: Browser
let engine: TestEngine
let server: PageServer
let maker: SocketMaker
let open: OpenPage | null = null
let page: Page
const clients: Socket[] = []

beforeAll(async () => {
  browser = await sharedBrowser()
})

beforeEach(async () => {
  maker = await startSocketMaker()
  engine = await startTestEngine({ intervalMs: 250 })
  server = await servePage(engine)
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await open?.close()
  const complaints = open?.complaints ?? []
  open = null
  server.close()
  await engine.close()
  await maker[Symbol.asyncDispose]()
  expect(complaints).toEqual([])
})

/** Listeners that share one port of the loopback. */
function listeners(count: number, backlog = BACKLOG): Promise<MadeSocket[]> {
  return maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], backlog, count })
}

async function groupOn(port: number, address = '127.0.0.1'): Promise<string> {
  const { groups } = await engine.client.snapshot({ selection: { port, all: true } })
  const group = groups.find((group) => group.address === address)
  if (!group) throw new Error(`no group on ${address}:${port}`)
  return group.id
}

async function show(id: string, options: PageOptions = {}): Promise<void> {
  open = await openPage(browser, server.url, options)
  page = open.page
  await page.locator('#content').waitFor()
  await page.evaluate((id) => {
    window.location.hash = `#/group/${id}`
  }, id)
}

const table = () => page.getByRole('table', { name: 'Members' })
const lanes = () => table().locator('tbody tr:not(.lanes_gone)')
const lane = (cookie: string) => table().locator(`tr[data-member="${cookie}"]:not(.lanes_gone)`)
const arcs = () => page.locator('.ring_arc:not(.ring_going)')
const eventually = <Value>(read: () => Value) => expect.poll(read)

/** Cookies and queue lengths on screen. */
async function shown(): Promise<Map<string, number>> {
  const read = await lanes().evaluateAll((rows) =>
    rows.map((row) => [row.getAttribute('data-member') ?? '', row.querySelector('.lanes_length')?.textContent ?? '']),
  )
  return new Map(read.map(([cookie = '', length]) => [cookie, Number(length)]))
}

/** The same by `ss`. */
async function truth(port: number): Promise<Map<string, number>> {
  const sockets = await readSs(null)
  return new Map(sockets.filter((one) => one.port === port).map((one) => [one.cookie, one.receiveQueue]))
}

/** The same, once `count` connections wait: a client is connected before its connection is in a queue. */
function truthOf(count: number, port: number): Promise<Map<string, number>> {
  return vi.waitFor(async () => {
    const lengths = await truth(port)
    expect([...lengths.values()].reduce((sum, length) => sum + length, 0)).toBe(count)
    return lengths
  }, CONDITION_MS)
}

const sorted = (map: Map<string, number>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))

describe('members', () => {
  test('each has a lane and an arc; one that joins gets the next number, one that leaves disappears', async () => {
    const made = await listeners(4)
    const port = made[0]?.port ?? 0
    await show(await groupOn(port))
    await eventually(async () => [...(await shown()).keys()].sort()).toEqual(made.map(({ cookie }) => cookie).sort())
    await eventually(() => arcs().count()).toBe(4)
    await expect.poll(() => page.getByRole('heading', { level: 1 }).innerText()).toBe(`127.0.0.1:${port}`)

    const [joined] = await maker.open({
      protocol: 'tcp',
      address: '127.0.0.1',
      port,
      options: ['reuseport'],
      backlog: BACKLOG,
    })
    await eventually(() => lane(joined?.cookie ?? '').count()).toBe(1)
    await eventually(() =>
      lane(joined?.cookie ?? '')
        .getByRole('button')
        .innerText(),
    ).toBe('5')
    await eventually(() => arcs().count()).toBe(5)
    await eventually(() => page.getByRole('figure').innerText()).toContain(
      '4 → 5 members: by hash, 50 % of new connections now go to a different member',
    )

    const left = made[1]
    if (left) await maker.close(left)
    await eventually(() => page.locator(`[data-member="${left?.cookie}"]`).count()).toBe(0)
    await eventually(() => arcs().count()).toBe(4)
    await eventually(async () => [...(await shown()).keys()].sort()).toEqual(
      [...made.filter((one) => one !== left), ...(joined ? [joined] : [])].map(({ cookie }) => cookie).sort(),
    )
    await eventually(() => page.locator('.history-chart_mark').count()).toBe(2)
  })

  test('queues fill, overflow and drop as ss says', async () => {
    const made = await listeners(3)
    const port = made[0]?.port ?? 0
    await show(await groupOn(port))
    await eventually(() => lanes().count()).toBe(3)
    await eventually(() => page.locator('.group-head_verdict').innerText()).toContain('Nothing is wrong here.')

    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 6, patience: CONDITION_MS / 1000 })
    const waiting = await truthOf(6, port)
    await eventually(async () => sorted(await shown())).toEqual(sorted(waiting))

    // Those that wait are named.
    await page.getByRole('button', { name: /^6, the oldest/ }).click()
    await eventually(() => page.getByRole('dialog').getByRole('row').count()).toBe(7)
    await page.keyboard.press('Escape')

    // Far more than fit: every queue holds its backlog plus one, the rest is dropped and retried by the clients.
    await fillQueues(maker, port, BACKLOG)
    await eventually(async () => sorted(await shown())).toEqual(
      made.map(({ cookie }) => [cookie, BACKLOG + 1] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
    )
    await eventually(() => page.locator('.lanes_full').count()).toBe(3)
    await eventually(() => page.locator('.group-head_verdict').innerText()).toContain('All 3 members are full.')
    await eventually(() => page.locator('.ring_full').count()).toBe(3)

    await lanes().getByRole('button').first().focus()
    await page.keyboard.press('ArrowDown')
    const second = made.map(({ cookie }) => cookie).sort((a, b) => Number(a) - Number(b))[1] ?? ''
    await eventually(async () => {
      const drops = (await readSs(null)).find(({ cookie }) => cookie === second)?.drops
      return (await page.locator('.member-card_card').innerText()).includes(`${drops?.toLocaleString('en')} total`)
    }).toBe(true)
    await expect.poll(() => page.locator('.member-card_card').innerText()).toContain(second)

    await maker.drain()
    for (const one of made) await maker.accept(one, BACKLOG + 1)
    await eventually(async () => [...(await shown()).values()]).toEqual([0, 0, 0])
    await eventually(() => page.locator('.group-head_verdict').innerText()).toContain('Nothing is wrong here.')
  })

  test('a receive queue that accepts nothing more is full', async () => {
    const made = await maker.openTogether({
      protocol: 'udp',
      address: '127.0.0.1',
      options: ['reuseport'],
      rcvbuf: 4096,
      count: 2,
    })
    const port = made[0]?.port ?? 0
    await show(await groupOn(port))
    await eventually(() => lanes().count()).toBe(2)
    // Drops are a rate: check while they are happening.
    await eventually(async () => {
      await maker.fill({ protocol: 'udp', address: '127.0.0.1', port, count: 50 })
      return page.evaluate(() => ({
        lane: document.querySelector('.lanes_full') !== null,
        sign: document.querySelector('.group-head_verdict .sign_critical') !== null,
        words: /full/.test(document.querySelector('.group-head_verdict')?.textContent ?? ''),
      }))
    }).toEqual({ lane: true, sign: true, words: true })
    const dropped = (await readSs(null)).filter((one) => one.port === port && one.drops > 0)
    expect(dropped.length).toBeGreaterThan(0)
  })

  test('beyond a few dozen they are cells, and every one can be reached by keyboard', async () => {
    const made = await listeners(120)
    const port = made[0]?.port ?? 0
    await show(await groupOn(port))
    const grid = page.getByRole('slider', { name: /^Heat grid of 120 members/ })
    await grid.focus()
    await page.keyboard.press('Home')
    await eventually(() => grid.getAttribute('aria-valuetext')).toMatch(
      /^Member 1, socket-maker \d+: 0 of 5 connections$/,
    )
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowDown')
    await eventually(async () => {
      const cookie = /Cookie\s+(\d+)/.exec(await page.locator('.member-card_card').innerText())?.[1]
      return made.some((one) => one.cookie === cookie)
    }).toBe(true)
    await page.keyboard.press('End')
    await eventually(() => grid.getAttribute('aria-valuenow')).toBe('120')

    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 800, stuck: 800 })
    // Handshakes that the machine finishes later fill more of them.
    await eventually(async () => {
      const full = [...(await truth(port)).values()].filter((length) => length > BACKLOG).length
      return full > 0 && (await page.locator('.grid-legend_bad').innerText()) === String(full)
    }).toBe(true)
    await page.keyboard.press('f')
    await eventually(() => grid.getAttribute('aria-valuetext')).toMatch(/: 6 of 5 connections, full/)
  })
})

describe('around the members', () => {
  test('neighbors, including unshared sockets, and which shadow which', async () => {
    const [wide] = await maker.openTogether({ protocol: 'tcp', address: '0.0.0.0', options: ['reuseport'], count: 2 })
    const port = wide?.port ?? 0
    await maker.open({ protocol: 'tcp', address: '127.0.0.7', port, options: ['reuseport'] })
    await maker.open({ protocol: 'tcp', family: 6, address: '::', port, v6only: true, options: ['reuseport'] })
    await maker.open({ protocol: 'udp', address: '127.0.0.1', port })
    await show(await groupOn(port, '0.0.0.0'))
    const list = page.getByRole('region', { name: 'Neighbors' })
    await eventually(() => list.getByRole('listitem').count()).toBe(3)
    const words = () => list.innerText()
    await eventually(words).toMatch(/127\.0\.0\.7:\d+[\s\S]*Shadows this group for 127\.0\.0\.7/)
    await eventually(words).toMatch(/\[::\]:\d+[\s\S]*IPv6 only: no overlap/)
    await eventually(words).toMatch(/udp: different protocol/)
  })

  test('a group that ends keeps its last state and says so', async () => {
    const made = await listeners(2)
    await show(await groupOn(made[0]?.port ?? 0))
    await eventually(() => lanes().count()).toBe(2)
    await maker.close(...made)
    await eventually(() => page.getByText('This group has ended.').count()).toBe(1)
    await expect.poll(() => table().locator('tbody tr').count()).toBe(2)
    await page.getByRole('link', { name: 'Show all groups' }).click()
    await eventually(() => page.url()).toContain('#/groups')
  })

  test('an unknown id is reported as such', async () => {
    await show('0123456789abcdef')
    await eventually(() => page.getByRole('heading', { name: 'There is no such group' }).count()).toBe(1)
  })

  test('the evidence is shown, with what would increase confidence', async () => {
    const made = await listeners(2)
    await show(await groupOn(made[0]?.port ?? 0))
    await eventually(() => lanes().count()).toBe(2)
    await page.getByRole('button', { name: /co-listening|socket option/ }).press('Enter')
    await eventually(() => page.getByRole('dialog', { name: 'Evidence' }).innerText()).toMatch(/SO_REUSEPORT/)
    await page.keyboard.press('Escape')
    await eventually(() => page.getByRole('dialog').count()).toBe(0)
  })
})

describe('who gets this client', () => {
  const answer = () => page.locator('.ask-panel_answer')
  const type = async (client: string, server: string) => {
    await page.getByRole('textbox', { name: 'Client: address and port' }).fill(client)
    await page.getByRole('textbox', { name: 'Server: address and port' }).fill(server)
  }

  test('the highlighted member is the one that a real client reaches', async () => {
    const made = await listeners(6, 64)
    const port = made[0]?.port ?? 0
    await show(await groupOn(port))
    await eventually(() => lanes().count()).toBe(6)
    const reached = new Map<string, number>()
    for (let client = 1; client <= 12; client++) {
      const socket = connect({ host: '127.0.0.1', port, localAddress: `127.0.3.${client}` })
      await once(socket, 'connect')
      clients.push(socket)
      const after = await truthOf(client, port)
      const receiver = made.find(({ cookie }) => after.get(cookie) !== (reached.get(cookie) ?? 0))
      if (receiver) reached.set(receiver.cookie, after.get(receiver.cookie) ?? 0)

      // An established connection answers in the listener's place while it exists.
      const from = `127.0.3.${client}:${socket.localPort}`
      await type(from, `127.0.0.1:${port}`)
      await eventually(() => page.getByRole('region', { name: 'Who gets this client?' }).innerText()).toMatch(
        /connection/i,
      )
      await eventually(() => page.locator('.lanes_picked').count()).toBe(0)
      expect(receiver).toBeDefined()
    }
    expect([...reached.values()].reduce((sum, count) => sum + count, 0)).toBe(12)
    for (const [cookie, count] of reached) await eventually(async () => (await shown()).get(cookie)).toBe(count)
  })

  test('a lookup before the connect is correct', async () => {
    const made = await listeners(6, 64)
    const port = made[0]?.port ?? 0
    await show(await groupOn(port))
    await eventually(() => lanes().count()).toBe(6)
    for (let client = 1; client <= 10; client++) {
      const localPort = 20_000 + Math.floor(Math.random() * 10_000)
      const localAddress = `127.0.4.${client}`
      await type(`${localAddress}:${localPort}`, `127.0.0.1:${port}`)
      await eventually(() => page.getByRole('list', { name: 'Packet path' }).innerText()).toContain(`${localAddress}`)
      await eventually(() => page.locator('.lanes_picked').count()).toBe(1)
      const picked = await page.locator('.lanes_picked').getAttribute('data-member')
      const before = await truth(port)
      const socket = connect({ host: '127.0.0.1', port, localAddress, localPort })
      await once(socket, 'connect')
      clients.push(socket)
      const after = await truthOf(client, port)
      const receiver = made.find(({ cookie }) => after.get(cookie) !== before.get(cookie))
      expect(picked).toBe(receiver?.cookie)
    }
  })

  test('the path is drawn to the lane and given as text, and shadowed groups name the group that gets the packet', async () => {
    const [wide] = await maker.openTogether({ protocol: 'tcp', address: '0.0.0.0', options: ['reuseport'], count: 4 })
    const port = wide?.port ?? 0
    await maker.open({ protocol: 'tcp', address: '127.0.0.7', port, options: ['reuseport'] })
    await show(await groupOn(port, '0.0.0.0'))
    await eventually(() => page.locator('.path-overlay_way').count()).toBe(1)
    await eventually(() => answer().innerText()).toMatch(/^Member [1-4]$/)
    await expect
      .poll(() => page.locator('.ask-panel_won').innerText())
      .toMatch(new RegExp(`0\\.0\\.0\\.0:${port}[\\s\\S]*4 members[\\s\\S]*wins`))
    await type('127.0.0.1:4000', `127.0.0.7:${port}`)
    await eventually(() => answer().innerText()).toBe('Not this group')
    await expect.poll(() => page.locator('.ask-panel_won').innerText()).toContain('127.0.0.7')
    await expect.poll(() => page.locator('.path-overlay_overlay').count()).toBe(0)
  })

  test('shows the ingress interface, and where no packet arrives', async () => {
    const [wide] = await maker.openTogether({ protocol: 'tcp', address: '0.0.0.0', options: ['reuseport'], count: 2 })
    const port = wide?.port ?? 0
    await show(await groupOn(port, '0.0.0.0'))
    await type('127.0.0.1:4000', `127.0.0.1:${port}`)
    await eventually(() => page.locator('.ask-panel_arrival').allInnerTexts()).toEqual([
      '127.0.0.1 is an address of this namespace: its packets arrive on lo.',
    ])
    await eventually(() => page.locator('.path-overlay_way').count()).toBe(1)
    await type('127.0.0.1:4000', `192.0.2.1:${port}`)
    await eventually(() => answer().innerText()).toBe('No packet arrives')
    await expect.poll(() => page.locator('.ask-panel_arrival').count()).toBe(0)
    await expect
      .poll(() => page.locator('.ask-panel_reason').innerText())
      .toContain('No interface of this network namespace has 192.0.2.1')
    await expect
      .poll(() => page.locator('.ask-panel_candidates li:not(.ask-panel_title) .ask-panel_why').allInnerTexts())
      .toEqual(['not reached'])
    // Nothing is drawn, and no step is numbered.
    await expect.poll(() => page.locator('.path-overlay_overlay, .ask-panel_step').count()).toBe(0)
    expect(await violations(page, '.ask-panel_ask')).toEqual([])
  })

  test('a socket with the same endpoint outside the group is a separate candidate, and is reported to get nothing', async () => {
    const udp = (options: ('reuseaddr' | 'reuseport')[]) =>
      ({ protocol: 'udp', address: '127.0.0.1', options }) as const
    const [first] = await maker.openTogether(udp(['reuseaddr', 'reuseport']))
    const port = first?.port ?? 0
    await maker.open({ ...udp(['reuseaddr']), port })
    const [second] = await maker.open({ ...udp(['reuseaddr', 'reuseport']), port })
    const { groups } = await engine.client.snapshot({ selection: { port, all: true } })
    const group = groups.find(({ members }) => members.some(({ cookie }) => cookie === second?.cookie))
    await show(group?.id ?? '')
    await type('127.0.0.1:4000', `127.0.0.1:${port}`)
    await eventually(() => answer().innerText()).toMatch(/^Member [12]$/)
    await expect
      .poll(() => page.locator('.ask-panel_reason').innerText())
      .toContain('One more socket has this endpoint')
    await eventually(async () => {
      const candidates = await page.locator('.ask-panel_candidates li:not(.ask-panel_title)').allInnerTexts()
      return candidates.map((text) => text.match(/one socket|2 members/)?.[0])
    }).toEqual(['one socket', '2 members'])
  })

  test('invalid input is reported beside the field, and what was typed is kept', async () => {
    const made = await listeners(2)
    await show(await groupOn(made[0]?.port ?? 0))
    await eventually(() => answer().innerText()).toMatch(/^Member/)
    await type('127.0.0.1', `127.0.0.1:${made[0]?.port}`)
    await eventually(() => page.locator('.ask-panel_reason').innerText()).toContain('Type ADDRESS:PORT')
    await type('2001:db8::1', `127.0.0.1:${made[0]?.port}`)
    await eventually(() => page.locator('.ask-panel_reason').count()).toBe(1)
    await type('[2001:db8::1]:4000', `127.0.0.1:${made[0]?.port}`)
    await eventually(() => page.locator('.ask-panel_reason').innerText()).toMatch(/IPv6|family/i)
    await expect
      .poll(() => page.getByRole('textbox', { name: 'Client: address and port' }).inputValue())
      .toBe('[2001:db8::1]:4000')
  })

  test('shares of sampled clients are shown in the lanes, with the statistics as text', async () => {
    const made = await listeners(5)
    await show(await groupOn(made[0]?.port ?? 0))
    await eventually(() => page.locator('td.lanes_share i').count()).toBe(5)
    const shares = await page.locator('td.lanes_percent').allInnerTexts()
    expect(shares.reduce((sum, text) => sum + Number.parseFloat(text), 0)).toBeCloseTo(100, 0)
    await eventually(() => page.getByRole('region', { name: 'Spread' }).innerText()).toMatch(
      /20,000[\s\S]*χ², 4 d\.f\./,
    )
  })
})

describe('window sizes', () => {
  test('at 1024 × 640 and at 200 % nothing is cut off horizontally', async () => {
    const made = await listeners(20)
    const id = await groupOn(made[0]?.port ?? 0)
    await show(id, { width: 1024, height: 640 })
    await eventually(() => lanes().count()).toBe(20)
    for (const width of [1024, 640, 512]) {
      await page.setViewportSize({ width, height: 400 })
      const over = () =>
        page.evaluate(() => {
          const screen = document.querySelector('[data-screen]')
          return screen ? screen.scrollWidth - screen.clientWidth : -1
        })
      await eventually(over).toBe(0)
    }
  })
})
