/** Runs `serve`: starts the server, prints the address, starts the engine, and waits for the end. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Severity } from '../../contract/model.ts'
import {
  type Engine,
  endEvenIfBlocked,
  fileSettings,
  type HistoryFile,
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
import type { Server } from './server.ts'

/** How long the start of the engine waits for a browser to fetch the page, in milliseconds. */
const PAGE_MS = 500

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
  const token = flags.metricsTokenFile === undefined ? null : await readTokenOf(flags.metricsTokenFile)
  const targets = flags.onFinding.length === 0 ? [] : await hooksOf(flags.onFinding)
  const historyFile =
    flags.history === undefined ? null : await openHistory(flags.history, { maxBytes: flags.historySize, report: warn })
  const { serve } = await import('./server.ts')
  let listens: (server: Server) => void = () => {}
  const listening = new Promise<Server>((resolve) => {
    listens = resolve
  })
  const running = listening.then(({ pageSent }) => startRunning(flags, { addon, targets, historyFile, pageSent }))
  const server = await serve({
    router: running.then(({ engine }) => engine.router),
    hosts: running.then(({ hosts }) => hosts),
    page: files,
    address: flags.address,
    port: flags.port,
    ...(flags.metrics ? { metrics: { token, text: async () => (await running).metrics() } } : {}),
  }).catch(async (error: unknown) => {
    await historyFile?.close()
    throw error
  })
  let close: () => Promise<void> = async () => {}
  try {
    process.stdout.write(
      flags.json
        ? `${JSON.stringify(documentOf('server', { url: server.url }))}\n`
        : `Reuseport Inspector is running. Open\n  ${server.url}\nPress Ctrl+C to stop.\n`,
    )
    listens(server)
    close = (await running).close
    warmUp()
    await ended
  } finally {
    await server.close()
    await close()
  }
}

/** What runs behind the server. */
type Running = {
  readonly engine: Engine
  readonly hosts: Hosts | null
  /** The text of a scrape. */
  readonly metrics: () => Promise<string>
  readonly close: () => Promise<void>
}

type RunningParts = {
  readonly addon: string
  readonly targets: readonly Hook[]
  readonly historyFile: HistoryFile | null
  readonly pageSent: Promise<void>
}

/** Starts the engine and what follows it. Requests of pages wait meanwhile. */
async function startRunning(flags: ServeFlags, parts: RunningParts): Promise<Running> {
  const { addon, targets, historyFile, pageSent } = parts
  const core = await startCore({ addonPath: addon })
  // The first refresh runs while this thread still loads the rest. The page gets its errors when it requests data.
  core.sampler.current().catch(() => undefined)
  // A browser that comes at once compiles the page while this thread is busy with the engine.
  await Promise.race([pageSent, sleep(PAGE_MS)])
  const settings = await fileSettings(settingsPath(), warn)
  const engine = await startEngine({ addonPath: addon, settings, readsAlways: true, historyFile }, core)
  const following = new AbortController()
  const hosts = flags.hosts ? await startHosts(engine) : null
  const hooks = targets.length === 0 ? null : await startHooks(engine, targets, flags.onSeverity)
  const scrape = flags.metrics ? await startScrapes(engine, following.signal, hooks) : async () => ''
  return {
    engine,
    hosts,
    metrics: scrape,
    close: async () => {
      following.abort()
      await hosts?.close()
      await hooks?.close()
      await engine.close()
    },
  }
}

async function readTokenOf(path: string): Promise<string> {
  const { readToken } = await import('./metrics.ts')
  return readToken(path)
}

async function startScrapes(
  engine: Engine,
  signal: AbortSignal,
  hooks: FindingHooks | null,
): Promise<Running['metrics']> {
  const { scrapes } = await import('./metrics.ts')
  return scrapes(engine, signal, hooks?.queues)
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
