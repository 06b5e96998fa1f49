/** Switches the screens between live data and a snapshot or recording. */
import type { StoredItem } from '../../../electron/contract/snapshots.ts'
import { switchHistory } from './groups.ts'
import { useSession } from './session.ts'

/** Opens a stored snapshot, or the first snapshot of a recording. */
export function openStored(kept: StoredItem): void {
  switchHistory('kept')
  useSession.setState({ source: kept, snapshotId: snapshotIdOf(kept, 0) })
}

/** Returns to live data. */
export function showLive(): void {
  if (useSession.getState().source === null) return
  switchHistory('live')
  useSession.setState({ source: null, snapshotId: null })
}

/** Moves to another snapshot of the open recording. */
export function openSnapshotAt(number: number): void {
  const { source } = useSession.getState()
  if (source?.kind === 'recording') useSession.setState({ snapshotId: snapshotIdOf(source, number) })
}

/** The contract's id of one snapshot of a stored item. */
export function snapshotIdOf({ id, kind }: StoredItem, number: number): string {
  return kind === 'recording' ? `${id}#${number}` : id
}
