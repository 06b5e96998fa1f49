/** The page's side of the connection: opens it, keeps the session and the groups current, and acts for the person. */
import { ORPCError, safe } from '@orpc/client'
import { linkedAbort } from '../../electron/contract/linked-abort.ts'
import type { GroupsChange } from '../../electron/contract/live.ts'
import type { Namespace } from '../../electron/contract/model.ts'
import { Settings } from '../../electron/contract/settings.ts'
import { type Connection, keepConnected } from '../transport/reconnect.ts'
import { type Channel, clientOf, type EngineClient, type Transport } from '../transport/transport.ts'
import { failFindings, takeFindings } from './findings.ts'
import { follow, followShown } from './follow.ts'
import { groups } from './groups.ts'
import { failLab, takeLab } from './lab.ts'
import { problemOf } from './problem.ts'
import { type Session, useSession } from './session.ts'

/** An engine that is not paused and is silent for this many intervals is asked whether it is still there. */
const SILENT_INTERVALS = 3
const SILENT_AT_LEAST_MS = 5000
const ASK_REFUSED_AGAIN_MS = 10_000

let connection: Connection | null = null

/** Connects, and stays connected until the page ends. */
export function startSession(transport: Transport): void {
  connection = keepConnected(transport, { opened, lost, trying })
}

/** Tries again now to reach a lost engine, or one that refused. */
export function retryNow(): void {
  for (const again of [...refused]) again()
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
  // A channel that was cut fails its questions first, and gives the better reason a moment later.
  const failed = (error: unknown) =>
    setTimeout(() => {
      if (!end.signal.aborted) channel.close(reasonOf(error))
    })
  // In the order in which somebody waits for the answers: the groups first, and what else begins with a client last.
  void watchGroups(client, end.signal).catch(failed)
  void greet(client, end.signal).catch(failed)
  void watchFindings(client, end.signal).catch(failed)
  void watchLab(client, end.signal).catch(failed)
  void watchSilence(client, end.signal).catch(failed)
  useSession.setState({ client })
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'It took too long to answer.'
  return `Its answer could not be used: ${error instanceof Error ? error.message : String(error)}.`
}

/** What was chosen while no engine was there to store it. */
let unsent: Partial<Settings> = {}

async function greet(client: EngineClient, signal: AbortSignal): Promise<void> {
  const [{ host, engine, startedAt, namespaces }, settings] = await Promise.all([
    client.machine.about(undefined, { signal }),
    client.settings.get(undefined, { signal }),
  ])
  const chosen = unsent
  unsent = {}
  useSession.setState({ machine: { host, engine, startedAt }, namespaces, settings: { ...settings, ...chosen } })
  if (Object.keys(chosen).length > 0) await store(client, chosen)
}

/** Restarts the stream when plain sockets are asked for or not any more, and when something else is shown. */
async function watchGroups(client: EngineClient, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const all = useSession.getState().settings?.plainSockets ?? false
    const { shown } = useSession.getState()
    const [both, stop] = until(
      signal,
      (session) => (session.settings?.plainSockets ?? false) !== all || session.shown !== shown,
    )
    try {
      await followShown(
        (picture, after, signal) => client.groups.changes({ all, ...picture, ...after }, { signal }),
        take,
        both,
      )
    } catch (error) {
      if (both.aborted) continue
      if (!(error instanceof ORPCError && error.defined)) throw error
      // The engine is there and says no: that is shown, and asked again later.
      const problem = problemOf(error, 'every group')
      useSession.setState({ refusal: { problem, forbidden: error.code === 'FORBIDDEN' } })
      await retryLater(both)
    } finally {
      stop()
    }
  }
}

/** A signal that is aborted with `signal`, or when the session is as `ended` says; and what ends the looking. */
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

