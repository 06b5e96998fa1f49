/** Electron's binary: whether it is there, and fetching it on the first run. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A person waits for this: with less than 1 MB/s the browser is the better first run. */
const FETCH_LIMIT_MS = 120_000

/**
 * Path of the executable; null where it was not fetched yet.
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
 * Fetches the binary with Electron's own installer. Resolves to null when it is there, else to why it is not, as a
 * phrase. Never takes longer than the limit.
 * @param {string} root the checkout
 * @param {number} [limitMs]
 * @returns {Promise<string | null>}
 */
export function fetchElectron(root, limitMs = FETCH_LIMIT_MS) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'node_modules/electron/install.js')], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
      // Its downloader reads HTTPS_PROXY and its like only where it is told to; npm, which came first, always does.
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
      if (code === 0) resolve(electronBinary(root) === null ? 'its installer left none' : null)
      else resolve(signal === 'SIGKILL' ? late(limitMs) : reasonIn(said))
    })
  })
}

/** With what to do for who has a slow line: a fetch that is cut off begins anew. */
function late(limitMs) {
  return `not fetched within ${Math.round(limitMs / 1000)} s; \`node node_modules/electron/install.js\` takes the time it needs`
}

/** The one line of an installer's complaint that a person wants to see. */
export function reasonIn(stderr) {
  const line = stderr.split('\n').find((text) => /error|HTTP|E[A-Z]{4,}/i.test(text)) ?? 'the download failed'
  // What a network answers reaches a terminal.
  const plain = line
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .replace(/^\s*\w*Error: /, '')
    .trim()
  // All that undici says of a name that does not resolve, a refused connection, a proxy that is missing.
  if (plain === 'fetch failed') return 'no connection to where it is kept'
  return plain.length > 120 ? `${plain.slice(0, 119)}…` : plain
}
