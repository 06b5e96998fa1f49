/** Opens the served page in the person's browser. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Opens `url` with xdg-open. The token in it must not stand in a command line, which every user of the machine can
 * read (/proc/PID/cmdline): what is opened is a file of this user's alone that leads there.
 * Returns a function that removes the file.
 * @param {string} url
 * @param {(reason: string) => void} failed told where no browser can be opened
 */
export function openBrowser(url, failed) {
  const folder = mkdtempSync(join(process.env.XDG_RUNTIME_DIR ?? tmpdir(), 'reuseport-inspector-'))
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
