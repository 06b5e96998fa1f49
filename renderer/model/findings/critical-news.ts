/** Which incidents have become critical, and how a desktop notification says so. */
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import { causeOf } from '../../../electron/contract/finding-types.ts'
import { visibleText } from '../../ui/visible-text.ts'
import type { Route } from '../route.ts'
import { type Incident, incidentsOf } from './incidents.ts'

/** An incident that clears and comes back within this time is still the same news. */
const SAME_MS = 10 * 60_000

export class CriticalNews {
  /** When each critical incident was last seen; null until the first list. */
  #seen: Map<string, number> | null = null

  /**
   * The incidents of `list` that have become critical. The first list is where it begins: nothing in it is new. `now` in
   * milliseconds.
   */
  take(list: readonly FindingRow[], now: number): Incident[] {
    const critical = incidentsOf(list.filter(({ severity, muted }) => severity === 'critical' && !muted))
    const before = this.#seen
    const seen = new Map([...(before ?? [])].filter(([, at]) => now - at < SAME_MS))
    const fresh = critical.filter((incident) => !seen.has(nameOf(incident)))
    for (const incident of critical) seen.set(nameOf(incident), now)
    this.#seen = seen
    return before === null ? [] : fresh
  }
}

export type NotificationText = {
  readonly title: string
  readonly body: string
  /** A later one with this tag takes its place, also one of another tab. */
  readonly tag: string
  /** Where a click leads. */
  readonly route: Route
}

/** Of at least one incident: what one is, or how many groups there are. */
export function notificationOf(host: string, incidents: readonly Incident[]): NotificationText | null {
  const [first] = incidents
  if (first === undefined) return null
  const title = `Critical on ${visibleText(host)}`
  const groups = new Set(incidents.map(({ lead }) => lead.group)).size
  if (groups > 1) {
    const body = `${groups} groups are in trouble.`
    return { title, body, tag: `${host} groups`, route: { screen: 'findings' } }
  }
  return {
    title,
    body: visibleText(first.lead.summary),
    tag: `${host} ${nameOf(first)}`,
    route: { screen: 'findings', finding: first.lead.id },
  }
}

function nameOf({ lead }: Incident): string {
  return `${causeOf(lead.code)}:${lead.group}`
}
