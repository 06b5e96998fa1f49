/** The page's side of the connection: opens it, keeps the state current, and performs user actions. */
import { ORPCError, safe } from '@orpc/client'
import { linkedAbort } from '../../../electron/contract/linked-abort.ts'
import { type Connection, keepConnected } from '../transport/reconnect.ts'
import { type Channel, clientOf, type EngineClient, type Transport } from '../transport/transport.ts'
import type { Events } from './events.ts'
import type { Findings } from './findings.ts'
import type { Groups } from './groups.ts'
import type { LabStore } from './lab.ts'
import { problemOf } from './problem.ts'
import { createRetries } from './retries.ts'
import type { SessionStore } from './session.ts'
import type { SettingsStore } from './settings.ts'
import { seedHistory, watchEvents, watchFindings, watchGroups, watchLab } from './streams.ts'

/** An unpaused engine that is silent for this many intervals is probed. */
const SILENT_INTERVALS = 3
const SILENT_AT_LEAST_MS = 5000

export type Engine = {
  /** Connects, and stays connected until the returned function is called. */
  readonly connect: (transport: Transport) => () => void
  /** Immediately retries a lost engine, or one that answered with an error. */
  readonly retryNow: () => void
  /** Pauses or resumes sampling. */
  readonly setPaused: (paused: boolean) => Promise<void>
  /** Refreshes immediately. */
  readonly refresh: () => Promise<void>
}

/** The parts of the store that the engine's answers go to. */
type Parts = {
  readonly session: SessionStore
  readonly settings: SettingsStore
  readonly groups: Groups
  readonly findings: Findings
  readonly events: Events
  readonly lab: LabStore
}

export function createEngine(parts: Parts): Engine {
  const { session, settings } = parts
  const retries = createRetries()
  let connection: Connection | null = null

  const trying = () => {
    const { link } = session.getState()
    if (link.phase === 'lost') session.setState({ link: { ...link, retryAt: null } })
  }

  const lost = (reason: string, retryAt: number) => {
    const { link } = session.getState()
    const since = link.phase === 'lost' ? link.since : Date.now()
    session.setState({ client: null, link: { phase: 'lost', since, reason, retryAt } })
  }

  const opened = (channel: Channel) => {
    const client = clientOf(channel)
    const end = new AbortController()
    void channel.closed.then(() => end.abort())
    // A closed channel first fails its requests, and gives the better reason a moment later.
    const failed = (error: unknown) =>
      setTimeout(() => {
        if (!end.signal.aborted) channel.close(reasonOf(error))
      })
    // In order of urgency: the groups first, and subscribers to a new client last.
    void watchGroups(client, parts, retries, end.signal).catch(failed)
    void loadMachine(client, session, end.signal).catch(failed)
    void settings.load(client, end.signal).catch(failed)
    void watchFindings(client, parts, retries, end.signal).catch(failed)
    void seedHistory(client, parts, end.signal).catch(failed)
    void watchEvents(client, parts.events, retries, end.signal).catch(failed)
    void watchLab(client, parts, retries, end.signal).catch(failed)
    void watchSilence(client, session, end.signal).catch(failed)
    session.setState({ client })
  }

  /** Performs a user action and shows errors of the engine. A lost connection is reported elsewhere. */
  const perform = async <Result>(asked: string, act: (client: EngineClient) => Promise<Result>) => {
    const { client } = session.getState()
    if (!client) return undefined
    const { error, data } = await safe(act(client))
    if (error instanceof ORPCError) session.setState({ problem: problemOf(error, asked) })
    else if (!error) session.setState({ problem: null })
    return data
  }

  return {
    connect(transport) {
      connection = keepConnected(transport, { opened, lost, trying })
      return connection.close
    },
    retryNow() {
      retries.retryNow()
      connection?.retryNow()
    },
    async setPaused(paused) {
      const sampling = await perform(paused ? 'pause' : 'resume', (client) => client.sampling.pause({ paused }))
      if (sampling) session.setState({ sampling })
    },
    async refresh() {
      const sampling = await perform('refresh', (client) => client.sampling.refresh())
      if (sampling) session.setState({ sampling })
    },
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'It took too long to respond.'
  return `Its answer could not be processed: ${error instanceof Error ? error.message : String(error)}.`
}

async function loadMachine(client: EngineClient, session: SessionStore, signal: AbortSignal): Promise<void> {
  const { host, engine, startedAt, namespaces } = await client.machine.about(undefined, { signal })
  session.setState({ machine: { host, engine, startedAt }, namespaces })
}

/** An open connection does not prove a working engine: a silent one is probed, and dropped if it does not answer. */
async function watchSilence(client: EngineClient, session: SessionStore, signal: AbortSignal): Promise<void> {
  let aliveAt = Date.now()
  while (!signal.aborted) {
    const { sampling, lastAnswerAt } = session.getState()
    const timeoutMs = Math.max(SILENT_AT_LEAST_MS, SILENT_INTERVALS * (sampling?.intervalMs ?? 0))
    if (Date.now() - Math.max(lastAnswerAt ?? 0, aliveAt) >= timeoutMs) {
      const limit = linkedAbort([signal], timeoutMs)
      await client.settings.get(undefined, { signal: limit.signal }).finally(limit.release)
      aliveAt = Date.now()
    }
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}
