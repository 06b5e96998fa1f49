/**
 * The screenshots of the README, from real sockets: `node test/desktop/screenshots.mjs`, as root, after `npm run
 * build`. Starts a few servers, fills some of their queues, and captures every screen in both themes at 1280 by 800; and
 * a film of a member that stalls, which needs img2webp (Debian package webp).
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import {
  type MadeSocket,
  type SocketMaker,
  type SocketSpec,
  startSocketMaker,
} from '../integration/support/socket-maker.ts'
import { launchChromium } from '../support/chromium.ts'
import { startServer } from './serve.ts'
import { typeCommand } from './support/browser.ts'

const FOLDER = resolve(import.meta.dirname, '../../assets/screenshots')
const THEMES = ['light', 'dark'] as const
const CONTAINER = 'cni-7c1e02b4'
/** How long the page collects history before the first screenshot. */
const HISTORY_MS = 65_000
/** Time between two frames of the film: the page itself refreshes once per second. */
const FRAME_MS = 500
/** Frames before the member stalls, and after the page has named it. */
const FRAMES = { before: 5, after: 18 } as const

/** `processes` inherit the sockets; each of `workers` opens its own. */
type ServerPlan = {
  command: string
  uid?: number
  netns?: string
  sockets: SocketSpec[]
  processes?: number
  workers?: number
}

const shared = (spec: SocketSpec): SocketSpec => ({ options: ['reuseport'], ...spec })

/** The servers in the screenshots. Their ports are unlikely to be used on a build machine. */
function plans(): ServerPlan[] {
  return [
    {
      command: 'nginx',
      uid: 33,
      sockets: [
        shared({ protocol: 'tcp', address: '127.0.0.1', port: 8443, backlog: 511, count: 16 }),
        shared({ protocol: 'tcp', family: 6, address: '::1', port: 8443, backlog: 511, count: 16 }),
        shared({ protocol: 'udp', address: '127.0.0.1', port: 8443, count: 16 }),
      ],
    },
    {
      command: 'haproxy',
      sockets: [shared({ protocol: 'tcp', address: '127.0.0.1', port: 9443, backlog: 63, count: 8 })],
    },
    {
      command: 'gunicorn',
      uid: 33,
      processes: 8,
      sockets: [{ protocol: 'tcp', address: '127.0.0.1', port: 8000, backlog: 2048 }],
    },
    {
      command: 'unbound',
      uid: 65_534,
      sockets: [shared({ protocol: 'udp', address: '127.0.0.1', port: 5300, count: 4, rcvbuf: 106_496 })],
    },
    {
      command: 'avahi-daemon',
      sockets: [{ protocol: 'udp', address: '127.0.0.1', port: 5353, options: ['reuseaddr'], count: 2 }],
    },
    {
      command: 'quic-server',
      uid: 1600,
      workers: 16,
      sockets: [shared({ protocol: 'udp', address: '127.0.0.1', port: 4433, count: 128 })],
    },
    {
      command: 'envoy',
      uid: 1500,
      sockets: [shared({ protocol: 'tcp', address: '127.0.0.1', port: 10_000, backlog: 4096, count: 8 })],
    },
    {
      command: 'coredns',
      netns: CONTAINER,
      uid: 65_532,
      sockets: [
        shared({ protocol: 'udp', address: '127.0.0.1', port: 1053, count: 4 }),
        shared({ protocol: 'tcp', address: '127.0.0.1', port: 1053, backlog: 128, count: 4 }),
      ],
    },
  ]
}

type Running = { maker: SocketMaker; made: MadeSocket[] }

async function startPlan({ workers = 1, ...plan }: ServerPlan): Promise<Running[]> {
  const running: Running[] = []
  for (let worker = 0; worker < workers; worker++) running.push(await startWorker(plan))
  return running
}

async function startWorker({ command, uid, netns, sockets, processes }: ServerPlan): Promise<Running> {
  const maker = await startSocketMaker({
    command,
    ...(uid === undefined ? {} : { uid }),
    ...(netns === undefined ? {} : { netns }),
  })
  const made: MadeSocket[] = []
  for (const spec of sockets) made.push(...(await maker.openTogether(spec)))
  await maker.epoll(...made)
  if (processes !== undefined) await maker.fork({ count: processes, command })
  return { maker, made }
}

