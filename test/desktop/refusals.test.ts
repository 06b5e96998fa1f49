/** Everything that the main process blocks, tested through the shell, which can act as any sender. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { ASK_PORT, NO_PORT, PORT } from '../../electron/contract/channels.ts'
import { needsRoot } from '../integration/support/conditions.ts'
import { CONDITION_MS } from '../support/timeouts.ts'
import { type ApplicationOptions, makeApplication } from './application.ts'
import { LISTEN, SPEAK } from './desktop.ts'
import { makeHome, ShellDesktop, type ShellOptions, shellMissing } from './shell-desktop.ts'

const missing = shellMissing()
const WAIT = { timeout: CONDITION_MS, interval: 50 }
const PAGE = 'app://reuseport-inspector/'

describe.skipIf(missing !== null)(`the main process${missing === null ? '' : ` (not run: ${missing})`}`, () => {
  const cleanups: (() => unknown)[] = []
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  })

  /** For tests that do not change it. */
  let shared: ShellDesktop
  const sharedCleanups: (() => unknown)[] = []
  beforeAll(async () => {
    const { home, remove } = makeHome()
    const application = makeApplication()
    sharedCleanups.push(remove, application.remove)
    shared = await ShellDesktop.start({ home, main: application.main })
    sharedCleanups.push(() => shared.end())
    await shared.evaluate(SPEAK)
  })
  afterAll(async () => {
    expect((await shared.state()).unknownCalls).toEqual([])
    for (const cleanup of sharedCleanups.reverse()) await cleanup()
  })

  async function open(options: ApplicationOptions & Partial<ShellOptions> = {}): Promise<ShellDesktop> {
    const { home, remove } = makeHome()
    cleanups.push(remove)
    const application = makeApplication(options)
    cleanups.push(application.remove)
    const desktop = await ShellDesktop.start({ home, main: application.main, ...options })
    cleanups.push(() => desktop.end())
    cleanups.push(async () => expect((await desktop.state()).unknownCalls).toEqual([]))
    return desktop
  }

  test('answers its own page and no other sender', async () => {
    const desktop = shared
    const forge = (
      ours: boolean,
      frame: { url: string; inFrame: boolean } | null,
      channel = ASK_PORT,
      peer: unknown = 'engine',
    ): Promise<boolean> => desktop.ask('forge', channel, { ours, frame }, peer)
    expect(await forge(true, { url: PAGE, inFrame: false })).toBe(true)
    expect(await forge(true, { url: `${PAGE}#/groups`, inFrame: false })).toBe(true)

    // Another window, a frame that is gone, a frame inside the page.
    expect(await forge(false, { url: PAGE, inFrame: false })).toBe(false)
    expect(await forge(true, null)).toBe(false)
    expect(await forge(true, { url: PAGE, inFrame: true })).toBe(false)
    // Our window, showing something else.
    for (const url of [
      'about:blank',
      'https://reuseport-inspector/',
      'app://reuseport-inspector.evil.example/',
      'app://evil/',
      'app://reuseport-inspector/assets/page.svg',
      'app://user@reuseport-inspector/',
      'app://reuseport-inspector:80/',
      'file:///etc/passwd',
      'data:text/html,x',
      'blob:app://reuseport-inspector/1234',
      '',
    ]) {
      expect(await forge(true, { url, inFrame: false }), url).toBe(false)
    }
    // What is not the name of a peer.
    for (const peer of [null, '', 'other', 'host/', `host/${'x'.repeat(300)}`, ['engine']])
      expect(await forge(true, { url: PAGE, inFrame: false }, ASK_PORT, peer)).toBe(false)
    // Another channel.
    expect(await forge(true, { url: PAGE, inFrame: false }, PORT)).toBe(false)
  })

  test('grants no permission except writing text to the clipboard and showing notifications', async () => {
    const desktop = shared
    const ask = (
      name: string,
      url = PAGE,
      main = true,
    ): Promise<{ request: boolean; check: boolean; device: boolean }> => desktop.ask('permission', name, url, main)
    for (const name of [
      'clipboard-read',
      'display-capture',
      'fileSystem',
      'fullscreen',
      'geolocation',
      'hid',
      'idle-detection',
      'media',
      'midi',
      'midiSysex',
      'openExternal',
      'pointerLock',
      'serial',
      'storage-access',
      'usb',
      'window-management',
      'of-tomorrow',
    ]) {
      expect(await ask(name), name).toEqual({ request: false, check: false, device: false })
    }
    for (const name of ['clipboard-sanitized-write', 'notifications']) {
      expect(await ask(name), name).toMatchObject({ request: true, check: true })
      expect(await ask(name, 'https://evil.example/'), name).toMatchObject({ request: false })
      expect(await ask(name, PAGE, false), name).toMatchObject({ request: false })
    }
  })

  test('serves the files of the page and nothing else', async () => {
    const desktop = shared
    type Loaded = { status: number; body: string; headers: Record<string, string> } | null
    const load = (url: string, method = 'GET'): Promise<Loaded> => desktop.ask('load', url, method)
    expect(await load(`${PAGE}own.js`)).toMatchObject({ status: 200, body: 'globalThis.ownScript = true' })
    const [first, second] = [await load(PAGE), await load(PAGE)]
    expect(first?.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self' 'nonce-[\w+/=]+'/)
    expect(first?.headers['content-security-policy']).not.toBe(second?.headers['content-security-policy'])
    for (const path of [
      '../main/main.cjs',
      '..%2fmain%2fmain.cjs',
      '%2e%2e/main/main.cjs',
      '..%5cmain%5cmain.cjs',
      '/etc/passwd',
      '%2fetc%2fpasswd',
      'own.js%00.html',
      'own.js/',
      'constructor',
    ]) {
      expect(await load(PAGE + path), path).toMatchObject({ status: 404 })
    }
    expect(await load(PAGE, 'POST')).toMatchObject({ status: 405 })
    // Other hosts and schemes are blocked before any handler sees them.
    for (const url of [
      'app://elsewhere/own.js',
      'https://example.com/',
      'http://127.0.0.1/',
      'file:///etc/passwd',
      'ws://127.0.0.1/',
      'ftp://x/',
    ]) {
      expect(await load(url), url).toBeNull()
    }
  })

  test('downloads only what the page made', async () => {
    const desktop = shared
    expect(await desktop.ask('download', 'blob:app://reuseport-inspector/0b5c')).toMatchObject({
      title: 'Save download.json',
      defaultPath: expect.stringMatching(/^\/.*\/Downloads\/download\.json$/),
    })
    for (const url of [
      'https://example.com/x',
      'app://reuseport-inspector/own.js',
      'data:text/html,x',
      'file:///etc/passwd',
      'blob:https://evil.example/1',
    ]) {
      expect(await desktop.ask('download', url), url).toBe(null)
    }
  })

  test('opens no window and no webview, and hands only https to the browser', async () => {
    const desktop = shared
    const before = await desktop.external()
    for (const url of [
      'https://example.com/a?b#c',
      'http://example.com/',
      'https://user:secret@example.com/',
      'javascript:alert(1)',
      'file:///etc/passwd',
      'smb://host/share',
      'data:text/html,x',
      PAGE,
      'about:blank',
      'https:',
      '',
    ]) {
      expect(await desktop.ask('openWindow', url), url).toEqual([])
    }
    expect(await desktop.external()).toEqual([...before, 'https://example.com/a?b#c'])
    expect(await desktop.ask('attachWebview')).toBe(false)
  })

  test('sets every security setting of the window, and sandboxes everything', async () => {
    const { window, seen } = await shared.state()
    expect(window?.options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      nodeIntegrationInWorker: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
    })
    expect(seen.sandboxed).toBe(true)
    expect(seen).toMatchObject({
      name: 'Reuseport Inspector',
      desktopName: 'reuseport-inspector.desktop',
      about: { applicationName: 'Reuseport Inspector', applicationVersion: expect.stringMatching(/^\d+\.\d+\.\d+$/) },
    })
    expect(
      readFileSync(seen.about.iconPath ?? '')
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG')
    expect(window?.options.icon).toBe(seen.about.iconPath)
    expect(seen.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    ])
  })

  test('is never run as root', async (context) => {
    needsRoot(context)
    const { home, remove } = makeHome()
    cleanups.push(remove)
    const application = makeApplication()
    cleanups.push(application.remove)
    const desktop = await ShellDesktop.start({ home, main: application.main, asIs: true })
    expect(await desktop.ended()).toBe(3)
    expect(desktop.stderr).toMatch(/does not open as root.*reuseport-inspector serve/s)
  })

  test('says what is missing if the page was not built', async () => {
    const { home, remove } = makeHome()
    cleanups.push(remove)
    const application = makeApplication({ page: 'none' })
    cleanups.push(application.remove)
    const desktop = await ShellDesktop.start({ home, main: application.main })
    expect(await desktop.ended()).toBe(3)
    expect(desktop.stderr).toMatch(/cannot start\n.*no index\.html.*npm run build/s)
  })

  test('says what is wrong if its folder cannot be created', async () => {
    const { home, remove } = makeHome()
    cleanups.push(remove)
    writeFileSync(join(home, '.config'), 'no folder')
    const application = makeApplication()
    cleanups.push(application.remove)
    const desktop = await ShellDesktop.start({ home, main: application.main })
    expect(await desktop.ended()).toBe(3)
    expect(desktop.stderr).toMatch(/cannot start\n.*ENOTDIR.*reuseport-inspector serve/s)
  })

  test('shows its window without waiting for its first paint', async () => {
    const { home, remove } = makeHome()
    cleanups.push(remove)
    const application = makeApplication()
    cleanups.push(application.remove)
    for (const maximized of [false, true]) {
      const folder = join(home, '.config/reuseport-inspector')
      mkdirSync(folder, { recursive: true })
      const state = { bounds: { x: 0, y: 0, width: 1300, height: 900 }, maximized }
      writeFileSync(join(folder, 'window.json'), JSON.stringify(state))
      execFileSync('chmod', ['-R', 'a+rwX', home])
      const desktop = await ShellDesktop.start({ home, main: application.main })
      cleanups.push(() => desktop.end())
      await desktop.evaluate(SPEAK)
      expect((await desktop.state()).window).toMatchObject({ visible: true, maximized, options: { width: 1300 } })
      await desktop.close()
    }
  })

  test('tells the page why there is no engine, and stops retrying', async () => {
    const desktop = await open({ addon: false })
    await desktop.evaluate(SPEAK)
    await desktop.evaluate(`{
      globalThis.problems = []
      addEventListener('message', ({ data }) => { if (data.type === '${NO_PORT}') problems.push(data.problem) })
      undefined
    }`)
    for (let tries = 1; tries <= 6; tries++) {
      await desktop.evaluate(`{ postMessage({ type: '${ASK_PORT}', peer: 'engine' }, origin) }`)
      await vi.waitFor(async () => expect(await desktop.evaluate('problems.length')).toBe(tries), WAIT)
    }
    const problem = await desktop.evaluate<{ hint: string; cause: string }>('problems.at(-1)')
    expect(problem).toMatchObject({ operation: 'start the engine', hint: expect.stringContaining('build:native') })
    expect(problem.cause).toContain('reuseport.node')
    expect(await desktop.engines()).toEqual([])
  })

  test('survives the exit of its engine while there is no page', async () => {
    const desktop = await open()
    await desktop.evaluate(SPEAK)
    await desktop.evaluate(`call('/machine/about')`)
    await desktop.ask('loseFrame')
    const [before] = await desktop.engines()
    if (before === undefined) throw new Error('no engine runs')
    process.kill(before, 'SIGKILL')
    await vi.waitFor(async () => expect(await desktop.engines()).toEqual([]), WAIT)
    await desktop.ask('reload')
    await desktop.evaluate(SPEAK)
    expect(await desktop.evaluate(`call('/machine/about')`)).toMatchObject({ status: 200 })
  })

  test('survives a V8 fatal error of the engine', async () => {
    const desktop = await open()
    await desktop.evaluate(SPEAK)
    await desktop.evaluate(`call('/machine/about')`)
    await desktop.evaluate(LISTEN)
    const [before] = await desktop.engines()
    if (before === undefined) throw new Error('no engine runs')
    await desktop.ask('fatalError')
    process.kill(before, 'SIGABRT')
    expect(await desktop.evaluate('told')).toMatchObject({ cause: expect.stringContaining('v8::internal::Heap') })
    expect(await desktop.evaluate(`call('/machine/about')`)).toMatchObject({ status: 200 })
  })

  test('asks the user when the page keeps crashing', async () => {
    const desktop = await open()
    await desktop.ask('answerDialogs', 0)
    await desktop.ask('stopTime')
    for (let crashes = 1; crashes <= 4; crashes++) {
      await desktop.evaluate('{ globalThis.before = true }')
      await desktop.crash()
      await vi.waitFor(async () => expect(await desktop.evaluate('globalThis.before')).toBeFalsy(), WAIT)
    }
    expect((await desktop.state()).seen.dialogs).toEqual([
      { message: 'The page crashed again', detail: expect.stringContaining('Your settings are safe') },
    ])
  })

  test('is a single instance: a second start brings the window forward', async () => {
    const desktop = shared
    await desktop.ask('secondInstance')
    expect((await desktop.state()).window?.calls.slice(-2)).toEqual(['show', 'focus'])
  })

  test('opens in the stored theme', async () => {
    const { home, remove } = makeHome()
    cleanups.push(remove)
    const folder = join(home, '.config/reuseport-inspector')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'settings.json'), '{ "theme": "dark" }')
    execFileSync('chmod', ['-R', 'a+rwX', home])
    const application = makeApplication()
    cleanups.push(application.remove)
    const desktop = await ShellDesktop.start({ home, main: application.main })
    cleanups.push(() => desktop.end())
    const { window, theme } = await desktop.state()
    expect(theme).toBe('dark')
    expect(window?.options.backgroundColor).toBe('#0f1114')
  })

  test('follows theme changes', async () => {
    const desktop = shared
    await desktop.evaluate(`call('/settings/set', { theme: 'dark' })`)
    await vi.waitFor(async () => expect((await desktop.state()).theme).toBe('dark'), WAIT)
  })

  test('the menu opens the manual in the browser', async () => {
    const desktop = shared
    await desktop.ask('clickMenu', 'SO_REUSEPORT in socket(7)')
    expect(await desktop.external()).toContainEqual(expect.stringMatching(/^https:.*socket\.7/))
    const { menu } = (await desktop.state()).seen
    expect(menu.map(({ label }) => label)).toEqual(['&File', '&Edit', '&View', '&Help'])
  })

  test('opens no port to the network', async () => {
    const desktop = shared
    await desktop.evaluate(`call('/machine/about')`)
    const [engine] = await desktop.engines()
    const { body } = await desktop.evaluate<{
      body: { groups: { members: { holders: { pid: number }[] | null }[] }[] }
    }>(`call('/snapshot', { selection: { all: true } })`)
    // The program under test looks for its own sockets.
    const holders = body.groups.flatMap(({ members }) => members.flatMap((member) => member.holders ?? []))
    expect(holders.filter(({ pid }) => pid === engine)).toEqual([])
  })
})
