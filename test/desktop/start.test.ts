/** `npm start` in all its cases, in a checkout whose Electron is a test script. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { setUp } from '../../electron/launch/setup.mjs'
import { isRoot, needsRoot } from '../integration/support/conditions.ts'
import { CONDITION_MS } from '../support/timeouts.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const NOBODY = 65534
const WAIT = { timeout: CONDITION_MS, interval: 50 }

// Building is not part of these tests, and their user may not write here.
beforeAll(() => setUp({ bundles: ['node', 'main', 'preload', 'renderer'] }))

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

type Started = { child: ChildProcess; out: () => string; err: () => string; home: string; ended: Promise<unknown[]> }
type StartOptions = {
  args?: string[]
  display?: boolean
  asRoot?: boolean
  /** Electron's binary, a shell script; null if not fetched yet. */
  electron?: string | null
  /** Electron's installer, as JavaScript. */
  installer?: string
  /** The program of electron/launch to start; by default `npm start`. */
  program?: string
  /** The Node version in package.json; by default the real one. */
  engine?: string
  /** The page is not built yet. */
  withoutPage?: boolean
  environment?: Record<string, string>
}

/** A checkout like this one, except for Electron. */
function checkout({ electron = null, installer = '', engine, withoutPage }: StartOptions): string {
  const root = mkdtempSync(join(tmpdir(), 'start-'))
  cleanups.push(() => rmSync(root, { recursive: true }))
  chmodSync(root, 0o755)
  for (const name of ['assets', 'dist', 'native', 'renderer', 'package.json', 'package-lock.json', 'tsconfig.json']) {
    symlinkSync(join(ROOT, name), join(root, name))
  }
  if (engine !== undefined) {
    rmSync(join(root, 'package.json'))
    const description = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    writeFileSync(join(root, 'package.json'), JSON.stringify({ ...description, engines: { node: engine } }))
  }
  if (withoutPage) {
    rmSync(join(root, 'dist'))
    mkdirSync(join(root, 'dist'))
    // The setup of this user builds here.
    chmodSync(join(root, 'dist'), 0o777)
    symlinkSync(join(ROOT, 'dist/node'), join(root, 'dist/node'))
    // Vite builds at the real path of its sources.
    rmSync(join(root, 'renderer'))
    cpSync(join(ROOT, 'renderer'), join(root, 'renderer'), { recursive: true, preserveTimestamps: true })
  }
  for (const name of readdirSync(ROOT)) {
    if (/^vite\..*\.ts$/.test(name)) cpSync(join(ROOT, name), join(root, name), { preserveTimestamps: true })
  }
  mkdirSync(join(root, 'electron'))
  for (const name of readdirSync(join(ROOT, 'electron'))) {
    // The launcher finds its checkout by its own real path, so it must be here.
    if (name === 'launch' || (withoutPage && name === 'contract'))
      cpSync(join(ROOT, 'electron', name), join(root, 'electron', name), { recursive: true, preserveTimestamps: true })
    else symlinkSync(join(ROOT, 'electron', name), join(root, 'electron', name))
  }
  // Newer than its sources, which were copied just now.
  if (withoutPage) for (const name of ['node', 'native']) writeFileSync(join(root, `dist/.${name}-built`), '')
  const modules = join(root, 'node_modules')
  mkdirSync(modules)
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    // Vite's temporary files belong to each checkout.
    if (name !== 'electron' && !name.startsWith('.vite'))
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
  }
  mkdirSync(join(modules, 'electron/dist'), { recursive: true })
  // For the user who runs the installer.
  for (const path of ['electron', 'electron/dist']) chmodSync(join(modules, path), 0o777)
  // For Vite, which writes its configuration there while it builds.
  chmodSync(modules, 0o777)
  writeFileSync(join(modules, 'electron/package.json'), '{ "name": "electron", "version": "0.0.0" }')
  writeFileSync(join(modules, 'electron/install.js'), installer)
  if (electron !== null) {
    writeFileSync(join(modules, 'electron/path.txt'), 'electron')
    writeFileSync(join(modules, 'electron/dist/electron'), `#!/bin/sh\n${electron}\n`, { mode: 0o755 })
  }
  return root
}

