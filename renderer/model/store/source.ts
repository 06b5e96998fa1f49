/** Switches the screens between live data and a snapshot or recording. */
import type { StoredItem } from '../../../electron/contract/snapshots.ts'
import type { Groups } from './groups.ts'
import type { SessionStore } from './session.ts'

export type Source = {
  /** Opens a stored snapshot, or a snapshot of a recording, by default the first. */
  readonly openStored: (kept: StoredItem, snapshot?: number) => void
  /** Returns to live data. */
  readonly showLive: () => void
  /** Moves to another snapshot of the open recording. */
  readonly openSnapshotAt: (number: number) => void
}

export function createSource(session: SessionStore, groups: Groups): Source {
  return {
    openStored(kept, snapshot = 0) {
      groups.switchHistory('kept')
      session.setState({ source: kept, snapshotId: snapshotIdOf(kept, snapshot) })
    },
    showLive() {
      if (session.getState().source === null) return
      groups.switchHistory('live')
      session.setState({ source: null, snapshotId: null })
    },
    openSnapshotAt(number) {
      const { source } = session.getState()
      if (source?.kind === 'recording') session.setState({ snapshotId: snapshotIdOf(source, number) })
    },
  }
}

/** The number of the snapshot within its recording, from 0; null for a single snapshot, or live. */
export function numberOf(snapshotId: string | null): number | null {
  const number = /#(\d+)$/.exec(snapshotId ?? '')?.[1]
  return number === undefined ? null : Number(number)
}

/** The contract's id of one snapshot of a stored item. */
export function snapshotIdOf({ id, kind }: StoredItem, number: number): string {
  return kind === 'recording' ? `${id}#${number}` : id
}
