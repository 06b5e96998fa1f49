/** Reads the engine's streams that are needed on every screen: groups, findings, lab. */
import { linkedAbort } from '../../../electron/contract/linked-abort.ts'
import type { GroupsChange } from '../../../electron/contract/live.ts'
import type { Namespace } from '../../../electron/contract/model.ts'
import type { EngineClient } from '../transport/transport.ts'
import { clockAhead, engineNow } from './engine-clock.ts'
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

export function watchLab(
  client: EngineClient,
  { session, lab }: { session: SessionStore; lab: LabStore },
  retries: Retries,
  signal: AbortSignal,
): Promise<void> {
  const read = (signal: AbortSignal) =>
    follow(
      (after, signal) => client.lab.changes(after === undefined ? {} : { after }, { signal }),
      (change) => lab.take(change, engineNow(session)),
      signal,
    )
  return retries.keepReading(read, (error) => lab.fail(problemOf(error, 'read the lab')), signal)
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