function start(options: StartOptions = {}): Started {
  const root = checkout(options)
  const home = mkdtempSync(join(tmpdir(), 'start-home-'))
  // What opens the browser may still write there: such a removal is tried again.
  cleanups.push(() => rmSync(home, { recursive: true, maxRetries: 10 }))
  const asNobody = isRoot && !options.asRoot
  if (asNobody) chownSync(home, NOBODY, NOBODY)
  mkdirSync(join(home, 'bin'))
  // Records its command line and the file to open. The rename makes the record appear complete.
  writeFileSync(
    join(home, 'bin/xdg-open'),
    '#!/bin/sh\necho "$@" > "$HOME/opening"\ncat "$1" >> "$HOME/opening"\nmv "$HOME/opening" "$HOME/opened"\n',
    { mode: 0o755 },
  )
  const child = spawn(
    process.execPath,
    [join(root, 'electron/launch', options.program ?? 'start.mjs'), ...(options.args ?? [])],
    {
      cwd: root,
      env: {
        PATH: `${join(home, 'bin')}:${process.env.PATH}`,
        HOME: home,
        // By this the test command finds what was left behind.
        RPI_TEST_RUN: process.env.RPI_TEST_RUN,
        ...(options.display === false ? {} : { DISPLAY: ':99' }),
        ...options.environment,
      },
      ...(asNobody ? { uid: NOBODY, gid: NOBODY } : {}),
    },
  )
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const ended = once(child, 'close')
  cleanups.push(async () => {
    child.kill('SIGTERM')
    await ended
  })
  return { child, out: () => out, err: () => err, home, ended }
}

/** Waits for the URL, checks the page, ends it as a service manager would, and checks that it is gone. */
async function expectServed(started: Started): Promise<void> {
  await vi.waitFor(
    () => expect(started.out(), started.err()).toMatch(/http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}/),
    WAIT,
  )
  const [url = ''] = /http:\S+/.exec(started.out()) ?? []
  expect(await (await fetch(url)).text()).toContain('<meta name="reuseport-host" content="browser">')
  started.child.kill('SIGTERM')
  const [code] = await started.ended
  expect(code).toBe(0)
  await expect(fetch(url)).rejects.toThrow()
}

