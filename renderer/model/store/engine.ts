/** The page's side of the connection: opens it, keeps the session and groups current, and performs user actions. */
import { ORPCError, safe } from '@orpc/client'
import { linkedAbort } from '../../../electron/contract/linked-abort.ts'
import type { GroupsChange } from '../../../electron/contract/live.ts'
import type { Namespace } from '../../../electron/contract/model.ts'
import { Settings } from '../../../electron/contract/settings.ts'
import { type Connection, keepConnected } from '../transport/reconnect.ts'
import { type Channel, clientOf, type EngineClient, type Transport } from '../transport/transport.ts'
import { failFindings, takeFindings } from './findings.ts'
import { follow, followShown } from './follow.ts'
import { groups } from './groups.ts'
import { failLab, takeLab } from './lab.ts'
import { problemOf } from './problem.ts'
import { type Session, useSession } from './session.ts'

/** An unpaused engine that is silent for this many intervals is probed. */
const SILENT_INTERVALS = 3
const SILENT_AT_LEAST_MS = 5000
const RETRY_MS = 10_000

let connection: Connection | null = null

/** Connects, and stays connected until the page closes. */
export function startSession(transport: Transport): void {
  connection = keepConnected(transport, { opened, lost, trying })
}

/** Immediately retries a lost engine, or one that answered with an error. */
export function retryNow(): void {
  for (const again of [...retries]) again()
  connection?.retryNow()
}

function trying(): void {
  const { link } = useSession.getState()
  if (link.phase === 'lost') useSession.setState({ link: { ...link, retryAt: null } })
}

function lost(reason: string, retryAt: number): void {
  const { link } = useSession.getState()
  const since = link.phase === 'lost' ? link.since : Date.now()
  useSession.setState({ client: null, link: { phase: 'lost', since, reason, retryAt } })
}

function opened(channel: Channel): void {
  const client = clientOf(channel)
  const end = new AbortController()
  void channel.closed.then(() => end.abort())
  // A closed channel first fails its requests, and gives the better reason a moment later.
  const failed = (error: unknown) =>
    setTimeout(() => {
      if (!end.signal.aborted) channel.close(reasonOf(error))
    })
  // In order of urgency: the groups first, and subscribers to a new client last.
  void watchGroups(client, end.signal).catch(failed)
  void loadMachine(client, end.signal).catch(failed)
  void watchFindings(client, end.signal).catch(failed)
  void watchLab(client, end.signal).catch(failed)
  void watchSilence(client, end.signal).catch(failed)
  useSession.setState({ client })
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'It took too long to respond.'
  return `Its answer could not be processed: ${error instanceof Error ? error.message : String(error)}.`
}

/** Settings changed while no engine was connected. */
let pendingSettings: Partial<Settings> = {}

async function loadMachine(client: EngineClient, signal: AbortSignal): Promise<void> {
  const [{ host, engine, startedAt, namespaces }, settings] = await Promise.all([
    client.machine.about(undefined, { signal }),
    client.settings.get(undefined, { signal }),
  ])
  const chosen = pendingSettings
  pendingSettings = {}
  useSession.setState({ machine: { host, engine, startedAt }, namespaces, settings: { ...settings, ...chosen } })
  if (Object.keys(chosen).length > 0) await store(client, chosen)
}

/** Restarts the stream when unshared sockets are switched on or off, and when another source is shown. */
async function watchGroups(client: EngineClient, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const all = useSession.getState().settings?.unsharedSockets ?? false
    const { source: shown } = useSession.getState()
    const [both, stop] = until(
      signal,
      (session) => (session.settings?.unsharedSockets ?? false) !== all || session.source !== shown,
    )
    try {
      await followShown(
        (source, after, signal) => client.groups.changes({ all, ...source, ...after }, { signal }),
        take,
        both,
      )
    } catch (error) {
      if (both.aborted) continue
      if (!(error instanceof ORPCError && error.defined)) throw error
      // The engine answered with an error: show it, and retry later.
      const problem = problemOf(error, 'read the groups')
      useSession.setState({ failure: { problem, forbidden: error.code === 'FORBIDDEN' } })
      await retryLater(both)
    } finally {
      stop()
    }
  }
}

/**
 * A signal that is aborted with `signal` or when `ended` returns true for the session, and a function that stops
 * watching.
 */
function until(signal: AbortSignal, ended: (session: Session) => boolean): [AbortSignal, stop: () => void] {
  const end = linkedAbort([signal])
  const unsubscribe = useSession.subscribe((session) => {
    if (ended(session)) end.abort()
  })
  const stop = () => {
    unsubscribe()
    end.release()
  }
  return [end.signal, stop]
}

