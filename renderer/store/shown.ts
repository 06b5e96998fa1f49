/** What stands in the place of the live picture, on the same screens. */
import type { Kept } from '../../electron/contract/snapshots.ts'
import { turnHistory } from './groups.ts'
import { useSession } from './session.ts'

/** Shows a kept snapshot, or the first picture of a recording. */
export function showKept(kept: Kept): void {
  turnHistory('kept')
  useSession.setState({ shown: kept, picture: pictureId(kept, 0) })
}

/** Shows the machine as it is, again. */
export function showLive(): void {
  if (useSession.getState().shown === null) return
  turnHistory('live')
  useSession.setState({ shown: null, picture: null })
}

/** Moves on to another picture of the recording that is shown. */
export function showPicture(number: number): void {
  const { shown } = useSession.getState()
  if (shown?.kind === 'recording') useSession.setState({ picture: pictureId(shown, number) })
}

/** Names one picture of what is kept, as the contract does. */
export function pictureId({ id, kind }: Kept, number: number): string {
  return kind === 'recording' ? `${id}#${number}` : id
}
