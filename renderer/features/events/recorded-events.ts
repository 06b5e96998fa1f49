/** The events of the recording that is shown. */
import { useCallback, useState } from 'react'
import type { Problem } from '../../../electron/contract/errors.ts'
import type { LoggedEvent } from '../../../electron/contract/events.ts'
import { useEachClient } from '../../model/store/context.ts'
import { problemOf } from '../../model/store/problem.ts'
import type { EngineClient } from '../../model/transport/transport.ts'

export type RecordedLog = {
  /** The newest first. */
  readonly list: readonly LoggedEvent[]
  /** Older events, which are not in the list. */
  readonly omitted: number
  /** When the recording ended. */
  readonly until: number
  /** The number of the first snapshot that shows an event, by its id. */
  readonly snapshots: ReadonlyMap<number, number>
}
export type RecordedAnswer = { readonly log: RecordedLog | null; readonly problem: Problem | null }

/** Read once for each recording: reading a long one takes the engine a while. */
export function useRecordedEvents(id: string): RecordedAnswer {
  const [answer, setAnswer] = useState<RecordedAnswer>({ log: null, problem: null })
  const read = useCallback(
    (client: EngineClient, signal: AbortSignal) =>
      client.snapshots.events({ id }, { signal }).then(
        ({ events, snapshots, omitted, until }) =>
          setAnswer({
            log: {
              list: events.toReversed(),
              omitted,
              until: Date.parse(until),
              snapshots: new Map(events.map(({ id }, at) => [id, snapshots[at] ?? 0])),
            },
            problem: null,
          }),
        (error: unknown) => {
          if (!signal.aborted) setAnswer({ log: null, problem: problemOf(error, 'read the events') })
        },
      ),
    [id],
  )
  useEachClient(read)
  return answer
}
