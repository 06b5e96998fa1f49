/** `npm start`: opens the window where possible, else the same interface in a browser, and prints why. */
import './node-version.mjs'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import util from 'node:util'
import { decide, switchesIn, whyNoWindow, windowEnvironment } from './decide.mjs'
import { electronBinary, fetchElectron } from './electron-binary.mjs'
import { openBrowser } from './open-browser.mjs'
import { root, setUp } from './setup.mjs'

const USAGE = `npm start [-- OPTIONS [-- SWITCHES]]

  --browser      use the browser even where a window could be opened
  --port PORT    port for the browser; 0 (the default) picks a free one
  --help         print this text

SWITCHES are passed to Electron, such as --disable-gpu or --ozone-platform=wayland.
`

const say = (text) => process.stderr.write(`${text}\n`)

async function main() {
  const { browser, port, help, switches } = flags()
  if (help) {
    process.stdout.write(USAGE)
    return 0
  }
  setUp({ bundles: ['node', 'main', 'preload', 'renderer'] })

  let decision = decide(facts(browser))
  if (decision.front === 'fetch') {
    say("Fetching Electron's binary (once) …")
    const failure = await fetchElectron(root)
    decision = decide(facts(browser), failure ?? 'the installer did not install it')
  }
  if (decision.front === 'window') {
    say('Opening the window.')
    const { status, why } = await runWindow(switches)
    if (why === null) return status
    decision = { front: 'browser', why }
  }
  say(`Using the browser: ${decision.why}.`)
  return runServer(port)
}

function flags() {
  const given = process.argv.slice(2)
  const end = given.includes('--') ? given.indexOf('--') : given.length
  try {
    const { values } = util.parseArgs({
      args: given.slice(0, end),
      options: {
        browser: { type: 'boolean', default: false },
        port: { type: 'string', default: '0' },
        help: { type: 'boolean', default: false },
      },
    })
    return { ...values, switches: switchesIn(given.slice(end + 1)) }
  } catch (error) {
    say(`${error.message}\n\n${USAGE}`)
    process.exit(2)
  }
}

/** @returns {import('./decide.mjs').Facts} */
function facts(wantsBrowser) {
  return {
    wantsBrowser,
    root: isRoot(),
    display: hasDisplay(),
    binary: electronBinary(root) !== null,
  }
}

/** Runs Electron until it ends. `why`: why there was no window; null where there was one. */
function runWindow(switches) {
  const binary = electronBinary(root)
  return new Promise((resolve) => {
    const child = spawn(binary, [...switches, join(root, 'dist/main/main.cjs')], {
      cwd: root,
      env: windowEnvironment(process.env),
      stdio: ['inherit', 'inherit', 'pipe'],
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-50_000)
      process.stderr.write(text)
    })
    forwardSignals(child)
    child.on('error', (error) =>
      resolve({ status: 1, why: `Electron could not start (${error.code ?? error.message})` }),
    )
    const settle = (code) => {
      child.stderr.destroy()
      const machine = { helper: join(dirname(binary), 'chrome-sandbox'), usernsRestricted: usernsRestricted() }
      resolve({ status: code ?? 1, why: code === 0 ? null : whyNoWindow(said, machine) })
    }
    child.on('close', settle)
    // A browser opened from the window keeps standard error open while it runs; do not wait for it.
    child.on('exit', (code) => setTimeout(settle, OUTPUT_GRACE_MS, code).unref())
  })
}

/** Time for the last output to arrive after the process has exited. */
const OUTPUT_GRACE_MS = 500

/** Serves until it is ended. */
function runServer(port) {
  return new Promise((resolve) => {
    const args = [join(root, 'dist/node/cli.cjs'), 'serve', '--port', port, '--json']
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    let cleanUp = () => {}
    let line = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      line += text
      if (!line.endsWith('\n')) return
      const { url } = JSON.parse(line)
      line = ''
      process.stdout.write(`\n  ${url}\n\n`)
      const opens = hasDisplay() && !isRoot()
      say(
        opens
          ? 'Opening your browser. Press Ctrl+C to stop.'
          : `Open this address in a browser on this machine. From another machine, first run: ${tunnel(url)}\nPress Ctrl+C to stop.`,
      )
      if (opens)
        cleanUp = openBrowser(url, (reason) => say(`Could not open a browser: ${reason}. Open the address yourself.`))
    })
    forwardSignals(child)
    child.on('close', (code) => {
      cleanUp()
      resolve(code ?? 1)
    })
  })
}

/** The command that makes the address work on the user's own machine. */
function tunnel(url) {
  const { port } = new URL(url)
  return `ssh -N -L ${port}:127.0.0.1:${port} ${hostname()}`
}

/**
 * A terminal's Ctrl+C reaches the child directly; a signal sent only to this process does not. A SIGINT could be
 * either, and a second signal would kill the child without cleanup, so the child gets a second to end by itself.
 */
function forwardSignals(child) {
  process.on('SIGINT', () => setTimeout(() => child.kill('SIGTERM'), 1000).unref())
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill('SIGTERM'))
}

function isRoot() {
  return process.geteuid?.() === 0
}

function hasDisplay() {
  return Boolean(process.env.WAYLAND_DISPLAY || process.env.DISPLAY)
}

function usernsRestricted() {
  try {
    return readFileSync('/proc/sys/kernel/apparmor_restrict_unprivileged_userns', 'utf8').trim() === '1'
  } catch {
    return false
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  say(`reuseport-inspector: ${error.message}`)
  process.exitCode = 1
}