/** Reads a stream beside the groups, on every screen. An engine that says no is shown to say so, and asked again later. */
async function watchBeside(
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

/** The navigation counts what is wrong, or was when what is shown was taken. */
async function watchFindings(client: EngineClient, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { shown } = useSession.getState()
    const [both, stop] = until(signal, (session) => session.shown !== shown)
    const read = (signal: AbortSignal) =>
      followShown(
        (picture, after, signal) => client.findings.changes({ ...picture, ...after }, { signal }),
        takeFindings,
        signal,
      )
    await watchBeside(read, (error) => failFindings(problemOf(error, 'what is wrong')), both).finally(stop)
  }
}

function watchLab(client: EngineClient, signal: AbortSignal): Promise<void> {
  const read = (signal: AbortSignal) =>
    follow(
      (after, signal) => client.lab.changes(after === undefined ? {} : { after }, { signal }),
      (change) => takeLab(change, Date.now()),
      signal,
    )
  return watchBeside(read, (error) => failLab(problemOf(error, 'the lab')), signal)
}

/** Ends every wait before a refused question is asked again. */
const refused = new Set<() => void>()

function retryLater(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const again = () => {
      clearTimeout(timer)
      refused.delete(again)
      resolve()
    }
    const timer = setTimeout(again, ASK_REFUSED_AGAIN_MS)
    refused.add(again)
    signal.addEventListener('abort', again, { once: true })
  })
}

function take(change: GroupsChange): void {
  const now = Date.now()
  groups.apply(change, now)
  useSession.setState((session) => ({
    link: session.link.phase === 'open' ? session.link : { phase: 'open', since: now },
    sampling: change.sampling,
    totals: change.totals,
    namespaces: sameNamespaces(session.namespaces, change.namespaces) ? session.namespaces : change.namespaces,
    heardAt: now,
    complete: session.complete || !change.more,
    refusal: null,
  }))
}

/** A connection that stays open is no proof of an engine that works: one that is silent is asked, and given up on. */
async function watchSilence(client: EngineClient, signal: AbortSignal): Promise<void> {
  let provedAt = Date.now()
  while (!signal.aborted) {
    const { sampling, heardAt } = useSession.getState()
    const patience = Math.max(SILENT_AT_LEAST_MS, SILENT_INTERVALS * (sampling?.intervalMs ?? 0))
    if (Date.now() - Math.max(heardAt ?? 0, provedAt) >= patience) {
      const limit = linkedAbort([signal], patience)
      await client.settings.get(undefined, { signal: limit.signal }).finally(limit.release)
      provedAt = Date.now()
    }
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

function sameNamespaces(a: readonly Namespace[], b: readonly Namespace[]): boolean {
  return a.length === b.length && a.every((one, i) => one.inode === b[i]?.inode && one.name === b[i]?.name)
}

/** Stops sampling, or goes on. */
export async function setPaused(paused: boolean): Promise<void> {
  const sampling = await attempt(paused ? 'to pause' : 'to resume', (client) => client.sampling.pause({ paused }))
  if (sampling) useSession.setState({ sampling })
}

/** Reads once, now. */
export async function refresh(): Promise<void> {
  const sampling = await attempt('to read once, now', (client) => client.sampling.refresh())
  if (sampling) useSession.setState({ sampling })
}

/** Shows a changed setting at once and has the engine store it. What cannot be stored holds until the page ends, and says so. */
export async function changeSettings(change: Partial<Settings>): Promise<void> {
  const { client, settings } = useSession.getState()
  useSession.setState({ settings: { ...(settings ?? Settings.parse({})), ...change } })
  if (client) await store(client, change)
  else unsent = { ...unsent, ...change }
}

async function store(client: EngineClient, change: Partial<Settings>): Promise<void> {
  const { error } = await safe(client.settings.set(change))
  // Cut off in the middle: it is sent again to the next engine.
  if (error && !(error instanceof ORPCError)) unsent = { ...change, ...unsent }
  else useSession.setState({ problem: error ? problemOf(error, 'to store the settings') : null })
}

/** Does something for the person; what the engine refuses is shown. A lost connection shows itself. */
async function attempt<Result>(
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
