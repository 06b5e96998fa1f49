/** The engine's recording: starts, stops and follows it. */
import { createStore, type StoreApi } from 'zustand'
import type { RecordingState } from '../../../electron/contract/snapshots.ts'
import { currentRoute, goTo } from '../../model/route.ts'
import type { PageStore } from '../../model/store/store.ts'
import type { EngineClient } from '../../model/transport/transport.ts'
import { type Snapshots, timeAsName } from './snapshots.ts'

const ASK_EVERY_MS = 1000

export type Recording = {
  /** null before the first recording. */
  readonly state: StoreApi<{ recording: RecordingState | null }>
  /** Starts a recording named after the current time. */
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Follows the recording of each engine that the session connects to. */
export function createRecording(
  { session, notices }: Pick<PageStore, 'session' | 'notices'>,
  { working, list }: Snapshots,
): Recording {
  const state = createStore<{ recording: RecordingState | null }>(() => ({ recording: null }))
  /** Aborted when the connection ends. */
  let following = new AbortController()

  /** Polls while a recording is running. A lost connection is reported elsewhere. */
  const watch = async (client: EngineClient, signal: AbortSignal): Promise<void> => {
    try {
      for (;;) {
        const recording = await client.snapshots.recording(undefined, { signal })
        const { recording: before } = state.getState()
        state.setState({ recording })
        if (recording?.running === true) await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS))
        else return before?.running === true ? void (await list(client, signal)) : undefined
      }
    } catch {
      // Polling restarts with the next connection.
    }
  }

  session.subscribe(({ client }, before) => {
    if (client === before.client) return
    following.abort()
    following = new AbortController()
    // Another engine has its own recording, or none.
    state.setState({ recording: null })
    if (client !== null) void watch(client, following.signal)
  })

  return {
    state,
    start() {
      return working('Starting the recording', 'start the recording', async (client, signal) => {
        state.setState({ recording: await client.snapshots.record({ name: timeAsName() }, { signal }) })
        void watch(client, following.signal)
        if (currentRoute().screen === 'snapshots') return
        const show = () => goTo({ screen: 'snapshots' })
        notices.show({ text: 'Recording.', action: { name: 'Show', run: show } })
      })
    },
    stop: () =>
      working('Stopping the recording', 'stop the recording', async (client, signal) => {
        await client.snapshots.stopRecording(undefined, { signal })
        state.setState({ recording: await client.snapshots.recording(undefined, { signal }) })
        await list(client, signal)
      }),
  }
}
