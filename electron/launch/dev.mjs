/**
 * `npm run dev`: the page with hot reload against a live engine, in a browser. A change of the engine rebuilds and restarts
 * it, a change in native/ rebuilds the addon first; the page reconnects by itself.
 *
 * Vite serves the page and passes `/rpc` on to `serve`. The address carries a token of its own, which stays the same while
 * the engine restarts; without it Vite passes nothing on.
 */
import './node-version.mjs'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { watch } from 'node:fs'
import { join } from 'node:path'
import util from 'node:util'
import { gypArguments, root, setUp } from './setup.mjs'

const USAGE = `npm run dev [-- OPTIONS]

  --port PORT    port of the page, 0 (the default) for any free one
  --help         this text
`
/** An editor writes a file in several steps. */
const SETTLE_MS = 200

const say = (text) => process.stderr.write(`${text}\n`)

async function main() {
  const { values } = util.parseArgs({
    options: { port: { type: 'string', default: '0' }, help: { type: 'boolean', default: false } },
  })
  if (values.help) return void process.stdout.write(USAGE)
  // `serve` needs a built page, though Vite serves another.
  setUp({ bundles: ['renderer'] })
  const vite = await import('vite')
  const engine = new Engine()
  const bundles = await vite.build({
    configFile: join(root, 'vite.node.config.ts'),
    root,
    logLevel: 'warn',
    build: { watch: {}, emptyOutDir: false },
  })
  say('Building the engine …')
  let ready = null
  await new Promise((resolve, reject) => {
    bundles.on('event', async ({ code, error, result }) => {
      await result?.close()
      if (code === 'ERROR') say(`The engine does not build: ${error.message}`)
      if (code !== 'END') return
      if (ready === null) {
        ready = engine.start()
        ready.then(resolve, reject)
      } else ready.then(() => engine.restart('its sources changed'))
    })
  })
  const token = randomBytes(32).toString('base64url')
  const page = await vite.createServer({
    configFile: join(root, 'vite.renderer.config.ts'),
    root: join(root, 'renderer'),
    cacheDir: join(root, 'dist/.dev'),
    server: {
      host: '127.0.0.1',
      port: Number(values.port),
      proxy: { '/rpc': { target: engine.origin, ws: true, configure: guard } },
    },
  })

  /** Takes the page's token off the request and puts the engine's in its place. */
  function guard(proxy) {
    proxy.on('proxyReqWs', (outgoing, incoming, socket) => {
      const offered = incoming.headers['sec-websocket-protocol'] ?? ''
      if (!offered.split(',').some((protocol) => protocol.trim() === `token.${token}`)) return socket.destroy()
      outgoing.setHeader('host', new URL(engine.origin).host)
      outgoing.setHeader('origin', engine.origin)
      outgoing.setHeader('sec-websocket-protocol', offered.replace(token, engine.token))
    })
  }

  await page.listen()
  process.stdout.write(`\n  ${page.resolvedUrls.local[0]}#token=${token}\n\n`)
  say('Open that address in a browser of this machine. Ctrl+C ends it.')

  const sources = watchNative(async () => {
    say('Building the native addon …')
    // Only what changed; `configure` for a change of binding.gyp.
    if (await runs(process.execPath, gypArguments('configure', 'build', '--silent'))) {
      await engine.restart('the addon was rebuilt')
    }
  })

  await new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve)
  })
  sources.close()
  await Promise.all([bundles.close(), page.close(), engine.stop()])
}

/** `serve`, as a process that can be replaced. */
class Engine {
  origin = ''
  token = ''
  #child = null
  #last = Promise.resolve()
  /** A restart that has not begun. */
  #waiting = null

  /** Resolves when it serves; rejects if it ends first. */
  start() {
    // The port of the first start is kept: Vite passes requests on to it.
    const port = this.origin === '' ? '0' : new URL(this.origin).port
    const child = spawn(process.execPath, [join(root, 'dist/node/cli.cjs'), 'serve', '--port', port, '--json'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    return new Promise((resolve, reject) => {
      let line = ''
      child.stdout.setEncoding('utf8').on('data', (text) => {
        line += text
        if (!line.endsWith('\n')) return
        const url = new URL(JSON.parse(line).url)
        this.origin = url.origin
        this.token = new URLSearchParams(url.hash.slice(1)).get('token')
        resolve()
      })
      child.on('close', (status) => reject(new Error(`the engine ended with status ${status}`)))
    })
  }

  stop() {
    const child = this.#child
    if (child === null || child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
    return new Promise((resolve) => {
      child.once('close', resolve)
      child.kill('SIGTERM')
    })
  }

  /**
   * One restart after the other; requests while one waits are the same one. One that fails is reported, and the next
   * change tries again.
   */
  restart(why) {
    this.#waiting ??= this.#last.then(async () => {
      this.#waiting = null
      say(`Restarting the engine: ${why}.`)
      await this.stop()
      await this.start().catch((error) => say(`reuseport-inspector: ${error.message}`))
    })
    this.#last = this.#waiting
    return this.#last
  }
}

/** Calls `changed` after a change of a source in native/, one call at a time. */
function watchNative(changed) {
  let timer
  let running = Promise.resolve()
  return watch(join(root, 'native'), { recursive: true }, (_event, name) => {
    if (name === null || name.startsWith('build') || !/\.(cc|h|gyp)$/.test(name)) return
    clearTimeout(timer)
    timer = setTimeout(() => {
      running = running.then(changed)
    }, SETTLE_MS)
  })
}

function runs(program, args) {
  return new Promise((resolve) => {
    spawn(program, args, { cwd: root, stdio: 'inherit' }).on('close', (status) => resolve(status === 0))
  })
}

try {
  await main()
} catch (error) {
  say(`reuseport-inspector: ${error.message}`)
  // The watchers would keep it running.
  process.exit(1)
}
