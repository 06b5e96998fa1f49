/** Opens the served page in the user's browser. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Opens `url` with xdg-open. Its token must not appear in a command line, which every user can read
 * (/proc/PID/cmdline), so xdg-open gets a private file that redirects there.
 * Returns a function that removes the file.
 * @param {string} url
 * @param {(reason: string) => void} failed called where no browser can be opened
 */
export function openBrowser(url, failed) {
  const folder = makeFolder()
  if (folder === null) {
    failed('cannot create a folder for the redirecting file')
    return () => {}
  }
  const file = join(folder, 'open.html')
  const address = url.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
  writeFileSync(
    file,
    `<!doctype html><meta http-equiv="refresh" content="0; url=${address}"><title>Reuseport Inspector</title>\n`,
    {
      mode: 0o600,
    },
  )
  const child = spawn('xdg-open', [file], { stdio: 'ignore', detached: true })
  child.on('error', (error) => failed(error.code === 'ENOENT' ? 'xdg-open is not installed' : error.message))
  child.on('exit', (code) => {
    if (code !== 0 && code !== null) failed(`xdg-open ended with status ${code}`)
  })
  child.unref()
  return () => rmSync(folder, { recursive: true, force: true })
}

/** A private folder; null where none can be created. */
function makeFolder() {
  const where = {
    home: homedir(),
    runtime: process.env.XDG_RUNTIME_DIR,
    temporary: tmpdir(),
    snaps: existsSync('/var/lib/snapd'),
  }
  for (const place of places(where)) {
    try {
      return mkdtempSync(join(place, 'reuseport-inspector-'))
    } catch {
      // Full, missing, or owned by another user, as XDG_RUNTIME_DIR is after su.
    }
  }
  return null
}

/**
 * Where to create it, best first. A browser installed as a snap, as on Ubuntu, can read only non-hidden files in the
 * user's home.
 * @param {{ home: string, runtime: string | undefined, temporary: string, snaps: boolean }} where
 * @returns {string[]}
 */
export function places({ home, runtime, temporary, snaps }) {
  return [...(snaps ? [home] : []), ...(runtime ? [runtime] : []), temporary]
}