describe('npm start', () => {
  test('opens the window, and exits with its status', async () => {
    const started = start({ electron: 'echo "window: $@"; exit 3' })
    const [code] = await started.ended
    expect(code).toBe(3)
    expect(started.out()).toMatch(/^window: \S+\/dist\/main\/main\.cjs\n$/)
    expect(started.err()).toBe('Opening the window.\n')
  })

  test('ends with the window, even if a browser opened from it still writes', async () => {
    const started = start({ electron: 'sleep 600 >/dev/null & echo $! > "$HOME/browser"; exit 0' })
    cleanups.push(() => process.kill(Number(readFileSync(join(started.home, 'browser'), 'utf8'))))
    await vi.waitFor(() => expect(started.child.exitCode).toBe(0), WAIT)
  })

  test('ends its child at a SIGINT that only it received', async () => {
    const started = start({ display: false })
    await vi.waitFor(() => expect(started.out()).toContain('#token='), WAIT)
    const [url = ''] = /http:\S+/.exec(started.out()) ?? []
    started.child.kill('SIGINT')
    await vi.waitFor(() => expect(started.child.exitCode).toBe(0), WAIT)
    await expect(fetch(url)).rejects.toThrow()
  })

  test('never passes Electron a flag that disables its sandbox', async () => {
    const started = start({ electron: 'echo "$@"; env; exit 0' })
    await started.ended
    expect(started.out()).not.toMatch(/sandbox/i)
  })

  test('passes Electron the switches after a second --, except those that disable its sandbox', async () => {
    const environment = { ELECTRON_RUN_AS_NODE: '1' }
    const started = start({ args: ['--', '--disable-gpu'], electron: 'echo "$@"; env; exit 0', environment })
    await started.ended
    expect(started.out()).toMatch(/^--disable-gpu \S+\/dist\/main\/main\.cjs$/m)
    expect(started.out()).not.toContain('ELECTRON_RUN_AS_NODE')
    const refused = start({ args: ['--', '--no-sandbox'], electron: 'echo opened' })
    const [code] = await refused.ended
    expect({ code, out: refused.out() }).toEqual({ code: 2, out: '' })
    expect(refused.err()).toContain('--no-sandbox is not allowed')
  })

  test.each([
    "echo '[1:1:FATAL:setuid_sandbox_host.cc] The SUID sandbox helper binary was found, but is not configured correctly.' >&2; kill -TRAP $$",
    "echo '[1:FATAL:zygote_host_impl_linux.cc(128)] No usable sandbox! ' >&2; exit 133",
  ])('uses the browser where the sandbox cannot start, and says what to do', async (electron) => {
    const started = start({ electron })
    await expectServed(started)
    expect(started.err()).toMatch(
      /Using the browser: Electron's sandbox cannot start: .*chmod 4755 '\S+chrome-sandbox'/s,
    )
    expect(started.err()).not.toContain('--no-sandbox')
  })

  test('fetches the binary on the first run', async () => {
    const started = start({
      installer: `
        const { writeFileSync } = require('node:fs')
        writeFileSync(__dirname + '/dist/electron', '#!/bin/sh\\necho fetched\\n', { mode: 0o755 })
        writeFileSync(__dirname + '/path.txt', 'electron')`,
    })
    const [code] = await started.ended
    expect(code, started.err()).toBe(0)
    expect(started.err()).toContain("Fetching Electron's binary (once)")
    expect(started.out()).toBe('fetched\n')
  })

  test('fetches the binary through the proxy set in the environment', async () => {
    const started = start({
      installer: "console.error('Error: proxy ' + process.env.ELECTRON_GET_USE_PROXY); process.exit(1)",
    })
    await vi.waitFor(() => expect(started.err()).toContain('is not available (proxy 1)'), WAIT)
  })

  test('uses the browser where it cannot be fetched, and opens it without the token in a command line', async () => {
    const started = start({ installer: "console.error('TypeError: fetch failed'); process.exit(1)" })
    await vi.waitFor(() => expect(started.out()).toContain('#token='), WAIT)
    const opened = await vi.waitFor(() => readFileSync(join(started.home, 'opened'), 'utf8'), WAIT)
    const [url = ''] = /http:\S+/.exec(started.out()) ?? []
    const [commandLine = '', ...content] = opened.split('\n')
    expect(commandLine).toMatch(/open\.html$/)
    expect(commandLine).not.toContain('token')
    expect(content.join('\n')).toContain(`url=${url}"`)
    await expectServed(started)
    expect(started.err()).toContain("Electron's binary is not available (cannot reach the download server)")
    expect(() => readFileSync(commandLine)).toThrow('ENOENT')
  })

  test('opens the browser even where XDG_RUNTIME_DIR belongs to another user', async () => {
    const started = start({ args: ['--browser'], environment: { XDG_RUNTIME_DIR: '/proc/1' } })
    await vi.waitFor(() => expect(readFileSync(join(started.home, 'opened'), 'utf8')).toContain('#token='), WAIT)
    await expectServed(started)
  })

  test('uses the browser without a display, and opens nothing', async () => {
    const started = start({ display: false, electron: 'exit 9' })
    await expectServed(started)
    expect(started.err()).toContain('Using the browser: no display')
    expect(started.err()).toMatch(/From another machine, first run: ssh -N -L (\d+):127\.0\.0\.1:\1 \S+/)
    expect(() => readFileSync(join(started.home, 'opened'))).toThrow('ENOENT')
  })

  test('uses the browser as root, and opens nothing', async (context) => {
    needsRoot(context)
    const started = start({ asRoot: true, electron: 'exit 9' })
    await expectServed(started)
    expect(started.err()).toContain('Using the browser: running Chromium as root is unsafe')
    expect(() => readFileSync(join(started.home, 'opened'))).toThrow('ENOENT')
  })

  test.each(['start.mjs', 'cli.mjs', 'forge.mjs'])(
    '%s on a Node that is too old says so, with what to do',
    async (program) => {
      const started = start({ program, engine: '>=99.5' })
      expect((await started.ended)[0]).toBe(3)
      expect(started.out()).toBe('')
      expect(started.err()).toMatch(/Node\.js 99\.5 or later is required, and \S+ is [\d.]+\..*\n {2}npx /)
    },
  )

  test('an unknown flag is a usage error', async () => {
    const started = start({ args: ['--no-sandbox'] })
    expect((await started.ended)[0]).toBe(2)
    expect(started.err()).toContain("Unknown option '--no-sandbox'")
  })
})

test('`cli -- serve` builds the page that it serves', async () => {
  const started = start({ program: 'cli.mjs', args: ['serve', '--port', '0'], withoutPage: true })
  await expectServed(started)
  expect(started.err()).toContain('Building dist/renderer')
})
