/** Who waits in the accept queues of the group on screen. */
import { useEffect, useState } from 'react'
import type { Waiting } from '../../../electron/contract/analysis.ts'
import type { GroupRow } from '../../../electron/contract/live.ts'
import { pause } from '../../model/pause.ts'
import { useSession } from '../../model/store/context.ts'
import { problemOf } from '../../model/store/problem.ts'

const EVERY_MS = 2000

/** A text says why it is not known. */
export type KnownWaiting = Waiting | string

const NONE: Waiting = { connections: 0, abandoned: 0, oldestMs: null, oldest: [] }
const ASKED = 'not read yet'

/** null for UDP and in a snapshot. Asked while something is queued. */
export function useWaiting({ id, protocol, queue }: GroupRow): KnownWaiting | null {
  const client = useSession((session) => (session.source === null && protocol === 'tcp' ? session.client : null))
  const some = (queue.length ?? 0) > 0
  const [waiting, setWaiting] = useState<KnownWaiting>(NONE)
  useEffect(() => {
    setWaiting(some ? ASKED : NONE)
    if (client === null || !some) return
    const end = new AbortController()
    const follow = async () => {
      while (!end.signal.aborted) {
        const answer = await client.group.waiting({ id }, { signal: end.signal })
        if (!end.signal.aborted) setWaiting(answer ?? NONE)
        await pause(EVERY_MS, end.signal)
      }
    }
    follow().catch((error: unknown) => {
      if (!end.signal.aborted) setWaiting(problemOf(error, 'find who waits').cause)
    })
    return () => end.abort()
  }, [client, id, some])
  return client === null ? null : waiting
}