/** Reads a further stream on every screen. Errors of the engine are reported, and the stream is retried later. */
async function watchWithRetry(
  read: (signal: AbortSignal) => Promise<void>,
  refuse: (error: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await read(signal)
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof ORPCError && error.defined)) throw error
      refuse(error)
      await retryLater(signal)
    }
  }
}

/** Follows the findings, live or of the open snapshot: the navigation shows their count on every screen. */
async function watchFindings(client: EngineClient, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { source: shown } = useSession.getState()
    const [both, stop] = until(signal, (session) => session.source !== shown)
    const read = (signal: AbortSignal) =>
      followShown(
        (source, after, signal) => client.findings.changes({ ...source, ...after }, { signal }),
        takeFindings,
        signal,
      )
    await watchWithRetry(read, (error) => failFindings(problemOf(error, 'read the findings')), both).finally(stop)
  }
}

function watchLab(client: EngineClient, signal: AbortSignal): Promise<void> {
  const read = (signal: AbortSignal) =>
    follow(
      (after, signal) => client.lab.changes(after === undefined ? {} : { after }, { signal }),
      (change) => takeLab(change, Date.now()),
      signal,
    )
  return watchWithRetry(read, (error) => failLab(problemOf(error, 'read the lab')), signal)
}

/** Functions that end the waits before a failed stream is retried. */
const retries = new Set<() => void>()

function retryLater(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const again = () => {
      clearTimeout(timer)
      retries.delete(again)
      resolve()
    }
    const timer = setTimeout(again, RETRY_MS)
    retries.add(again)
    signal.addEventListener('abort', again, { once: true })
  })
}

function take(change: GroupsChange): void {
  const now = Date.now()
  groups.apply(change, now)
  useSession.setState((session) => ({
    link: session.link.phase === 'open' ? session.link : { phase: 'open', since: now },
    sampling: change.sampler,
    totals: change.totals,
    namespaces: sameNamespaces(session.namespaces, change.namespaces) ? session.namespaces : change.namespaces,
    lastAnswerAt: now,
    complete: session.complete || !change.more,
    failure: null,
  }))
}

/** An open connection does not prove a working engine: a silent one is probed, and dropped if it does not answer. */
async function watchSilence(client: EngineClient, signal: AbortSignal): Promise<void> {
  let aliveAt = Date.now()
  while (!signal.aborted) {
    const { sampling, lastAnswerAt } = useSession.getState()
    const timeoutMs = Math.max(SILENT_AT_LEAST_MS, SILENT_INTERVALS * (sampling?.intervalMs ?? 0))
    if (Date.now() - Math.max(lastAnswerAt ?? 0, aliveAt) >= timeoutMs) {
      const limit = linkedAbort([signal], timeoutMs)
      await client.settings.get(undefined, { signal: limit.signal }).finally(limit.release)
      aliveAt = Date.now()
    }
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

function sameNamespaces(a: readonly Namespace[], b: readonly Namespace[]): boolean {
  return a.length === b.length && a.every((one, i) => one.inode === b[i]?.inode && one.name === b[i]?.name)
}

/** Pauses or resumes sampling. */
export async function setPaused(paused: boolean): Promise<void> {
  const sampling = await perform(paused ? 'pause' : 'resume', (client) => client.sampling.pause({ paused }))
  if (sampling) useSession.setState({ sampling })
}

/** Refreshes immediately. */
export async function refresh(): Promise<void> {
  const sampling = await perform('refresh', (client) => client.sampling.refresh())
  if (sampling) useSession.setState({ sampling })
}

/**
 * Applies changed settings immediately and has the engine store them. Settings that cannot be stored hold until the
 * page closes, with an error.
 */
export async function changeSettings(change: Partial<Settings>): Promise<void> {
  const { client, settings } = useSession.getState()
  useSession.setState({ settings: { ...(settings ?? Settings.parse({})), ...change } })
  if (client) await store(client, change)
  else pendingSettings = { ...pendingSettings, ...change }
}

async function store(client: EngineClient, change: Partial<Settings>): Promise<void> {
  const { error } = await safe(client.settings.set(change))
  // Disconnected: sent again after reconnecting.
  if (error && !(error instanceof ORPCError)) pendingSettings = { ...change, ...pendingSettings }
  else useSession.setState({ problem: error ? problemOf(error, 'store the settings') : null })
}

/** Performs a user action and shows errors of the engine. A lost connection is reported elsewhere. */
async function perform<Result>(
  asked: string,
  act: (client: EngineClient) => Promise<Result>,
): Promise<Result | undefined> {
  const { client } = useSession.getState()
  if (!client) return undefined
  const { error, data } = await safe(act(client))
  if (error instanceof ORPCError) useSession.setState({ problem: problemOf(error, asked) })
  else if (!error) useSession.setState({ problem: null })
  return data
}
