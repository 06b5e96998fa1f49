/** `npm run dev` in a copy of the checkout: the page reloads its changes, and reconnects after the engine's. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { setUp } from '../../electron/launch/setup.mjs'
import { chromiumMissing, launchChromium } from '../support/chromium.ts'
import { firstLine } from '../support/first-line.ts'
import { CONDITION_MS, TEST_MS } from '../support/timeouts.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const COPIED = /^(assets|dist|electron|native|renderer|package\.json|package-lock\.json|tsconfig\.json|vite\..*\.ts)$/
const root = mkdtempSync(join(tmpdir(), 'dev-'))
let child: ChildProcess | undefined
let browser: Browser | undefined
let messages = ''

/** Replaces a text in a source of the copy. */
function edit(file: string, from: string, to: string): void {
  const path = join(root, file)
  const source = readFileSync(path, 'utf8')
  expect(source).toContain(from)
  writeFileSync(path, source.replace(from, to))
}

beforeAll(() => {
  setUp({ bundles: ['node', 'renderer'] })
  cpSync(ROOT, root, {
    recursive: true,
    preserveTimestamps: true,
    filter: (source) => source === ROOT || COPIED.test(source.slice(ROOT.length + 1).split('/')[0] ?? ''),
  })
  // A reference of the root's.
  cpSync(join(ROOT, 'test/tsconfig.json'), join(root, 'test/tsconfig.json'))
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  // Newer than the folders, which were made just now.
  for (const name of ['native', 'renderer']) writeFileSync(join(root, `dist/.${name}-built`), '')
})

afterAll(async () => {
  await browser?.close()
  if (child?.exitCode === null) {
    child.kill('SIGTERM')
    await once(child, 'close')
  }
  rmSync(root, { recursive: true })
})

test('a change of the page shows without a reload, and a change of the engine after a restart', {
  timeout: 4 * TEST_MS,
}, async (context) => {
  const missing = chromiumMissing()
  if (missing !== null) return context.skip(missing)
  const dev = spawn(process.execPath, ['electron/launch/dev.mjs'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HOME: root, XDG_CONFIG_HOME: root, XDG_STATE_HOME: root },
  })
  child = dev
  dev.stderr.setEncoding('utf8').on('data', (text: string) => {
    messages += text
  })
  const url = await firstLine(dev.stdout, /http:/).catch((error: unknown) => {
    throw new Error(messages, { cause: error })
  })

  browser = await launchChromium()
  const page = await browser.newPage()
  page.setDefaultTimeout(CONDITION_MS)
  await page.goto(url.trim())
  await page.getByTitle('Lab', { exact: true }).click()
  // From the engine.
  await page.getByText('Three accept models').first().waitFor()
  await page.evaluate(() => Object.assign(window, { notReloaded: true }))

  edit('renderer/app/frame/navigation.tsx', 'aria-label="Sections"', 'aria-label="Changed sections"')
  await page.getByRole('navigation', { name: 'Changed sections' }).waitFor()

  edit('electron/engine/lab/recipes/accept-models.ts', "title: 'Three accept models'", "title: 'Four accept models'")
  await page.getByText('Four accept models').first().waitFor()
  expect(messages).toContain('Restarting the engine: its sources changed.')
  expect(await page.evaluate(() => 'notReloaded' in window)).toBe(true)

  // Another page, without the token, reaches no engine.
  const opened = await page.evaluate(
    () =>
      new Promise((done) => {
        const socket = new WebSocket('/rpc', 'reuseport-inspector')
        socket.addEventListener('open', () => done(true))
        socket.addEventListener('close', () => done(false))
      }),
  )
  expect(opened).toBe(false)
})
