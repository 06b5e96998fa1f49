/** Finds Electron's binary, and fetches it on the first run. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The user is waiting: below 1 MB/s, the browser is the better first run. */
const FETCH_LIMIT_MS = 120_000

/**
 * Path of the executable; null where it is not fetched yet.
 * @param {string} root the checkout
 */
export function electronBinary(root) {
  const folder = join(root, 'node_modules/electron')
  try {
    const path = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8'))
    return existsSync(path) ? path : null
  } catch {
    return null
  }
}

/**
 * Fetches the binary with Electron's own installer. Resolves to null on success, else to the reason as a phrase. Never
 * takes longer than the limit.
 * @param {string} root the checkout
 * @param {number} [limitMs]
 * @returns {Promise<string | null>}
 */
export function fetchElectron(root, limitMs = FETCH_LIMIT_MS) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'node_modules/electron/install.js')], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
      // Without this, its downloader ignores HTTPS_PROXY and similar variables, which npm always honors.
      env: { ...process.env, ELECTRON_GET_USE_PROXY: '1' },
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-20_000)
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs)
    child.on('error', (error) => {
      clearTimeout(timer)
      resolve(error.message)
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (code === 0) resolve(electronBinary(root) === null ? 'the installer did not install it' : null)
      else resolve(signal === 'SIGKILL' ? timeoutReason(limitMs) : reasonIn(said))
    })
  })
}

/** For slow connections, where an interrupted fetch starts over. */
function timeoutReason(limitMs) {
  return `the download took more than ${Math.round(limitMs / 1000)} s; \`node node_modules/electron/install.js\` has no time limit`
}

/** The relevant line of an installer's error output. */
export function reasonIn(stderr) {
  const line = stderr.split('\n').find((text) => /error|HTTP|E[A-Z]{4,}/i.test(text)) ?? 'the download failed'
  // The text comes from the network and is printed to a terminal.
  const plain = line
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .replace(/^\s*\w*Error: /, '')
    .trim()
  // undici's only message for an unresolved name, a refused connection or a missing proxy.
  if (plain === 'fetch failed') return 'cannot reach the download server'
  return plain.length > 120 ? `${plain.slice(0, 119)}…` : plain
}
