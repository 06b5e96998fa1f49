/** Hostile process names in a real browser: the reports are opened, and scripts are counted. */

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Snapshot } from '../../electron/contract/model.ts'
import { SINGLE_FRAME } from '../../electron/engine/collect/frame-request.ts'
import { exported } from '../../electron/engine/snapshots/exports/formats.ts'
import { writeWhole } from '../../electron/engine/snapshots/file.ts'
import { collectParts, partsOf } from '../../electron/engine/snapshots/parts.ts'
import { hostileFinding, hostileNames } from '../doubles/hostile-names.ts'
import { aGroup, aMember, aSnapshot } from '../doubles/snapshots.ts'
import { launchChromium } from '../support/chromium.ts'
import { startTestEngine } from './support/engine.ts'
import { startSocketMaker } from './support/socket-maker.ts'

const folder = mkdtempSync(join(tmpdir(), 'rpi-hostile-'))
let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(async () => {
  await browser.close()
  rmSync(folder, { recursive: true })
})

/** Opens the export in a browser; returns the scripts that ran and the requests made. */
async function opened(snapshot: Snapshot, format: 'html' | 'svg') {
  const path = join(folder, `${Math.random()}.${format}`)
  await writeWhole(path, exported(partsOf(snapshot), format))
  const page = await browser.newPage({ colorScheme: 'dark' })
  const fetched: string[] = []
  const scripts: string[] = []
  page.on('request', (request) => fetched.push(request.url()))
  page.on('dialog', (dialog) => {
    scripts.push(dialog.message())
    void dialog.dismiss()
  })
  const debug = await page.context().newCDPSession(page)
  debug.on('Debugger.scriptParsed', ({ url, embedderName }) => {
    if (embedderName?.startsWith('file:') || url.startsWith('file:')) scripts.push(url)
  })
  await debug.send('Debugger.enable')
  await page.goto(`file://${path}`)
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true
  })
  const text = await page.evaluate(() => document.documentElement.textContent)
  const ran = await page.evaluate(() => 'ran' in window)
  return { page, text: text ?? '', ran, scripts, fetched: fetched.filter((url) => url !== `file://${path}`) }
}

const hostile = aSnapshot({
  groups: hostileNames.map((name, at) =>
    aGroup({
      id: at.toString(16).padStart(16, '0'),
      user: name,
      interface: name,
      address: name,
      members: [aMember({ user: name, holders: [{ pid: 1, fds: [3], command: name, startedAt: null }] })],
    }),
  ),
  findings: hostileNames.map((name, at) => hostileFinding(name, at.toString(16).padStart(16, '0'))),
})

test.each(['html', 'svg'] as const)(
  '%s: nothing runs, nothing is fetched, and the names are readable',
  async (format) => {
    const { page, text, ran, scripts, fetched } = await opened(hostile, format)
    expect({ ran, scripts, fetched }).toEqual({ ran: false, scripts: [], fetched: [] })
    expect(text).toContain('<script>window.ran=1')
    expect(text).toContain('\\u202e')
    await page.close()
  },
)

test('png: no name loads anything, and a browser can show it', async () => {
  const asked: string[] = []
  const listener = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end()
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const names = [
    `"/><image href="http://127.0.0.1:${port}/a.png" width="9" height="9"/>`,
    `</text><style>@import url(http://127.0.0.1:${port}/b.css)</style>`,
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>&e;',
  ]
  const groups = names.map((name, at) => aGroup({ id: at.toString(16).padStart(16, '0'), address: name, user: name }))
  const path = join(folder, 'hostile.png')
  await writeWhole(path, exported(partsOf(aSnapshot({ groups })), 'png'))
  const page = await browser.newPage()
  await page.goto(`file://${path}`)
  const width = await page.evaluate(() => document.querySelector('img')?.naturalWidth)
  expect({ width, asked }).toEqual({ width: 1920, asked: [] })
  await page.close()
  listener.close()
})

test('a real process with markup as its name, end to end', async () => {
  const command = '<svg onload=1>'
  await using engine = await startTestEngine()
  await using maker = await startSocketMaker({ command })
  await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 2 })
  const snapshot = await collectParts(engine.parts({ selection: { all: false }, frame: SINGLE_FRAME }))
  const { page, text, ran, scripts } = await opened(snapshot, 'html')
  expect(text).toContain(command)
  expect({ ran, scripts }).toEqual({ ran: false, scripts: [] })
  await page.close()
})

test.each([
  ['a wide screen', 'screen', 1280],
  ['a telephone', 'screen', 390],
  ['paper', 'print', 718],
] as const)('nothing of a report is cut off on %s', async (_, media, width) => {
  const long = 'abcdefghijklmno'
  const holders = [1, 2].map((pid) => ({ pid: 4_000_000 + pid, fds: [1000, 1001], command: long, startedAt: null }))
  const members = [1, 2].map((cookie) =>
    aMember({ cookie: `1844674407370955161${cookie}`, drops: 4_294_967_295, holders }),
  )
  const group = aGroup({
    address: '2001:db8:1234:5678:9abc:def0:1234:5678',
    family: 'ipv6',
    drops: 8_589_934_590,
    members,
  })
  const { page } = await opened(aSnapshot({ groups: [group] }), 'html')
  await page.emulateMedia({ media })
  await page.setViewportSize({ width, height: 900 })
  // A group clips overflow (content-visibility), and paper does not scroll.
  const outside = await page.evaluate(() => {
    const group = document.querySelector('.group')?.getBoundingClientRect()
    const most = Math.min(group?.right ?? 0, document.documentElement.clientWidth)
    return [...document.querySelectorAll('.group :is(td, th, span, p)')].flatMap((element) => {
      const { left, right, width } = element.getBoundingClientRect()
      return width > 0 && left >= 0 && right <= most + 0.5
        ? []
        : [`${element.textContent}: ${left} to ${right} of ${most}`]
    })
  })
  expect(outside).toEqual([])
  await page.close()
})

test('a report of 1,000 groups is complete, and fits the page in either theme', async () => {
  const groups = Array.from({ length: 1000 }, (_, at) =>
    aGroup({
      id: at.toString(16).padStart(16, '0'),
      port: 1000 + at,
      members: Array.from({ length: 16 }, (_, cookie) => aMember({ cookie: String(at * 16 + cookie) })),
    }),
  )
  const { page } = await opened(aSnapshot({ groups }), 'html')
  expect(await page.locator('.group').count()).toBe(1000)
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const dark = await paper()
  await page.emulateMedia({ colorScheme: 'light' })
  expect(await paper()).not.toBe(dark)
  await page.close()
})
