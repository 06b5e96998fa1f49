/** What `serve` does: an engine, a server in front of it, the address, and nothing more until it is ended. */

import { endThoughHeldUp, MAX_END_MS } from '../../engine/end-after-signal.ts'
import { keepHeapSmallAndCalm } from '../../engine/heap.ts'
import { installation } from '../../engine/installation.ts'
import { Observation } from '../../engine/observation.ts'
import { readPage } from '../../host/page.ts'
import { readToken, scrapes } from './metrics.ts'

export type ServeFlags = {
  readonly port: number
  readonly address: string
  readonly json?: boolean
  readonly metrics?: boolean
  /** Only with `metrics`. */
  readonly metricsTokenFile?: string
}

/** Prints the address when a browser can connect; resolves when SIGINT or SIGTERM has come and everything is closed. */
export async function serveUntilEnded(flags: ServeFlags): Promise<void> {
  const ended = endSignal()
  const { addon, page } = installation()
  endThoughHeldUp(addon, 0)
  const files = readPage(page)
  const token = flags.metricsTokenFile === undefined ? null : await readToken(flags.metricsTokenFile)
  const observation = new Observation({ addonPath: addon })
  // Whoever serves is about to look: the kernel is asked while this thread still loads what answers. What fails here is
  // told to the page when it asks.
  observation.sampler.current().catch(() => undefined)
  const [{ startEngine }, { fileSettings, settingsPath }, { serve }] = await Promise.all([
    import('../../engine/engine.ts'),
    import('../../engine/settings-file.ts'),
    import('./server.ts'),
  ])
  const settings = fileSettings(settingsPath(), warn)
  const engine = startEngine({ addonPath: addon, settings }, observation)
  const following = new AbortController()
  try {
    const server = await serve({
      router: engine.router,
      page: files,
      address: flags.address,
      port: flags.port,
      ...(flags.metrics ? { metrics: { token, text: scrapes(engine, following.signal) } } : {}),
    })
    try {
      process.stdout.write(
        flags.json
          ? `${JSON.stringify({ url: server.url })}\n`
          : `Reuseport Inspector is at\n  ${server.url}\nCtrl+C ends it.\n`,
      )
      settle()
      await ended
    } finally {
      await server.close()
    }
  } finally {
    following.abort()
    await engine.close()
  }
}

/** What is better done before the first page asks, and not before its address is printed. */
function settle(): void {
  // Not sooner: loading fills the young generation, and of what is loaded all survives each collection.
  keepHeapSmallAndCalm()
  // oRPC asks of every message whether it is a form, and Node loads its whole fetch for the name.
  void globalThis.FormData
}

/** Resolves at the first request to end. A second one ends at once, as the system does by default. */
function endSignal(): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      process.removeListener('SIGINT', end)
      process.removeListener('SIGTERM', end)
      // Whatever is not closed by then: a disk that does not answer, a recording whose last line is long. What stands in
      // a file is whole up to its last line, and labs end with their parent.
      setTimeout(() => process.exit(0), MAX_END_MS).unref()
      resolve()
    }
    process.once('SIGINT', end)
    process.once('SIGTERM', end)
  })
}

function warn(message: string): void {
  process.stderr.write(`${message}\n`)
}
