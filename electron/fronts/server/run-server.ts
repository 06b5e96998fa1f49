/** Runs `serve`: starts the engine and the server, prints the address, and waits for the end. */

import type { Severity } from '../../contract/model.ts'
import {
  type Engine,
  endEvenIfBlocked,
  fileSettings,
  installation,
  MAX_END_MS,
  openHistory,
  settingsPath,
  startCore,
  startEngine,
  tuneHeap,
} from '../../engine/index.ts'
import type { Hosts } from '../../host/hosts/hosts.ts'
import { readPage } from '../../host/page.ts'
import { documentOf } from '../cli/json.ts'
import type { FindingHooks } from './hooks/finding-hooks.ts'
import type { Hook } from './hooks/hook-queue.ts'
import { readToken, scrapes } from './metrics.ts'

export type ServeFlags = {
  readonly port: number
  readonly address: string
  readonly json?: boolean
  /** The file that keeps the history, and the bytes that it and its predecessor may have. */
  readonly history?: string
  readonly historySize: number
  /** Offers other hosts. */
  readonly hosts?: boolean
  readonly metrics?: boolean
  /** Only with `metrics`. */
  readonly metricsTokenFile?: string
  /** Addresses and commands that receive findings. */
  readonly onFinding: readonly string[]
  /** The lowest severity of these findings. */
  readonly onSeverity: Severity
}

/** Prints the address when a browser can connect; resolves after SIGINT or SIGTERM, when everything is closed. */
export async function runServer(flags: ServeFlags): Promise<void> {
  const ended = endSignal()
  const { addon, page } = installation()
  endEvenIfBlocked(addon, 0)
  const files = readPage(page)
  const token = flags.metricsTokenFile === undefined ? null : await readToken(flags.metricsTokenFile)
  const targets = flags.onFinding.length === 0 ? [] : await hooksOf(flags.onFinding)
  const historyFile =
    flags.history === undefined ? null : await openHistory(flags.history, { maxBytes: flags.historySize, report: warn })
  const core = await startCore({ addonPath: addon })
  // The first refresh runs while this thread still loads the rest. The page gets its errors when it requests data.
  core.sampler.current().catch(() => undefined)
  const { serve } = await import('./server.ts')
  const settings = await fileSettings(settingsPath(), warn)
  const engine = await startEngine({ addonPath: addon, settings, readsAlways: true, historyFile }, core)
  const following = new AbortController()
  const hosts = flags.hosts ? await startHosts(engine) : null
  const hooks = targets.length === 0 ? null : await startHooks(engine, targets, flags.onSeverity)
  try {
    const server = await serve({
      router: engine.router,
      hosts,
      page: files,
      address: flags.address,
      port: flags.port,
      ...(flags.metrics ? { metrics: { token, text: scrapes(engine, following.signal, hooks?.queues) } } : {}),
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
    await hooks?.close()
    await engine.close()
  }
}

async function startHosts(near: Engine): Promise<Hosts> {
  const { Hosts } = await import('../../host/hosts/hosts.ts')
  return new Hosts({ near, report: warn })
}

/** Throws, with what to do, where an address is wrong. */
async function hooksOf(targets: readonly string[]): Promise<Hook[]> {
  const { hookOf } = await import('./hooks/finding-hooks.ts')
  return targets.map(hookOf)
}

async function startHooks(engine: Engine, targets: readonly Hook[], severity: Severity): Promise<FindingHooks> {
  const [{ FindingHooks }, { HookQueue }] = await Promise.all([
    import('./hooks/finding-hooks.ts'),
    import('./hooks/hook-queue.ts'),
  ])
  const queues = targets.map((hook) => new HookQueue(hook, warn))
  const hooks = new FindingHooks(queues, severity, () => engine.client.settings.get())
  engine.onEvent(hooks.take)
  return hooks
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
