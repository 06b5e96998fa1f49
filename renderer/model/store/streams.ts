/** Reads the engine's streams that are needed on every screen: groups, findings, events, lab. */
import type { LabChange } from '../../../electron/contract/lab.ts'
import { linkedAbort } from '../../../electron/contract/linked-abort.ts'
import type { Cursor, GroupsChange } from '../../../electron/contract/live.ts'
import type { Namespace } from '../../../electron/contract/model.ts'
import { samplesOf } from '../history/samples-of.ts'
import type { EngineClient } from '../transport/transport.ts'
import { clockAhead, engineNow } from './engine-clock.ts'
import type { Events } from './events.ts'
import type { Findings } from './findings.ts'
import { follow, followShown } from './follow.ts'
import type { Groups } from './groups.ts'
import type { LabStore } from './lab.ts'
import { problemOf } from './problem.ts'
import type { Retries } from './retries.ts'
import type { Session, SessionStore } from './session.ts'

/** Restarts the stream when unshared sockets are switched on or off, and when another source is shown. */
export async function watchGroups(
  client: EngineClient,
  { session, groups }: { session: SessionStore; groups: Groups },
  retries: Retries,
  signal: AbortSignal,
): Promise<void> {
  const take = (change: GroupsChange) => {
    const now = Date.now()
    groups.table.apply(change, now)
    const { takenAt, paused } = change.sampler
    // The first answer may be of an older frame; later ones are sent as soon as there is a new one.
    const dates = !change.reset && !paused && takenAt !== null && session.getState().source === null
    session.setState((session) => ({
      link: session.link.phase === 'open' ? session.link : { phase: 'open', since: now },
      sampling: change.sampler,
      totals: change.totals,
      namespaces: sameNamespaces(session.namespaces, change.namespaces) ? session.namespaces : change.namespaces,
      lastAnswerAt: now,
      clockAheadMs: dates ? clockAhead(session.clockAheadMs, Date.parse(takenAt), now) : session.clockAheadMs,
      complete: session.complete || !change.more,
      failure: null,
    }))
  }
  while (!signal.aborted) {
    const all = session.getState().settings?.unsharedSockets ?? false
    const { source: shown } = session.getState()
    const [both, stop] = until(
      session,
      ({ settings, source }) => (settings?.unsharedSockets ?? false) !== all || source !== shown,
      signal,
    )
    const read = (signal: AbortSignal) =>
      followShown(
        session,
        (source, after, signal) => client.groups.changes({ all, ...source, ...after }, { signal }),
        take,
        signal,
      )
    await retries
      .keepReading(
        read,
        (error) => {
          const problem = problemOf(error, 'read the groups')
          session.setState({ failure: { problem, forbidden: error.code === 'FORBIDDEN' } })
        },
        both,
      )
      .finally(stop)
  }
}

/** Follows the findings, live or of the open snapshot: the navigation shows their count on every screen. */
export async function watchFindings(
  client: EngineClient,
  { session, findings }: { session: SessionStore; findings: Findings },
  retries: Retries,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const { source: shown } = session.getState()
    const [both, stop] = until(session, ({ source }) => source !== shown, signal)
    const read = (signal: AbortSignal) =>
      followShown(
        session,
        (source, after, signal) => client.findings.changes({ ...source, ...after }, { signal }),
        findings.take,
        signal,
      )
    await retries.keepReading(read, (error) => findings.fail(problemOf(error, 'read the findings')), both).finally(stop)
  }
}

/** The table's trends are a minute long. */
const SEEDED_MS = 120_000

/** Adds what the engine remembers from before this page was opened to its history, once the groups are known. */
export async function seedHistory(
  client: EngineClient,
  { session, groups }: { session: SessionStore; groups: Groups },
  signal: AbortSignal,
): Promise<void> {
  const [complete, stop] = until(session, ({ complete }) => complete, signal)
  if (!session.getState().complete)
    await new Promise<void>((resolve) => complete.addEventListener('abort', () => resolve()))
  stop()
  const since = Math.max(0, Date.now() - SEEDED_MS)
  for (let skip = 0; !signal.aborted; ) {
    const answer = await client.history.groups({ since, skip }, { signal })
    if (answer.groups.length === 0 || session.getState().source !== null) return
    for (const { id, steps } of answer.groups) {
      if (groups.table.get(id) !== undefined) groups.history.seed(id, samplesOf(steps))
    }
    skip += answer.groups.length
  }
}

/** Follows the events of the live machine: the navigation shows their count on every screen. */
export function watchEvents(
  client: EngineClient,
  events: Events,
  retries: Retries,
  signal: AbortSignal,
): Promise<void> {
  const read = followed((request, options) => client.events.changes(request, options), events.take)
  return retries.keepReading(read, (error) => events.fail(problemOf(error, 'read the events')), signal)
}

export function watchLab(
  client: EngineClient,
  { session, lab }: { session: SessionStore; lab: LabStore },
  retries: Retries,
  signal: AbortSignal,
): Promise<void> {
  const take = (change: LabChange) => lab.take(change, engineNow(session))
  const read = followed((request, options) => client.lab.changes(request, options), take)
  return retries.keepReading(read, (error) => lab.fail(problemOf(error, 'read the lab')), signal)
}

/** A function that follows this stream until its signal is aborted. */
function followed<Change extends { cursor: Cursor }>(
  changes: (request: { after?: Cursor }, options: { signal: AbortSignal }) => Promise<Change>,
  take: (change: Change) => void,
): (signal: AbortSignal) => Promise<void> {
  return (signal) => follow((after, signal) => changes(after === undefined ? {} : { after }, { signal }), take, signal)
}

/**
 * A signal that is aborted with `signal` or when `ended` returns true for the session, and a function that stops
 * watching.
 */
function until(
  session: SessionStore,
  ended: (session: Session) => boolean,
  signal: AbortSignal,
): [AbortSignal, stop: () => void] {
  const end = linkedAbort([signal])
  const unsubscribe = session.subscribe((session) => {
    if (ended(session)) end.abort()
  })
  const stop = () => {
    unsubscribe()
    end.release()
  }
  return [end.signal, stop]
}

function sameNamespaces(a: readonly Namespace[], b: readonly Namespace[]): boolean {
  return a.length === b.length && a.every((one, i) => one.inode === b[i]?.inode && one.name === b[i]?.name)
}
