/** Opens the served page in the person's browser. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Opens `url` with xdg-open. The token in it must not stand in a command line, which every user of the machine can
 * read (/proc/PID/cmdline): what is opened is a file of this user's alone that leads there.
 * Returns a function that removes the file.
 * @param {string} url
 * @param {(reason: string) => void} failed told where no browser can be opened
 */
export function openBrowser(url, failed) {
  const folder = makeFolder()
  if (folder === null) {
    failed('no folder can be made for the file that leads there')
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
  child.on('error', (error) => failed(error.code === 'ENOENT' ? 'there is no xdg-open' : error.message))
  child.on('exit', (code) => {
    if (code !== 0 && code !== null) failed(`xdg-open ended with status ${code}`)
  })
  child.unref()
  return () => rmSync(folder, { recursive: true, force: true })
}

/** A folder of this user's alone; null where there can be none. */
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
      // Full, missing, or another user's, as XDG_RUNTIME_DIR after su.
    }
  }
  return null
}

/**
 * Where to make it, best first. A browser that is a snap, as Ubuntu's are, reads of this user's files only those in the
 * home that are not hidden.
 * @param {{ home: string, runtime: string | undefined, temporary: string, snaps: boolean }} where
 * @returns {string[]}
 */
export function places({ home, runtime, temporary, snaps }) {
  return [...(snaps ? [home] : []), ...(runtime ? [runtime] : []), temporary]
}
