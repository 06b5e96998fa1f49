/** The engine's recording: starts, stops and follows it. */
import { create } from 'zustand'
import type { RecordingState } from '../../../electron/contract/snapshots.ts'
import { goTo } from '../../model/route.ts'
import { useSession } from '../../model/store/session.ts'
import type { EngineClient } from '../../model/transport/transport.ts'
import { list, timeAsName, working } from './store.ts'

const ASK_EVERY_MS = 1000

/** null before the first recording. */
export const useRecording = create<{ recording: RecordingState | null }>(() => ({ recording: null }))

/** Starts a recording named after the current time. */
export function startRecording(): Promise<void> {
  goTo({ screen: 'snapshots' })
  return working('Starting the recording', 'start the recording', async (client, signal) => {
    useRecording.setState({ recording: await client.snapshots.record({ name: timeAsName() }, { signal }) })
    void watch(client, following.signal)
  })
}

export function stopRecording(): Promise<void> {
  return working('Stopping the recording', 'stop the recording', async (client, signal) => {
    await client.snapshots.stopRecording(undefined, { signal })
    useRecording.setState({ recording: await client.snapshots.recording(undefined, { signal }) })
    await list(client, signal)
  })
}

/** Aborted when the connection ends. */
let following = new AbortController()

/** Follows the engine's recording. Call once. */
export function startRecordingWatch(): void {
  useSession.subscribe(({ client }, before) => {
    if (client === before.client) return
    following.abort()
    following = new AbortController()
    // Another engine has its own recording, or none.
    useRecording.setState({ recording: null })
    if (client !== null) void watch(client, following.signal)
  })
}

/** Polls while a recording is running. A lost connection is reported elsewhere. */
async function watch(client: EngineClient, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      const recording = await client.snapshots.recording(undefined, { signal })
      const { recording: before } = useRecording.getState()
      useRecording.setState({ recording })
      if (recording?.running === true) await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS))
      else return before?.running === true ? void (await list(client, signal)) : undefined
    }
  } catch {
    // Polling restarts with the next connection.
  }
}
