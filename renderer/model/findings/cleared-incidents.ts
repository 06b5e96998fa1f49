/** Incidents that are over, from the events that the engine remembers. */
import type { LoggedEvent } from '../../../electron/contract/events.ts'
import { causeOf, compareImportance, SEVERITY_RANKS, textsFor } from '../../../electron/contract/finding-types.ts'
import type { GroupKey, Severity } from '../../../electron/contract/model.ts'

/** A finding of an incident that is over. Times in milliseconds since 1970; null where the event is forgotten. */
export type PastFinding = {
  /** `code:group`. */
  readonly id: string
  readonly code: string
  /** The highest that it had. */
  readonly severity: Severity
  /** As it was when it had that severity. */
  readonly summary: string
  readonly raisedAt: number | null
  readonly clearedAt: number
}

export type ClearedIncident = {
  readonly key: GroupKey
  readonly owner: string | null
  /** Milliseconds since 1970. With the group and the cause, this names it. */
  readonly beganAt: number
  readonly clearedAt: number
  /** null where unknown, or where the kernel's counters do not count it. */
  readonly lost: number | null
  readonly lead: PastFinding
  /** The others, by importance. */
  readonly also: readonly PastFinding[]
  /** Its last event, which tells the group as it was. */
  readonly last: LoggedEvent
}

/** The incidents of which no finding is raised any more. `events` has the newest first, and so has the result. */
export function clearedIncidents(events: readonly LoggedEvent[]): ClearedIncident[] {
  const byName = new Map<string, LoggedEvent[]>()
  for (const event of events) {
    if (event.incident === null || event.finding === null) continue
    const name = `${causeOf(codeOf(event.finding))}:${event.key?.id} ${event.incident.beganAt}`
    const others = byName.get(name)
    if (others === undefined) byName.set(name, [event])
    else others.push(event)
  }
  return [...byName.values()].flatMap((events) => incidentOf(events) ?? [])
}

/** The one with this finding that began at `beganAt`, or the newest with it. */
export function clearedWith(
  incidents: readonly ClearedIncident[],
  id: string,
  beganAt: number | null,
): ClearedIncident | undefined {
  return incidents.find(
    ({ lead, also, beganAt: began }) =>
      (beganAt === null || began === beganAt) && [lead, ...also].some((finding) => finding.id === id),
  )
}

/** null while one of its findings is raised. The newest event first. */
function incidentOf(events: readonly LoggedEvent[]): ClearedIncident | null {
  const [last] = events
  if (last?.incident == null || last.key === null || last.kind !== 'cleared') return null
  const findings: PastFinding[] = []
  for (const id of new Set(events.flatMap(({ finding }) => finding ?? []))) {
    const finding = findingOf(id, events)
    if (finding === null) return null
    findings.push(finding)
  }
  const [lead, ...also] = findings.sort(compareImportance)
  if (lead === undefined) return null
  const { key, owner, incident } = last
  const { beganAt, lost } = incident
  return { key, owner, beganAt: Date.parse(beganAt), clearedAt: Date.parse(last.at), lost, lead, also, last }
}

/** null where it is raised. */
function findingOf(id: string, events: readonly LoggedEvent[]): PastFinding | null {
  const own = events.filter(({ finding }) => finding === id)
  const [last] = own
  if (last === undefined || last.kind !== 'cleared') return null
  const raised = own.filter(({ kind }) => kind === 'raised')
  const worst = raised.reduce<LoggedEvent | null>(
    (worst, event) => (rankOf(event) > rankOf(worst) ? event : worst),
    null,
  )
  const first = raised.at(-1)
  const code = codeOf(id)
  return {
    id,
    code,
    severity: last.severity ?? 'info',
    summary: worst?.summary ?? textsFor(code).tag,
    raisedAt: first === undefined ? null : Date.parse(first.at),
    clearedAt: Date.parse(last.at),
  }
}

function rankOf(event: LoggedEvent | null): number {
  return event === null ? 0 : SEVERITY_RANKS[event.severity ?? 'none']
}

function codeOf(finding: string): string {
  return finding.split(':', 1)[0] ?? ''
}
