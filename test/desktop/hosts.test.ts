/** Another host on the page, over a real ssh: connecting and its questions, its groups live, and a link that is lost. */
import { execFileSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { needsRoot } from '../integration/support/conditions.ts'
import { needsProgram } from '../integration/support/program.ts'
import { type SocketMaker, type SocketSpec, startSocketMaker } from '../integration/support/socket-maker.ts'
import { PASSPHRASE, type SshHost, startSshHost } from '../integration/support/ssh-host.ts'
import { CHROMIUM_ARGUMENTS, chromiumMissing, chromiumPath } from '../support/chromium.ts'
import { CONDITION_MS } from '../support/timeouts.ts'
import { violations } from './support/browser.ts'

let host: SshHost
let maker: SocketMaker
let near: SocketMaker
let port: number
let nearPort: number
let server: ReturnType<SshHost['start']>
let browser: Browser
let page: Page
let complaints: string[] = []

beforeEach((context) => {
  needsRoot(context)
  needsProgram(context, 'sshd')
  context.skip(chromiumMissing() !== null, chromiumMissing() ?? '')
})

beforeAll(async () => {
  if (process.getuid?.() !== 0 || chromiumMissing() !== null) return
  host = await startSshHost()
  host.install()
  const open = async (netns: string, port: number) => {
    const made = await startSocketMaker({ netns, command: 'maker' })
    const listeners: SocketSpec = { protocol: 'tcp', address: '127.0.0.1', port, options: ['reuseport'], count: 3 }
    const [first] = await made.openTogether(listeners)
    return [made, first?.port ?? 0] as const
  }
  ;[near, nearPort] = await open(host.near.name, 0)
  // Not the same: rows are found by it.
  ;[maker, port] = await open(host.far.name, nearPort + 1)
  // The browser is where the server is.
  const start = join(host.folder, 'chromium')
  writeFileSync(start, `#!/bin/sh\nexec nsenter --net=${host.near.path} ${chromiumPath} "$@"\n`)
  chmodSync(start, 0o755)
  browser = await chromium.launch({ executablePath: start, args: CHROMIUM_ARGUMENTS })
})
afterAll(async () => {
  await browser?.close()
  await maker?.[Symbol.asyncDispose]()
  await near?.[Symbol.asyncDispose]()
  await host?.[Symbol.asyncDispose]()
})

beforeEach(async () => {
  complaints = []
  server = host.start('serve', '--hosts', '--json')
  const { url } = JSON.parse(await server.firstOutput) as { url: string }
  page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })
  page.setDefaultTimeout(CONDITION_MS)
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(url)
  await row(nearPort).waitFor()
})
afterEach(async () => {
  await page?.close()
  if (server !== undefined) process.kill(server.pid, 'SIGTERM')
  await server?.ended
  // Whatever was connected.
  await vi.waitFor(async () => expect(await host.engines()).toEqual([]), CONDITION_MS)
  expect(complaints).toEqual([])
})

const row = (port: number) => page.getByRole('row').filter({ hasText: `:${port}` })
const shot = async (name: string) => {
  const folder = process.env.SCREENSHOTS
  if (folder === undefined) return
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) })
  }
}

test('ssh asks on the page: the host key, then the passphrase; then the groups of the host are shown', async () => {
  await page.getByRole('button', { name: 'Machine' }).click()
  await shot('menu')
  await page.getByRole('menuitemradio', { name: 'Connect to a host' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('menuitem', { name: 'locked' }).waitFor()
  await shot('choose')
  await dialog.getByRole('menuitem', { name: 'locked' }).click()
  await dialog.getByText('Is this locked?').waitFor()
  await dialog.getByText('key fingerprint is').waitFor()
  await shot('trust')
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Trust and continue' }).click()
  await dialog.getByText('Enter passphrase for key').waitFor()
  await shot('passphrase')
  // The field gets the focus after it appears.
  await dialog.locator('input:focus').waitFor()
  await page.keyboard.type(PASSPHRASE)
  await page.keyboard.press('Enter')
  await dialog.getByText('locked is connected').waitFor()
  await shot('connected')
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Open', exact: true }).click()
  await row(port).waitFor()
  await row(nearPort).waitFor({ state: 'detached' })
  await shot('groups')
})

const connectTo = async (name: string) => {
  await page.keyboard.press('Control+K')
  await page.getByRole('dialog', { name: 'Commands' }).getByRole('searchbox').fill('connect to a host')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByRole('searchbox', { name: 'Host' }).fill(name)
  await page.getByRole('button', { name: 'Connect', exact: true }).click()
}

test('a host that cannot be reached: ssh says why, and what to do is below', async () => {
  await connectTo('root@10.99.7.1')
  const dialog = page.getByRole('dialog')
  await dialog.getByText('ssh: connect to host 10.99.7.1 port 22: Connection refused').waitFor()
  await dialog.getByText('Not tried again by itself').waitFor()
  await shot('failed')
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Another host…' }).click()
  await dialog.getByText('From your ssh configuration').waitFor()
  await page.keyboard.press('Escape')
})

/** Connects to the host that asks nothing, and shows its groups. */
async function openWeb7(): Promise<void> {
  await connectTo('web7')
  await page.getByText('web7 is connected').waitFor()
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  await row(port).waitFor()
}

test('a container of this machine is among the hosts to choose from', async () => {
  host.installDocker()
  await page.getByRole('button', { name: 'Machine' }).click()
  await page.getByRole('menuitemradio', { name: 'Connect to a host' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Containers on this machine').waitFor()
  await shot('containers')
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('menuitem', { name: 'docker:web' }).click()
  await dialog.getByText('docker:web is connected').waitFor()
  await dialog.getByRole('button', { name: 'Open', exact: true }).click()
  await row(port).waitFor()
})

const switchTo = async (name: string) => {
  await page.getByRole('button', { name: 'Machine' }).click()
  await page.getByRole('menuitemradio', { name }).click()
}

test('each host keeps its own screen, all of them are listed, and disconnecting leaves nothing there', async () => {
  await openWeb7()
  await row(port).getByRole('link').first().click()
  const group = page.getByRole('heading', { name: new RegExp(`:${port}`) })
  await group.waitFor()
  await switchTo('this machine')
  await row(nearPort).waitFor()
  await page.getByRole('button', { name: 'Machine' }).click()
  await shot('switch')
  await page.keyboard.press('Escape')
  await switchTo('web7')
  await group.waitFor()
  await page.getByRole('link', { name: 'All hosts' }).click()
  const web7 = page.getByRole('table', { name: 'Hosts, worst first' }).getByRole('row', { name: 'ssh web7' })
  await web7.getByText('No group is in trouble').waitFor()
  await shot('all-hosts')
  expect(await violations(page)).toEqual([])
  await web7.getByRole('button', { name: 'Disconnect web7' }).click()
  await web7.waitFor({ state: 'detached' })
  await vi.waitFor(async () => expect(await host.engines()).toEqual([]), CONDITION_MS)
  await page.getByRole('link', { name: 'Groups' }).click()
  await row(nearPort).waitFor()
})

test('when ssh is killed, the page says so, and is live again by itself', async () => {
  await openWeb7()
  await host.cut()
  try {
    execFileSync('pkill', ['-KILL', '-P', String(server.pid), '-f', ' web7 sh$'])
    await page.getByText('Connection to web7 lost at').waitFor()
    await shot('lost')
    expect(await violations(page)).toEqual([])
  } finally {
    await host.mend()
  }
  await page.getByText('Connection to web7 lost at').waitFor({ state: 'hidden' })
  await page.getByText('live, data is').waitFor()
})
