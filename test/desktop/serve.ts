/** Starts `reuseport-inspector serve` as a user would, with its own settings. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const CLI = resolve(import.meta.dirname, '../../dist/node/cli.cjs')

/** Resolves when it serves. Disposing ends it and removes its settings. */
export async function startServer(): Promise<AsyncDisposable & { url: string }> {
  if (!existsSync(CLI)) throw new Error('dist/node is not built: npm run build')
  const home = mkdtempSync(join(tmpdir(), 'reuseport-inspector-page-'))
  const child = spawn(process.execPath, [CLI, 'serve', '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_STATE_HOME: home },
  })
  const gone = new Promise<void>((done) => child.once('close', () => done()))
  const line = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
  const { url } = JSON.parse(String(line.value)) as { url: string }
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await gone
      rmSync(home, { recursive: true, force: true })
    },
  }
}
