/** Runs `serve`: starts the engine and the server, prints the address, and waits for the end. */

import {
  type Engine,
  endEvenIfBlocked,
  fileSettings,
  installation,
  MAX_END_MS,
  settingsPath,
  startCore,
  startEngine,
  tuneHeap,
} from '../../engine/index.ts'
import type { Hosts } from '../../host/hosts/hosts.ts'
import { readPage } from '../../host/page.ts'
import { documentOf } from '../cli/json.ts'
import { readToken, scrapes } from './metrics.ts'

export type ServeFlags = {
  readonly port: number
  readonly address: string
  readonly json?: boolean
  /** Offers other hosts. */
  readonly hosts?: boolean
  readonly metrics?: boolean
  /** Only with `metrics`. */
  readonly metricsTokenFile?: string
}

/** Prints the address when a browser can connect; resolves after SIGINT or SIGTERM, when everything is closed. */
export async function runServer(flags: ServeFlags): Promise<void> {
  const ended = endSignal()
  const { addon, page } = installation()
  endEvenIfBlocked(addon, 0)
  const files = readPage(page)
  const token = flags.metricsTokenFile === undefined ? null : await readToken(flags.metricsTokenFile)
  const core = await startCore({ addonPath: addon })
  // The first refresh runs while this thread still loads the rest. The page gets its errors when it requests data.
  core.sampler.current().catch(() => undefined)
  const { serve } = await import('./server.ts')
  const settings = await fileSettings(settingsPath(), warn)
  const engine = await startEngine({ addonPath: addon, settings, readsAlways: true }, core)
  const following = new AbortController()
  const hosts = flags.hosts ? await startHosts(engine) : null
  try {
    const server = await serve({
      router: engine.router,
      hosts,
      page: files,
      address: flags.address,
      port: flags.port,
      ...(flags.metrics ? { metrics: { token, text: scrapes(engine, following.signal) } } : {}),
    })
    try {
      process.stdout.write(
        flags.json
          ? `${JSON.stringify(documentOf('server', { url: server.url }))}\n`
          : `Reuseport Inspector is running. Open\n  ${server.url}\nPress Ctrl+C to stop.\n`,
      )
      warmUp()
      await ended
    } finally {
      await server.close()
    }
  } finally {
    following.abort()
    await hosts?.close()
    await engine.close()
  }
}

async function startHosts(near: Engine): Promise<Hosts> {
  const { Hosts } = await import('../../host/hosts/hosts.ts')
  return new Hosts({ near, report: warn })
}

/** Work to do before the first request, but after the address is printed. */
function warmUp(): void {
  // Not earlier: loading fills the young generation, and everything loaded survives each collection.
  tuneHeap()
  // oRPC checks every message for FormData, and Node loads its whole fetch implementation for that name.
  void globalThis.FormData
}

/** Resolves at the first SIGINT or SIGTERM. A second one has its default effect. */
function endSignal(): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      process.removeListener('SIGINT', end)
      process.removeListener('SIGTERM', end)
      // For whatever is not closed by then, such as a slow disk or a long last line of a recording. Files are complete
      // up to their last line, and labs end with their parent.
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
