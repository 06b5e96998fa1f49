/** What a filter is applied to, made of what the fronts have. */
import type { LoggedEvent } from '../events.ts'
import type { GroupRow } from '../live.ts'
import type { GroupKey, Severity } from '../model.ts'
import { NO_TROUBLE, severityOf } from '../trouble.ts'
import type { FilteredRow, Subject } from './filter.ts'

type Found = { readonly code: string; readonly severity: Severity; readonly muted: boolean }

/** A group of the machine. `takenAt`: when its values were read, in milliseconds since the epoch. */
export function groupSubject(row: GroupRow, findings: readonly Found[], namespace: string, takenAt: number): Subject {
  return { row, findings, namespace, takenAt, trouble: severityOf(row, findings) }
}

/** A group of which only the key is known, because it is gone. */
export function keySubject(key: GroupKey, namespace: string, takenAt: number): Subject {
  const row: FilteredRow = {
    ...key,
    receiving: 0,
    owners: [],
    ownersHidden: 0,
    pids: [],
    queue: { length: null, limit: null, unit: key.protocol === 'tcp' ? 'connections' : 'bytes' },
    fullest: null,
    imbalance: null,
    drops: null,
    dropsPerSecond: null,
    firstSeenAt: null,
  }
  return { row, namespace, trouble: NO_TROUBLE, findings: [], takenAt }
}

/** What an event knows of its group; null where it is about none. */
export function eventSubject({ key, namespace, at, generations, owner }: LoggedEvent): Subject | null {
  if (key === null) return null
  const subject = keySubject(key, namespace?.name ?? '', Date.parse(at))
  const { members = 0, pids = [] } = generations?.after ?? {}
  const owners = owner === null ? [] : [{ command: owner, processes: 1, service: null }]
  return { ...subject, row: { ...subject.row, receiving: members, pids: [...pids], owners, firstSeenAt: at } }
}
