/** Who waits in the accept queues of the group on screen. */
import { useEffect, useState } from 'react'
import type { Waiting } from '../../../electron/contract/analysis.ts'
import type { GroupRow } from '../../../electron/contract/live.ts'
import { pause } from '../../model/pause.ts'
import { useSession } from '../../model/store/session.ts'

const EVERY_MS = 2000

const NOBODY: Waiting = { connections: 0, abandoned: 0, oldestMs: null, oldest: [] }

/** null for UDP and in a snapshot. Asked while somebody waits. */
export function useWaiting({ id, protocol, queue }: GroupRow): Waiting | null {
  const client = useSession((session) => (session.source === null && protocol === 'tcp' ? session.client : null))
  const some = (queue.length ?? 0) > 0
  const [waiting, setWaiting] = useState(NOBODY)
  useEffect(() => {
    setWaiting(NOBODY)
    if (client === null || !some) return
    const end = new AbortController()
    const follow = async () => {
      while (!end.signal.aborted) {
        const answer = await client.group.waiting({ id }, { signal: end.signal })
        if (!end.signal.aborted) setWaiting(answer ?? NOBODY)
        await pause(EVERY_MS, end.signal)
      }
    }
    // A removed group, or a lost link, is said elsewhere.
    follow().catch(() => undefined)
    return () => end.abort()
  }, [client, id, some])
  return client === null ? null : waiting
}
