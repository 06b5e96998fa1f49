/** The events of findings: raised, raised to a higher severity, and cleared. */
import { causeOf } from '../../../contract/finding-types.ts'
import { endpointText, formatCount, formatDuration } from '../../../contract/format.ts'
import type { Finding, GroupKey } from '../../../contract/model.ts'
import { momentAt, type NamespaceName, namespaceOf, type PutEvent } from './event-draft.ts'

const RANKS = { info: 1, warning: 2, critical: 3 } as const

/** A finding of one group, and what the group had lost by then; null where unknown. */
export type FindingState = {
  readonly id: string
  readonly key: GroupKey
  readonly owner: string | null
  readonly finding: Pick<Finding, 'code' | 'severity' | 'summary'>
  readonly lost: number | null
}

/** A finding that was raised before this engine started. */
export type RaisedBefore = Raised & { readonly state: FindingState }

type Raised = { readonly at: number; readonly lost: number | null; severity: Finding['severity'] }

export class FindingEvents {
  readonly #put: PutEvent
  readonly #nameOf: NamespaceName
  readonly #raised = new Map<string, Raised>()

  constructor(put: PutEvent, nameOf: NamespaceName) {
    this.#put = put
    this.#nameOf = nameOf
  }

  /** Takes a finding that is raised, now or still, at `at`, in milliseconds since 1970. */
  raise(state: FindingState, at: number): void {
    const { severity, summary } = state.finding
    const known = this.#raised.get(state.id)
    if (known !== undefined && RANKS[severity] <= RANKS[known.severity]) return
    // What other findings cost is in no drop counter.
    const lost = causeOf(state.finding.code) === 'queue' ? state.lost : null
    if (known === undefined) this.#raised.set(state.id, { at, lost, severity })
    else known.severity = severity
    this.#put({
      ...this.#moment(state, at),
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
    this.#put({
      ...this.#moment(state, at),
      kind: 'cleared',
      severity: known.severity,
      lost,
      summary: `${state.finding.code} cleared after ${formatDuration(at - known.at)}${loss}`,
    })
  }

  /** Takes a finding that was raised before: it is no new event while it is not worse than it was. */
  resume({ state: { id }, at, lost, severity }: RaisedBefore): void {
    this.#raised.set(id, { at, lost, severity })
  }

  /** When this finding was raised, and what had been lost by then; null where it is not raised. */
  raisedBefore(state: FindingState): RaisedBefore | null {
    const raised = this.#raised.get(state.id)
    return raised === undefined ? null : { ...raised, state }
  }

  /** What had been lost when the finding was raised; null where it is not, or that is unknown. */
  lostBefore(id: string): number | null {
    return this.#raised.get(id)?.lost ?? null
  }

  #moment({ id, key, owner }: FindingState, at: number) {
    const moment = momentAt(new Date(at).toISOString())
    return { ...moment, key, owner, finding: id, namespace: namespaceOf(key, this.#nameOf) }
  }
}

/** A finding's sentence without the endpoint that the event has anyway, and without its full stop. */
function withoutPlace(sentence: string, { protocol, address, port, interface: on }: GroupKey): string {
  const place = `${protocol} ${endpointText(address, port)}${on === null ? '' : ` on ${on}`}`
  return sentence.replace(` at ${place}`, '').replace(` of ${place}`, '').replace(/\.$/, '')
}
