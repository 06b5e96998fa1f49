/**
 * Entry of the engine's own process (Electron's utilityProcess): a crash of it, or of the addon, does not take the
 * window down.
 */
import { RPCHandler } from '@orpc/server/message-port'
import type { MessagePortMain } from 'electron'
import type { Settings } from '../contract/settings.ts'
import { fileSettings, type SettingsStore, startEngine } from '../engine/index.ts'
import { Hosts } from '../host/hosts/hosts.ts'
import { findPeer, type Peer } from '../host/peers.ts'
import { limitRequests, MAX_PENDING } from '../host/request-limit.ts'
import { isRequestMessage, MAX_MESSAGE } from '../host/request-message.ts'
import { EngineArguments, type EngineReport, PortMessage } from './engine-messages.ts'

const send = (message: EngineReport): void => process.parentPort.postMessage(message)
const report = (message: string): void => void process.stderr.write(`${message}\n`)

/** Reports the theme to the main process whenever it is read or set. */
function reportingTheme(store: SettingsStore): SettingsStore {
  const tell = ({ theme }: Settings): void => send({ type: 'theme', theme })
  return {
    read: () => {
      const settings = store.read()
      tell(settings)
      return settings
    },
    write: (settings) => {
      tell(settings)
      store.write(settings)
    },
  }
}

/** Serves a peer's contract on a page's port. Messages that are not requests are dropped: our page never sends any. */
function answerPage(peer: Peer | null, port: MessagePortMain): void {
  if (peer === null) {
    port.close()
    return
  }
  void peer.ended?.then(() => port.close())
  const handler = new RPCHandler(peer.router, { interceptors: [limitRequests(MAX_PENDING)] })
  handler.upgrade({
    on: (type, listener) => {
      if (type === 'close') port.on('close', () => listener())
      if (type === 'message') {
        port.on('message', ({ data }: { data: unknown }) => {
          if (typeof data === 'string' && data.length <= MAX_MESSAGE && isRequestMessage(data)) listener({ data })
        })
      }
    },
    postMessage: (data: unknown) => port.postMessage(data),
  })
  port.start()
}

async function main(): Promise<void> {
  // Writing to a closed terminal fails; without a listener that would end this process.
  process.stderr.on('error', () => {})
  const { addonPath, settingsPath } = EngineArguments.parse(JSON.parse(process.argv[2] ?? ''))
  const engine = fileSettings(settingsPath, report).then((settings) =>
    startEngine({ addonPath, settings: reportingTheme(settings), readsAlways: true }),
  )
  const hosts = engine.then((near) => new Hosts({ near, report }))
  process.parentPort.on('message', ({ data, ports: [port] }) => {
    const message = PortMessage.safeParse(data)
    if (port === undefined || !message.success) return
    // Where the engine cannot start, that is reported below.
    Promise.all([engine, hosts])
      .then((started) => answerPage(findPeer(message.data.peer, ...started), port))
      .catch(() => undefined)
  })
  // Ctrl+C in a terminal reaches every process of the application. The main process handles it, and ends this one.
  process.on('SIGINT', () => {})
  // Ends labs cleanly. If that takes too long, the process is killed (base::EnsureProcessTerminated()).
  process.once('SIGTERM', () => {
    Promise.all([hosts.then((started) => started.close()), engine.then((started) => started.close())]).finally(() =>
      process.exit(0),
    )
  })
  await engine
}

main().catch((error: unknown) => {
  const cause = error instanceof Error ? error.message : String(error)
  const hint = 'Reinstall the program; in a source tree run `npm run build:native`.'
  send({ type: 'failed', problem: { operation: 'start the engine', cause, hint } })
  // The main process ends this one once it has the report: exiting here could lose the report.
})
