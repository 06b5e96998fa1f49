/** Another host on the page, over a real ssh: connecting and its questions, its groups live, and a link that is lost. */
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { needsRoot } from '../integration/support/conditions.ts'
import { needsProgram } from '../integration/support/program.ts'
import { type SocketMaker, startSocketMaker } from '../integration/support/socket-maker.ts'
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
const complaints: string[] = []

beforeEach((context) => {
  needsRoot(context)
  needsProgram(context, 'sshd')
  context.skip(chromiumMissing() !== null, chromiumMissing() ?? '')
})

beforeAll(async () => {
  if (process.getuid?.() !== 0 || chromiumMissing() !== null) return
  host = await startSshHost()
  host.install()
  const open = async (netns: string) => {
    const made = await startSocketMaker({ netns, command: 'maker' })
    const [first] = await made.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 3 })
    return [made, first?.port ?? 0] as const
  }
  ;[maker, port] = await open(host.far.name)
  ;[near, nearPort] = await open(host.near.name)
  server = host.start('serve', '--hosts', '--json')
  const { url } = JSON.parse(await server.firstOutput) as { url: string }
  // The browser is where the server is.
  const start = join(host.folder, 'chromium')
  writeFileSync(start, `#!/bin/sh\nexec nsenter --net=${host.near.path} ${chromiumPath} "$@"\n`)
  chmodSync(start, 0o755)
  browser = await chromium.launch({ executablePath: start, args: CHROMIUM_ARGUMENTS })
  page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })
  page.setDefaultTimeout(CONDITION_MS)
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(url)
})
afterAll(async () => {
  await browser?.close()
  if (server !== undefined) process.kill(server.pid, 'SIGTERM')
  await server?.ended
  await maker?.[Symbol.asyncDispose]()
  await near?.[Symbol.asyncDispose]()
  await host?.[Symbol.asyncDispose]()
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
  await row(nearPort).waitFor()
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
  await page.keyboard.type(PASSPHRASE)
  await page.keyboard.press('Enter')
  await dialog.getByText('locked is connected').waitFor()
  await shot('connected')
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Open', exact: true }).click()
  await row(port).waitFor()
  expect(await row(nearPort).count()).toBe(0)
  await shot('groups')
  expect(complaints).toEqual([])
})