/** Fills the queue of one member that never accepts, and leaves the others empty. */
async function fillOne({ maker, made }: Running, port: number): Promise<void> {
  const [slow, ...others] = made
  const room = (slow?.spec.backlog ?? 0) + 1
  await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: room * made.length + 100, stuck: 100 })
  // The hash does not fill them evenly: each has at least this many waiting.
  for (const other of others) await maker.accept(other, Math.floor(room * 0.6))
  await maker.drain()
}

/** Serves new clients until `end` is aborted, except those of the first member: it is full, and drops them. */
async function keepComing({ maker, made }: Running, port: number, end: AbortSignal): Promise<void> {
  const [, ...others] = made
  while (!end.aborted) {
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 32, stuck: 4, patience: 0.3 })
    for (const other of others) await maker.accept(other)
    await maker.drain()
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

/** Starts the servers, takes every screenshot, and cleans up. */
export async function takeScreenshots(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true })
  // Its name exists only in this script's own mount namespace (screenshots.mjs).
  execFileSync('ip', ['netns', 'add', CONTAINER])
  execFileSync('ip', ['-n', CONTAINER, 'link', 'set', 'lo', 'up'])
  const running = new Map<string, Running[]>()
  try {
    for (const plan of plans()) running.set(plan.command, await startPlan(plan))
    await using server = await startServer()
    const browser = await launchChromium()
    try {
      const pages = await Promise.all(
        THEMES.map(async (theme) => ({ theme, page: await openPage(browser, server.url, theme) })),
      )
      const [nginx, unbound, haproxy, quic] = ['nginx', 'unbound', 'haproxy', 'quic-server'].map(
        (command) => running.get(command)?.[0],
      )
      if (!nginx || !unbound || !haproxy || !quic) throw new Error('a server of the plan is missing')
      await nginx.maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: 8443, count: 40 })
      await unbound.maker.fill({ protocol: 'udp', address: '127.0.0.1', port: 5300, count: 90, bytes: 900 })
      await quic.maker.fill({
        protocol: 'udp',
        address: '127.0.0.1',
        port: 4433,
        count: 48_000,
        flows: 3000,
        bytes: 1200,
      })
      await new Promise((resolve) => setTimeout(resolve, HISTORY_MS))
      // A snapshot from before the trouble, for the comparison.
      const [one] = pages
      await one?.page.keyboard.press('Control+s')
      await one?.page.getByRole('button', { name: 'Compare with now' }).waitFor()
      const films = pages.map(({ page }) => new Film(page))
      for (const film of films) await film.grow(FRAMES.before)
      await fillOne(haproxy, 9443)
      const end = new AbortController()
      const coming = keepComing(haproxy, 9443, end.signal)
      try {
        for (const { page } of pages) await page.getByText(/9443 tcp: member \d of 8 is full, dropping/).waitFor()
        for (const film of films) await film.grow(FRAMES.after)
        for (const [index, { theme }] of pages.entries()) films[index]?.save(`stalled-member-${theme}`)
        for (const { page, theme } of pages) await photograph(page, theme)
      } finally {
        end.abort()
        await coming
      }
      await photographLab(pages)
    } finally {
      await browser.close()
    }
  } finally {
    for (const { maker } of [...running.values()].flat()) await maker.end()
  }
}

/** The frames of a page over time, and the animation made of them. */
class Film {
  readonly #page: Page
  readonly #folder = mkdtempSync(join(tmpdir(), 'film-'))
  readonly #frames: string[] = []

  constructor(page: Page) {
    this.#page = page
  }

