/** Tests of the built application that run on the shell and on real Electron. */
import { chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { CONDITION_MS } from '../support/timeouts.ts'
import { makeApplication } from './application.ts'
import { type Desktop, LISTEN, SPEAK } from './desktop.ts'
import { ElectronDesktop, electronMissing } from './electron-desktop.ts'
import { makeHome, ShellDesktop, shellMissing } from './shell-desktop.ts'

const hosts = [
  { name: 'the shell on Chromium', missing: shellMissing(), start: ShellDesktop.start, workMs: 0 },
  { name: 'Electron', missing: electronMissing(), start: ElectronDesktop.start, workMs: 10_000 },
]

const WAIT = { timeout: CONDITION_MS, interval: 50 }

describe.each(hosts)('the window on $name', ({ missing, start, workMs }) => {
  if (missing !== null) {
    test('can be tested', ({ skip }) => skip(missing))
    return
  }
  const cleanups: (() => unknown)[] = []
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  })

  async function open(home = newHome()): Promise<Desktop & { home: string }> {
    const application = makeApplication()
    cleanups.push(application.remove)
    const desktop = await start({ home, main: application.main })
    cleanups.push(() => desktop.end())
    await desktop.evaluate(SPEAK)
    return Object.assign(desktop, { home })
  }

  function newHome(): string {
    const { home, remove } = makeHome()
    cleanups.push(remove)
    return home
  }

  test('shows the page, without Node, under its policy', async () => {
    const desktop = await open()
    const page = await desktop.evaluate<Record<string, unknown>>(`({
      host: document.querySelector('meta[name=reuseport-host]').content,
      node: [typeof require, typeof process, typeof module, typeof Buffer, typeof ipcRenderer, typeof electronShell],
      inlineScript: globalThis.inlineScript === true,
      inlineScriptWithNonce: globalThis.inlineScriptWithNonce === true,
      ownScript: globalThis.ownScript === true,
      outline: getComputedStyle(document.body).outlineStyle,
      margin: getComputedStyle(document.body).marginTop,
    })`)
    expect(page).toEqual({
      host: 'electron',
      node: Array(6).fill('undefined'),
      inlineScript: false,
      inlineScriptWithNonce: true,
      ownScript: true,
      outline: 'none',
      margin: '7px',
    })
    expect(
      await desktop.evaluate(`Promise.all([
        fetch('https://example.com/').then(() => 'loaded', () => 'refused'),
        new Promise((resolve) => {
          const image = new Image()
          image.onload = () => resolve('loaded')
          image.onerror = () => resolve('refused')
          image.src = 'https://example.com/a.png'
        }),
        new Promise((resolve) => {
          const script = document.createElement('script')
          script.onload = () => resolve('loaded')
          script.onerror = () => resolve('refused')
          script.src = 'https://example.com/a.js'
          document.head.append(script)
        }),
        new Promise((resolve) => {
          document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => resolve(violatedDirective), { once: true })
          const frame = document.createElement('iframe')
          frame.src = 'https://example.com/'
          document.body.append(frame)
        }),
      ])`),
    ).toEqual(['refused', 'refused', 'refused', expect.stringMatching(/^(frame|img|script|connect)-src/)])
  })

  test('gives the page a port on which the engine answers', async () => {
    const desktop = await open()
    expect(await desktop.evaluate(`call('/machine/about')`)).toMatchObject({
      status: 200,
      body: { engine: expect.stringContaining('reuseport-inspector'), host: { uid: expect.any(Number) } },
    })
    expect(await desktop.evaluate(`call('/settings/set', { intervalMs: 1 })`)).toMatchObject({ status: 400 })
    expect(await desktop.evaluate(`call('/no/such/procedure')`)).toMatchObject({ status: 404 })
  })

  test('the engine reads interface names, runs a lab and draws an image, and survives', async () => {
    const desktop = await open()
    const lab = await desktop.evaluate<{ status: number; body: { id: string; port: number } }>(
      `call('/lab/listen', { protocol: 'tcp', address: '127.0.0.1', interface: 'lo', listeners: 3, processes: 2 })`,
    )
    expect(lab).toMatchObject({ status: 200, body: { members: Array(3).fill(expect.anything()) } })
    const engines = await desktop.engines()
    expect(engines).toHaveLength(1)
    const groups = `call('/snapshot', { selection: { all: true } })
      .then(({ body }) => body.groups.filter(({ port }) => port === ${lab.body.port}))`
    expect(await desktop.evaluate(groups)).toMatchObject([
      { interface: 'lo', members: Array(3).fill(expect.anything()) },
    ])

    const png = await desktop.evaluate<string>(`takePort().then(async (port) => {
      const { body } = await callOn(port, '/snapshots/download', { of: 'now', format: 'png' })
      const chunks = []
      for (;;) {
        const { body: { bytes } } = await callOn(port, '/snapshots/chunk', { download: body.download })
        if (bytes === null) return chunks.map(atob).join('').slice(0, 8)
        chunks.push(bytes)
      }
    })`)
    expect(png).toBe('\x89PNG\r\n\x1a\n')
    expect(await desktop.evaluate(`call('/lab/stop', { id: '${lab.body.id}' })`)).toMatchObject({ status: 200 })

    // Electron may kill a process some time after a rejected allocation.
    for (const end = performance.now() + workMs; performance.now() < end; ) await desktop.evaluate(groups)
    expect(await desktop.engines()).toEqual(engines)
  })

  test('a message that is not a request, or too long, is dropped without effect', async () => {
    const desktop = await open()
    const answer = await desktop.evaluate(`takePort().then((port) => {
      const frames = ['not json', { an: 'object' }, null, new Uint8Array(9), '{"i":"1","p":{"u":"http://elsewhere/"}}']
      for (const frame of frames) port.postMessage(frame)
      port.postMessage(JSON.stringify({ i: 'long', p: { u: '/machine/about', b: 'x'.repeat(2 ** 20) } }))
      const others = []
      port.addEventListener('message', ({ data }) => { if (JSON.parse(data).i === 'long') others.push(data) })
      return callOn(port, '/machine/about').then(({ status }) => ({ status, others }))
    })`)
    expect(answer).toEqual({ status: 200, others: [] })
    expect(await desktop.engines()).toHaveLength(1)
  })

  test('stays on its page: navigation is blocked, https links open in the browser', async () => {
    const desktop = await open()
    await desktop.evaluate(`{ location.href = 'https://example.com/'; undefined }`)
    await vi.waitFor(async () => expect(await desktop.refusedNavigations()).toContain('https://example.com/'), WAIT)
    expect(await desktop.evaluate('document.title')).toBe('plain')

    await desktop.evaluate(`{ window.open('https://example.com/page'); undefined }`)
    await vi.waitFor(async () => expect(await desktop.external()).toEqual(['https://example.com/page']), WAIT)
    await desktop.evaluate(`{ window.open('http://example.com/'); undefined }`)
    await desktop.evaluate(`{ window.open('https://example.com/last'); undefined }`)
    await vi.waitFor(async () => expect(await desktop.external()).toContain('https://example.com/last'), WAIT)
    expect(await desktop.external()).not.toContain('http://example.com/')
    expect(await desktop.windows()).toBe(1)
  })

  test('a reloaded page gets a new port', async () => {
    const desktop = await open()
    await desktop.evaluate(`call('/settings/set', { filter: 'port:443' })`)
    await desktop.evaluate('{ globalThis.before = true; location.reload() }')
    await vi.waitFor(async () => expect(await desktop.evaluate('globalThis.before')).toBeFalsy(), WAIT)
    await desktop.evaluate(SPEAK)
    expect(await desktop.evaluate(`call('/settings/get')`)).toMatchObject({ body: { filter: 'port:443' } })
  })

  test('a crashed page comes back with its settings and the same engine', async () => {
    const desktop = await open()
    await desktop.evaluate(`call('/settings/set', { filter: 'user:www-data' })`)
    const engines = await desktop.engines()
    await desktop.evaluate('{ globalThis.before = true }')
    await desktop.crash()
    await vi.waitFor(async () => expect(await desktop.evaluate('globalThis.before')).toBeFalsy(), WAIT)
    await desktop.evaluate(SPEAK)
    expect(await desktop.evaluate(`call('/settings/get')`)).toMatchObject({ body: { filter: 'user:www-data' } })
    expect(await desktop.engines()).toEqual(engines)
  })

  test('a killed engine is reported to the page, and restarted on request', async () => {
    const desktop = await open()
    await desktop.evaluate(`call('/settings/set', { filter: 'kept' })`)
    await desktop.evaluate(LISTEN)
    const [before] = await desktop.engines()
    if (before === undefined) throw new Error('no engine runs')
    process.kill(before, 'SIGKILL')
    expect(await desktop.evaluate('told')).toMatchObject({
      operation: 'keep the engine running',
      cause: 'it stopped (killed by SIGKILL)',
    })
    expect(await desktop.evaluate(`call('/settings/get')`)).toMatchObject({ body: { filter: 'kept' } })
    const [after] = await desktop.engines()
    expect(after).not.toBe(before)
  })

  test('Ctrl+C in the terminal, which reaches every process, is handled by the main process', async () => {
    const desktop = await open()
    await desktop.evaluate(`call('/machine/about')`)
    const engines = await desktop.engines()
    for (const engine of engines) process.kill(engine, 'SIGINT')
    expect(await desktop.evaluate(`call('/machine/about')`)).toMatchObject({ status: 200 })
    expect(await desktop.engines()).toEqual(engines)
  })

  test('a damaged settings file is kept aside', async () => {
    const home = newHome()
    const folder = join(home, '.config/reuseport-inspector')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'settings.json'), '{"filter": ')
    for (const path of [join(home, '.config'), folder, join(folder, 'settings.json')]) giveAway(path, home)
    const desktop = await open(home)
    expect(await desktop.evaluate(`call('/settings/get')`)).toMatchObject({ body: { filter: '' } })
    const aside = readdirSync(folder).find((name) => name.startsWith('settings.damaged-'))
    expect(readFileSync(join(folder, aside ?? ''), 'utf8')).toBe('{"filter": ')
  })

  test('closing it ends the application and its engine, and stores its bounds', async () => {
    const desktop = await open()
    await desktop.evaluate(`call('/machine/about')`)
    const [engine] = await desktop.engines()
    expect(await desktop.close()).toBe(0)
    await vi.waitFor(() => expect(isAlive(engine)).toBe(false), WAIT)
    const state: unknown = JSON.parse(
      readFileSync(join(desktop.home, '.config/reuseport-inspector/window.json'), 'utf8'),
    )
    expect(state).toMatchObject({ bounds: { width: expect.any(Number) }, maximized: false })
  })
})

/** Gives a file to the owner of `home`. */
function giveAway(path: string, home: string): void {
  const { uid, gid } = statSync(home)
  chownSync(path, uid, gid)
}

function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0)
  } catch {
    return false
  }
}
