/** The shell itself: unknown calls fail, in the main process, in the preload, and in options. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { CONDITION_MS } from '../support/timeouts.ts'
import { makeHome, ShellDesktop, shellMissing } from './shell-desktop.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const missing = shellMissing()

describe.skipIf(missing !== null)(`the shell${missing === null ? '' : ` (not run: ${missing})`}`, () => {
  const cleanups: (() => unknown)[] = []
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  })

  async function run(main: string, preload = '', mayMiss = true): Promise<ShellDesktop> {
    const folder = mkdtempSync(join(tmpdir(), 'shell-test-'))
    chmodSync(folder, 0o755)
    mkdirSync(join(folder, 'app'))
    writeFileSync(join(folder, 'app/main.cjs'), `const electron = require('electron')\n${main}`)
    writeFileSync(join(folder, 'app/preload.cjs'), preload)
    const { home, remove } = makeHome()
    cleanups.push(remove, () => rmSync(folder, { recursive: true }))
    const desktop = await ShellDesktop.start({ home, main: join(folder, 'app/main.cjs'), mayMiss })
    if (mayMiss) cleanups.push(() => desktop.end())
    return desktop
  }

  test('an unknown call is an error in the main process', async () => {
    const calls: [code: string, call: string][] = [
      ['electron.globalShortcut.register()', 'electron.globalShortcut'],
      ['electron.app.setAsDefaultProtocolClient("x")', 'app.setAsDefaultProtocolClient'],
      ['electron.session.defaultSession', 'session.defaultSession'],
      ['electron.nativeTheme.inForcedColorsMode = 1', 'nativeTheme.inForcedColorsMode ='],
      ['electron.utilityProcess.fork("x", [], { env: {} })', 'utilityProcess.fork({ env })'],
      ['new electron.BrowserWindow({ kiosk: true })', 'BrowserWindow({ kiosk })'],
      [
        'new electron.BrowserWindow({ webPreferences: { offscreen: true } })',
        'BrowserWindow.webPreferences({ offscreen })',
      ],
    ]
    const attempts = calls.map(([code]) => `try { ${code} } catch {}`).join('\n')
    const desktop = await run(`electron.app.whenReady().then(() => { ${attempts}\nelectron.app.setName('done') })`)
    await vi.waitFor(async () => expect((await desktop.state()).seen.name).toBe('done'), { timeout: CONDITION_MS })
    expect((await desktop.state()).unknownCalls).toEqual(calls.map(([, call]) => call))
  })

  test('calls that Electron rejects before or after ready are rejected', async () => {
    const desktop = await run(`
      const tried = []
      const attempt = (name, action) => { try { action(); tried.push(name + ' passed') } catch (error) { tried.push(error.message) } }
      attempt('session', () => electron.session.fromPartition('x'))
      attempt('window', () => new electron.BrowserWindow({ webPreferences: {} }))
      attempt('screen', () => electron.screen.getAllDisplays())
      attempt('process', () => electron.utilityProcess.fork('x', [], {}))
      electron.app.whenReady().then(() => {
        attempt('sandbox', () => electron.app.enableSandbox())
        attempt('schemes', () => electron.protocol.registerSchemesAsPrivileged([]))
        attempt('desktop', () => electron.app.setDesktopName('x.desktop'))
        electron.app.setName(JSON.stringify(tried))
      })`)
    await vi.waitFor(async () => expect((await desktop.state()).seen.name).not.toBe(''), { timeout: CONDITION_MS })
    expect(JSON.parse((await desktop.state()).seen.name)).toEqual([
      'session cannot be used before app is ready',
      'BrowserWindow cannot be used before app is ready',
      'screen cannot be used before app is ready',
      'utilityProcess cannot be used before app is ready',
      'app.enableSandbox() must be called before app is ready',
      'protocol.registerSchemesAsPrivileged() must be called before app is ready',
      'app.setDesktopName() must be called before app is ready',
    ])
  })

  test('native addons get no external memory, and the exit status of a killed process is that of waitpid', async () => {
    const desktop = await run(`
      const { writeFileSync } = require('node:fs')
      const program = require('node:os').tmpdir() + '/process.cjs'
      writeFileSync(program, \`
        const { createRtNetlink } = require(${JSON.stringify(join(ROOT, 'node_modules/netlink'))})
        createRtNetlink().getLinks()\`)
      electron.app.whenReady().then(() => {
        const engine = electron.utilityProcess.fork(program, [], { stdio: 'inherit' })
        engine.on('exit', (code) => electron.app.setName(String(code)))
      })`)
    await vi.waitFor(async () => expect((await desktop.state()).seen.name).toBe('6'), { timeout: CONDITION_MS })
  })

  test('a test fails after an unknown call, even if the bundle ignores the error', async () => {
    const desktop = await run('try { electron.powerMonitor.isOnBatteryPower() } catch {}', '', false)
    await expect(desktop.end()).rejects.toThrow('electron.powerMonitor')
    const silent = await run('electron.app.quit', '', false)
    await silent.end()
  })

  test('an unknown call in a sandboxed preload is an error there, and does not leak to the page', async () => {
    const desktop = await run(
      `electron.app.whenReady().then(() => {
        const session = electron.session.fromPartition('x')
        session.protocol.handle('app', () => new Response('<title>page</title>', { headers: { 'content-type': 'text/html' } }))
        const preload = require('node:path').join(__dirname, 'preload.cjs')
        new electron.BrowserWindow({ webPreferences: { session, preload } }).loadURL('app://reuseport-inspector/')
      })`,
      `const electron = require('electron')
       globalThis.leak = electron
       try { require('node:fs') } catch { globalThis.noFs = true }
       try { electron.ipcRenderer.invoke('x') } catch {}
       try { electron.contextBridge.exposeInMainWorld('x', {}) } catch {}`,
    )
    await vi.waitFor(async () => expect((await desktop.state()).unknownCalls).toHaveLength(2), {
      timeout: CONDITION_MS,
    })
    expect((await desktop.state()).unknownCalls).toEqual(['ipcRenderer.invoke', 'electron (preload).contextBridge'])
    expect(
      await desktop.evaluate(
        '[typeof leak, typeof noFs, typeof electronShell, typeof electronShellPeer, document.title]',
      ),
    ).toEqual([...Array(4).fill('undefined'), 'page'])
  })
})
