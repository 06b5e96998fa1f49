/** The product's own page in the window, with real sockets: end to end from the kernel to the screen. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { firstLine } from '../support/first-line.ts'
import { python } from '../support/python.ts'
import { CONDITION_MS } from '../support/timeouts.ts'
import { makeApplication } from './application.ts'
import { makeHome, ShellDesktop, shellMissing } from './shell-desktop.ts'

const built = existsSync(join(resolve(import.meta.dirname, '../..'), 'dist/renderer/index.html'))
const missing = shellMissing() ?? (built ? null : 'dist/renderer is not built')
const WAIT = { timeout: CONDITION_MS, interval: 100 }

describe.skipIf(missing !== null)(`the product${missing === null ? '' : ` (not run: ${missing})`}`, () => {
  const cleanups: (() => unknown)[] = []
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  })

  /**
   * Shows only groups on `port`: this machine may have more groups than fit the window. The host "nearby" is a shell on
   * this machine, which finds what was built as the installed program.
   */
  async function open(port: number): Promise<ShellDesktop> {
    const { home, remove } = makeHome()
    cleanups.push(remove)
    const folder = join(home, '.config/reuseport-inspector')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'settings.json'), JSON.stringify({ filter: `port:${port}` }))
    const program = join(home, 'reuseport-inspector')
    const cli = resolve(import.meta.dirname, '../../dist/node/cli.cjs')
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`, { mode: 0o755 })
    const nearby = { name: 'nearby', via: `PATH='${home}':$PATH sh`, added: true }
    writeFileSync(join(folder, 'hosts.json'), JSON.stringify({ hosts: [nearby] }))
    // The application runs as the owner of its home.
    const { uid, gid } = statSync(home)
    for (const path of ['.config', folder, join(folder, 'settings.json'), join(folder, 'hosts.json'), program])
      chownSync(resolve(home, path), uid, gid)
    const application = makeApplication({ page: 'product' })
    cleanups.push(application.remove)
    const desktop = await ShellDesktop.start({ home, main: application.main })
    cleanups.push(() => desktop.end())
    return desktop
  }

  /** A process with `members` listeners in one group, on `port` or any free one; resolves to the port. */
  async function group(members: number, port = 0): Promise<number> {
    const child = spawn(python, ['-c', LISTENERS, String(members), String(port)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    cleanups.push(async () => {
      child.stdin.end()
      await once(child, 'close')
    })
    return Number(await firstLine(child.stdout))
  }

  const text = (desktop: ShellDesktop): Promise<string> => desktop.evaluate('document.body.innerText')

  const row = (desktop: ShellDesktop, port: number): Promise<string | null> =>
    desktop.evaluate(
      `[...document.querySelectorAll('[role=row]')].find((row) => row.textContent.replace(/\\s/g, '').includes(':${port}'))?.innerText ?? null`,
    )

  test('shows a real group, and a member that joins it', async () => {
    const port = await group(3)
    const desktop = await open(port)
    await vi.waitFor(async () => expect(await row(desktop, port)).toMatch(/^3$/m), WAIT)
    await group(2, port)
    await vi.waitFor(async () => expect(await row(desktop, port)).toMatch(/^5$/m), WAIT)
    expect((await desktop.state()).unknownCalls).toEqual([])
  })

  test('shows another host over a port of its own', async () => {
    const port = await group(3)
    const desktop = await open(port)
    await vi.waitFor(async () => expect(await row(desktop, port)).toMatch(/^3$/m), WAIT)
    const press = (selector: string, words: string) =>
      vi.waitFor(
        async () =>
          expect(
            await desktop.evaluate(
              `(() => {
                const found = [...document.querySelectorAll('${selector}')].find((one) => (one.ariaLabel ?? one.textContent).includes('${words}'))
                found?.click()
                return found !== undefined
              })()`,
            ),
          ).toBe(true),
        WAIT,
      )
    await press('header button', 'Machine:')
    await press('[role=menuitemradio]', 'Connect to a host')
    await press('[role=dialog] [role=menuitem]', 'nearby')
    await vi.waitFor(async () => expect(await text(desktop)).toContain('nearby is connected'), WAIT)
    await press('[role=dialog] button', 'Open')
    await vi.waitFor(async () => {
      expect(await desktop.evaluate(`document.querySelector('header button').textContent`)).toContain('nearby')
      expect(await row(desktop, port)).toMatch(/^3$/m)
    }, WAIT)
    await press('nav a', 'All hosts')
    await press('button', 'Disconnect nearby')
    await vi.waitFor(async () => expect(await text(desktop)).not.toContain('nearby'), WAIT)
    expect((await desktop.state()).unknownCalls).toEqual([])
  })

  test('reports that its engine stopped, and continues with the next', async () => {
    const port = await group(2)
    const desktop = await open(port)
    await vi.waitFor(async () => expect(await row(desktop, port)).toMatch(/^2$/m), WAIT)
    const [engine] = await desktop.engines()
    if (engine === undefined) throw new Error('no engine runs')
    await desktop.evaluate(WATCH_FOR_STOPPED)
    process.kill(engine, 'SIGKILL')
    await vi.waitFor(async () => expect(await desktop.evaluate('saidStopped')).toBe(true), WAIT)
    await group(1, port)
    await vi.waitFor(async () => expect(await row(desktop, port)).toMatch(/^3$/m), WAIT)
    await vi.waitFor(async () => expect(await text(desktop)).not.toMatch(STOPPED), WAIT)
    expect(await desktop.engines()).not.toContain(engine)
  })
})

/** Why it stopped reaches the page with the end of its port, or too late for the message on a busy machine. */
const STOPPED = /it stopped|the engine exited/i

/** The message is shown only until the next engine runs, too briefly to be sure to see it by polling. */
const WATCH_FOR_STOPPED = `
  globalThis.saidStopped = false
  new MutationObserver(() => { saidStopped ||= ${STOPPED}.test(document.body.innerText) })
    .observe(document.body, { subtree: true, childList: true, characterData: true })
`

const LISTENERS = `
import socket, sys
members, port, held = int(sys.argv[1]), int(sys.argv[2]), []
for _ in range(members):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(('127.0.0.1', port))
    listener.listen(16)
    port = listener.getsockname()[1]
    held.append(listener)
print(port, flush=True)
sys.stdin.read()
`
