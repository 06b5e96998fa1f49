/** The page in Chromium with hostile names everywhere: names that a browser could run. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Snapshot } from '../../electron/contract/model.ts'
import { difference } from '../../electron/engine/snapshots/recording.ts'
import { hostileFinding, hostileNames } from '../doubles/hostile-names.ts'
import { aGroup, aMember, aSnapshot } from '../doubles/snapshots.ts'
import { startServed } from '../integration/support/serve-client.ts'
import { startSocketMaker } from '../integration/support/socket-maker.ts'
import { launchChromium } from '../support/chromium.ts'
import { firstLine } from '../support/first-line.ts'
import { python } from '../support/python.ts'
import { CONDITION_MS } from '../support/timeouts.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
})

const MARKUP = '<img src=x onerror=window.ran=1>'
const named = (number: number) => hostileNames[number % hostileNames.length] ?? ''

/** Every text in it is a hostile name; ids and endpoints are used in pages and links. */
const hostile: Snapshot = aSnapshot({
  host: { hostname: MARKUP, kernelRelease: MARKUP, bootId: MARKUP, uid: 0, capabilities: [MARKUP] },
  sysctls: { [MARKUP]: MARKUP },
  namespaces: hostileNames.map((name, at) => ({ inode: 1000 + at, name, self: at === 0 })),
  groups: hostileNames.map((name, at) =>
    aGroup({
      id: at.toString(16).padStart(16, '0'),
      netns: 1000 + at,
      address: name,
      interface: name,
      user: name,
      members: [0, 1].map((member) =>
        aMember({
          cookie: String(2 * at + member),
          user: name,
          holders: [{ pid: 1 + at, fds: [3], command: named(at + member), startedAt: null }],
        }),
      ),
    }),
  ),
  findings: hostileNames.map((name, at) => hostileFinding(name, at.toString(16).padStart(16, '0'))),
})
const after: Snapshot = {
  ...hostile,
  takenAt: '2026-01-01T00:00:01.000Z',
  groups: hostile.groups.slice(1),
  findings: [],
}
const head = { schema: 'reuseport-inspector/recording/1', startedAt: hostile.takenAt, intervalMs: 1000 }
const recording = [head, hostile, difference(hostile, after)].map((line) => `${JSON.stringify(line)}\n`).join('')

/** Starts a process with these arguments and a listening socket; returns its port. */
async function startProgram(...names: string[]) {
  const program =
    'import socket, sys\ns = socket.socket()\ns.setsockopt(1, 15, 1)\ns.bind(("127.0.0.1", 0))\ns.listen()\n' +
    'print(s.getsockname()[1], flush=True)\nsys.stdin.read()'
  const child = spawn(python, ['-c', program, ...names], { stdio: ['pipe', 'pipe', 'inherit'] })
  const port = Number(await firstLine(child.stdout))
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      await once(child, 'close')
    },
  }
}

test('no part of a name runs or is fetched, on any screen', async () => {
  await using maker = await startSocketMaker({ command: '<svg onload=1>' })
  await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 2 })
  await using program = await startProgram(MARKUP, '</script><script>window.ran=1</script>')
  await using served = await startServed({
    [`${MARKUP}.json.gz`]: JSON.stringify(hostile),
    '"><script>window.ran=1<.ndjson.gz': recording,
    'javascript:window.ran=1.json.gz': '{"schema":"<img src=x onerror=window.ran=1>"}',
  })
  const page = await browser.newPage()
  page.setDefaultTimeout(CONDITION_MS)
  const wrong: string[] = []
  page.on('dialog', (dialog) => {
    wrong.push(`dialog ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('pageerror', (error) => wrong.push(String(error)))
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (origin !== served.url.origin && protocol !== 'ws:' && protocol !== 'blob:')
      wrong.push(`fetched ${request.url()}`)
  })
  // A policy violation means that everything before the policy failed.
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`policy: ${violatedDirective} ${blockedURI}`),
    )
  })
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(message.text())
  })
  await page.goto(served.url.href)
  const heading = async () => (await page.locator('h1').allTextContents()).join()
  /** Goes there, and waits for its heading: no text of the screen before counts. */
  const go = async (hash: string) => {
    const before = await heading()
    await page.evaluate((to) => location.assign(to), hash)
    await expect.poll(async () => ['', before].includes(await heading())).toBe(false)
  }
  const text = () => page.evaluate(() => document.body.innerText)
  const see = (words: string) => expect.poll(text, { message: words }).toContain(words)

  await see('<svg onload=1>')
  const { groups } = await served.client.snapshot({ selection: { port: program.port, all: true }, owners: true })
  await go(`#/group/${groups[0]?.id}`)
  await page.getByText('python3').first().click()
  await go('#/snapshots')
  await see(MARKUP)
  await page.getByRole('button', { name: `Compare from ${MARKUP}` }).click()
  await see('matched by endpoint')
  for (const [open, seen] of [
    [`Open ${MARKUP}`, 6],
    ['Play "><script>window.ran=1<', 2],
  ] as const) {
    await page.getByRole('button', { name: open }).click()
    await see('Not live')
    for (let at = 1; at <= seen; at++) {
      await go(`#/group/${at.toString(16).padStart(16, '0')}`)
      await page
        .getByText(/^Evidence$/)
        .first()
        .waitFor()
    }
    await go('#/findings')
    await see('<script>window.ran=1</script>')
    await go('#/snapshots')
  }
  for (const screen of ['groups', 'lab', 'permissions', 'settings']) await go(`#/${screen}`)
  // A copy: errors after the server is gone do not count.
  expect({ wrong: [...wrong], ran: await page.evaluate(() => 'ran' in window) }).toEqual({ wrong: [], ran: false })
  await page.close()
})
