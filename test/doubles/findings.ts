/** Findings for tests. */
import type { FindingRow, FindingsChange } from '../../electron/contract/analysis.ts'
import type { GroupRow } from '../../electron/contract/live.ts'
import { groupRow } from './group-rows.ts'
import { aSampling } from './snapshots.ts'

/** A warning about `group`, raised at the beginning of 2026; `given` overrides. */
export function aFinding(given: Partial<FindingRow> = {}, group: GroupRow = groupRow()): FindingRow {
  const code = given.code ?? 'port-hijackable'
  const { id, netns, protocol, family, v6only, address, port, interface: bound, uid, user, sharing, evidence } = group
  return {
    id: `${code}:${id}`,
    code,
    severity: 'warning',
    group: id,
    members: [],
    summary: `Any user can bind ${protocol} ${address}:${port} too and take its datagrams.`,
    evidence: [{ name: 'members', value: 4, unit: null }],
    explanation: 'SO_REUSEADDR undoes what SO_REUSEPORT protects.',
    advice: 'Do not set SO_REUSEADDR.',
    mentions: [],
    key: { id, netns, protocol, family, v6only, address, port, interface: bound, uid, user, sharing, evidence },
    raisedAt: '2026-01-01T00:00:00.000Z',
    muted: false,
    ...given,
  }
}

/** One answer of the stream. */
export function aFindingsChange(rows: FindingRow[], given: Partial<FindingsChange> = {}): FindingsChange {
  return { cursor: 'p', reset: false, more: false, removed: [], rows, sampler: aSampling(), ...given }
}
