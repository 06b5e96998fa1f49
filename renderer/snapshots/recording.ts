/** The recording that the engine makes for its pages: begun and ended here, and how it goes. */
import { create } from 'zustand'
import type { RecordingState } from '../../electron/contract/snapshots.ts'
import { goTo } from '../route.ts'
import { useSession } from '../store/session.ts'
import type { EngineClient } from '../transport/transport.ts'
import { list, timeAsName, working } from './store.ts'

const ASK_EVERY_MS = 1000

/** null before the first one. */
export const useRecording = create<{ recording: RecordingState | null }>(() => ({ recording: null }))

/** Begins to record, under the time as its name. */
export function startRecording(): Promise<void> {
  goTo({ screen: 'snapshots' })
  return working('Beginning to record', async (client, signal) => {
    useRecording.setState({ recording: await client.snapshots.record({ name: timeAsName() }, { signal }) })
    void watch(client, following.signal)
  })
}

export function stopRecording(): Promise<void> {
  return working('Ending the recording', async (client, signal) => {
    await client.snapshots.stopRecording(undefined, { signal })
    useRecording.setState({ recording: await client.snapshots.recording(undefined, { signal }) })
    await list(client, signal)
  })
}

/** Ends with the connection. */
let following = new AbortController()

/** Follows how the recording of the engine goes. To be called once. */
export function startRecordingWatch(): void {
  useSession.subscribe(({ client }, before) => {
    if (client === before.client) return
    following.abort()
    following = new AbortController()
    // Another engine records nothing, or something else.
    useRecording.setState({ recording: null })
    if (client !== null) void watch(client, following.signal)
  })
}

/** Asks for as long as one is running. A connection that is lost shows itself elsewhere. */
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
    // Asked again with the next connection.
  }
}
