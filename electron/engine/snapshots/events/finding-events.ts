/** The events of findings: raised, raised to a higher severity, and cleared; each with the incident that it is part of. */
import type { Incident } from '../../../contract/events.ts'
import { causeOf, FINDING_CODES } from '../../../contract/finding-types.ts'
import { endpointText, formatCount, formatDuration } from '../../../contract/format.ts'
import type { Finding, GroupKey } from '../../../contract/model.ts'
import { type EventSink, momentAt, namespaceOf } from './event-draft.ts'

const RANKS = { info: 1, warning: 2, critical: 3 } as const

/** A finding is raised at the latest by this many readings that show its cause, and cleared after more without. */
export const READINGS_TO_RAISE = 3

/**
 * A finding of one group, and what the group had lost by then, also how much of it in the last READINGS_TO_RAISE
 * readings; null where unknown.
 */
export type FindingState = {
  readonly id: string
  readonly key: GroupKey
  readonly owner: string | null
  readonly finding: Pick<Finding, 'code' | 'severity' | 'summary'>
  readonly lost: number | null
  readonly lostLately: number | null
}

/** A finding that was raised before this engine started. */
export type RaisedBefore = Raised & { readonly state: FindingState }

/** What began at `at`, in milliseconds since 1970, and what its group had lost by then; null where unknown. */
type Begun = { readonly at: number; readonly lost: number | null }
type Raised = Begun & { readonly incident: Begun; severity: Finding['severity'] }

export class FindingEvents {
  readonly #sink: EventSink
  readonly #raised = new Map<string, Raised>()

  constructor(sink: EventSink) {
    this.#sink = sink
  }

  /** Takes a finding that is raised, now or still, at `at`, in milliseconds since 1970. */
  raise(state: FindingState, at: number): void {
    const { severity, summary } = state.finding
    const known = this.#raised.get(state.id)
    if (known !== undefined && RANKS[severity] <= RANKS[known.severity]) return
    // What other findings cost is in no drop counter.
    const lost = causeOf(state.finding.code) === 'queue' ? state.lost : null
    const begun = begunBefore(at, lost, state.lostLately)
    const incident = known?.incident ?? this.#incidentOf(state) ?? begun
    if (known === undefined) this.#raised.set(state.id, { ...begun, incident, severity })
    else known.severity = severity
    this.#sink.put({
      ...this.#moment(state, at),
      incident: incidentAt(incident, state.lost),
      kind: 'raised',
      severity,
      summary: withoutPlace(summary, state.key),
    })
  }

  /** Takes a finding that has cleared; nothing where it was not raised. */
  clear(state: FindingState, at: number): void {
    const known = this.#raised.get(state.id)
    if (known === undefined) return
    this.#raised.delete(state.id)
    const lost = state.lost === null || known.lost === null ? null : Math.max(0, state.lost - known.lost)
    const loss = lost === null ? '' : lost === 0 ? ', nothing lost' : `, ${formatCount(lost)} lost`
    this.#sink.put({
      ...this.#moment(state, at),
      incident: incidentAt(known.incident, state.lost),
      kind: 'cleared',
      severity: known.severity,
      lost,
      summary: `${state.finding.code} cleared after ${formatDuration(at - known.at)}${loss}`,
    })
  }

  /** Takes a finding that was raised before: it is no new event while it is not worse than it was. */
  resume({ state: { id }, ...raised }: RaisedBefore): void {
    this.#raised.set(id, raised)
  }

  /** When this finding was raised, and what had been lost by then; null where it is not raised. */
  raisedBefore(state: FindingState): RaisedBefore | null {
    const raised = this.#raised.get(state.id)
    return raised === undefined ? null : { ...raised, state }
  }

  /** The incident of a raised finding, where the group has lost `lost` by now; null where it is not raised. */
  incidentWith(id: string, lost: number): Incident | null {
    const raised = this.#raised.get(id)
    return raised === undefined ? null : incidentAt(raised.incident, lost)
  }

  /** The open incident that a finding becomes part of; null where there is none. */
  #incidentOf({ key, finding }: FindingState): Begun | null {
    const cause = causeOf(finding.code)
    for (const code of FINDING_CODES) {
      const raised = causeOf(code) === cause ? this.#raised.get(`${code}:${key.id}`) : undefined
      if (raised !== undefined) return raised.incident
    }
    return null
  }

  #moment({ id, key, owner }: FindingState, at: number) {
    const moment = momentAt(new Date(at).toISOString())
    return { ...moment, key, owner, finding: id, namespace: namespaceOf(key, this.#sink) }
  }
}

/** The losses that raised a finding belong to it. */
function begunBefore(at: number, lost: number | null, lately: number | null): Begun {
  return { at, lost: lost === null ? null : Math.max(0, lost - (lately ?? 0)) }
}

function incidentAt({ at, lost: before }: Begun, lost: number | null): Incident {
  return {
    beganAt: new Date(at).toISOString(),
    lost: lost === null || before === null ? null : Math.max(0, lost - before),
  }
}

/** A finding's sentence without the endpoint that the event has anyway, and without its full stop. */
function withoutPlace(sentence: string, { protocol, address, port, interface: on }: GroupKey): string {
  const place = `${protocol} ${endpointText(address, port)}${on === null ? '' : ` on ${on}`}`
  return sentence.replace(` at ${place}`, '').replace(` of ${place}`, '').replace(/\.$/, '')
}
