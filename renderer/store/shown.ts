/** Switches the screens between live data and a snapshot or recording. */
import type { Kept } from '../../electron/contract/snapshots.ts'
import { turnHistory } from './groups.ts'
import { useSession } from './session.ts'

/** Opens a stored snapshot, or the first snapshot of a recording. */
export function showKept(kept: Kept): void {
  turnHistory('kept')
  useSession.setState({ shown: kept, picture: pictureId(kept, 0) })
}

/** Returns to live data. */
export function showLive(): void {
  if (useSession.getState().shown === null) return
  turnHistory('live')
  useSession.setState({ shown: null, picture: null })
}

/** Moves to another snapshot of the open recording. */
export function showPicture(number: number): void {
  const { shown } = useSession.getState()
  if (shown?.kind === 'recording') useSession.setState({ picture: pictureId(shown, number) })
}

/** The contract's id of one snapshot of a stored item. */
export function pictureId({ id, kind }: Kept, number: number): string {
  return kind === 'recording' ? `${id}#${number}` : id
}