  async grow(frames: number): Promise<void> {
    await this.#page.bringToFront()
    for (let more = frames; more > 0; more--) {
      const path = join(this.#folder, `${this.#frames.length}.png`)
      await Promise.all([this.#page.screenshot({ path }), new Promise((resolve) => setTimeout(resolve, FRAME_MS))])
      this.#frames.push(path)
    }
  }

  save(name: string): void {
    const encoding = ['-lossy', '-q', '80', '-d', String(FRAME_MS)]
    try {
      execFileSync('img2webp', ['-min_size', ...encoding, ...this.#frames, '-o', join(FOLDER, `${name}.webp`)], {
        stdio: ['ignore', 'ignore', 'pipe'],
      })
    } finally {
      rmSync(this.#folder, { recursive: true })
    }
  }
}

function goTo(page: Page, hash: string): Promise<void> {
  return page.evaluate((to) => {
    window.location.hash = to
  }, hash)
}

async function openPage(browser: Browser, url: string, colorScheme: (typeof THEMES)[number]): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme })
  await page.goto(url)
  await page.getByRole('grid', { name: 'Groups' }).waitFor()
  return page
}

type Photographed = { page: Page; theme: string }

const saveAs = (name: string) => (one: Photographed) =>
  one.page.screenshot({ path: join(FOLDER, `${name}-${one.theme}.png`) })

/** The lab comes last, so that its sockets are in no other screenshot. Both pages show what one of them starts. */
async function photographLab(pages: readonly Photographed[]): Promise<void> {
  const [first] = pages
  if (first === undefined) return
  const { page } = first
  const go = (to: string) => Promise.all(pages.map((one) => goTo(one.page, to)))
  const field = (name: string) => page.getByLabel(name, { exact: true })
  await go('#/lab/new')
  await field('Listeners').fill('8')
  await field('Processes').fill('4')
  await field('Processes').press('Enter')
  await page.getByRole('region', { name: 'Workers' }).waitFor()
  await go(new URL(page.url()).hash)
  await field('Rate per second').fill('2000')
  await field('Total').fill('100000')
  await field('Total').press('Enter')
  for (const one of pages) {
    // Wait until the shares have settled; much more remains to be sent, even if this machine is busy.
    await one.page.waitForFunction(() => Number(document.querySelector('.traffic-panel_bar')?.ariaValueNow) >= 12)
    await saveAs('lab-listeners')(one)
  }
  await page.getByRole('region', { name: 'Traffic' }).getByRole('button', { name: 'Stop' }).click()
  await go('#/lab/accept-models')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  for (const one of pages) {
    await one.page.getByRole('button', { name: 'Run again' }).waitFor({ timeout: 120_000 })
    await saveAs('lab')(one)
  }
}

async function photograph(page: Page, theme: string): Promise<void> {
  const save = (name: string) => saveAs(name)({ page, theme })
  const go = (hash: string) => goTo(page, hash)
  await page.bringToFront()
  await save('groups')
  await page.keyboard.press('/')
  await page.keyboard.type('proto:tcp u')
  await page.getByRole('listbox', { name: 'Completion' }).waitFor()
  await save('groups-filter')
  await page.getByRole('combobox', { name: 'Filter' }).press('Escape')
  await page.getByRole('combobox', { name: 'Filter' }).press('Escape')
  await page.getByRole('combobox', { name: 'Filter' }).press('Escape')
  // Open the group that drops by typing its port.
  await typeCommand(page, '9443')
  await page.getByRole('menuitem', { name: '127.0.0.1:9443' }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('region', { name: 'Spread' }).waitFor()
  await page.getByLabel(/^Hash space of port 9443/).waitFor()
  await save('group')
  await typeCommand(page, '4433')
  await page.getByRole('menuitem', { name: '127.0.0.1:4433' }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('region', { name: 'Members' }).getByRole('slider').waitFor()
  await save('grid')
  await go('#/snapshots')
  await page.getByRole('button', { name: /^Compare from \d/ }).click()
  await page.getByRole('table', { name: 'Changes' }).waitFor()
  await save('snapshots')
  await go('#/findings')
  await page.getByRole('article', { name: 'Selected finding' }).waitFor()
  await save('findings')
  await go('#/settings')
  await page.getByRole('heading', { name: 'Settings' }).waitFor()
  await save('settings')
  await go('#/permissions')
  await page.getByText('sock_diag').first().waitFor()
  await save('permissions')
  await go('#/groups')
}
