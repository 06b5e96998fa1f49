/** The store of the Snapshots screen and the player, and the hooks that read it. */
import { useStore } from 'zustand'
import type { RecordingState } from '../../../electron/contract/snapshots.ts'
import type { PageStore } from '../../model/store/store.ts'
import { requiredContext } from '../../ui/required-context.ts'
import { createPlayback, type Playback, type PlaybackState } from './playback.ts'
import { createRecording, type Recording } from './recording.ts'
import { createSnapshots, type Snapshots, type SnapshotsState } from './snapshots.ts'

export type SnapshotsStore = Snapshots & { readonly playback: Playback; readonly recording: Recording }

export function createSnapshotsStore(page: PageStore): SnapshotsStore {
  const playback = createPlayback(page)
  const snapshots = createSnapshots(page, playback)
  return { ...snapshots, playback, recording: createRecording(page, snapshots) }
}

export const [SnapshotsProvider, useSnapshotsStore] = requiredContext<SnapshotsStore>('store of the snapshots')

export function useSnapshots<Value>(select: (snapshots: SnapshotsState) => Value): Value {
  return useStore(useSnapshotsStore().state, select)
}

export function usePlayback<Value>(select: (playback: PlaybackState) => Value): Value {
  return useStore(useSnapshotsStore().playback.state, select)
}

/** null before the first recording. */
export function useRecording(): RecordingState | null {
  return useStore(useSnapshotsStore().recording.state, ({ recording }) => recording)
}
