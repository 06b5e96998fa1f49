/** Which clients went to which member of the group on screen, while the component that asks is on screen. */
import { useEffect, useState } from 'react'
import type { FlowsAnswer } from '../../../electron/contract/flows.ts'
import { pause } from '../../model/pause.ts'
import { useSession } from '../../model/store/context.ts'
import { problemOf } from '../../model/store/problem.ts'

const EVERY_MS = 2000

/** null until the first answer. */
export function useFlows(id: string): FlowsAnswer | null {
  const client = useSession(({ client }) => client)
  const [answer, setAnswer] = useState<FlowsAnswer | null>(null)
  useEffect(() => {
    setAnswer(null)
    if (client === null) return
    const end = new AbortController()
    const follow = async () => {
      while (!end.signal.aborted) {
        const answer = await client.group.flows({ id }, { signal: end.signal })
        if (!end.signal.aborted) setAnswer(answer)
        await pause(EVERY_MS, end.signal)
      }
    }
    follow().catch((error: unknown) => {
      if (end.signal.aborted) return
      setAnswer({ recent: null, unknownBecause: problemOf(error, 'sample the clients').cause })
    })
    return () => end.abort()
  }, [client, id])
  return answer
}
