/** Everything about one port, asked again at the interval of the refreshes. */
import { useEffect, useState } from 'react'
import type { Problem } from '../../../electron/contract/errors.ts'
import type { Protocol } from '../../../electron/contract/model.ts'
import type { PortUse } from '../../../electron/contract/port.ts'
import { pause } from '../../model/pause.ts'
import { useSession } from '../../model/store/context.ts'
import { problemOf } from '../../model/store/problem.ts'

/** The answer takes the engine more work than a refresh. */
const MIN_MS = 2000

/** `use`: the last answer; `problem`: why there is no newer one. */
export type PortAnswer = { readonly use: PortUse | null; readonly problem: Problem | null }

export function usePort(port: number, protocol: Protocol | null): PortAnswer {
  const client = useSession((session) => session.client)
  const paused = useSession(({ sampling }) => sampling?.paused ?? false)
  const interval = useSession(({ sampling }) => sampling?.intervalMs ?? MIN_MS)
  const [answer, setAnswer] = useState<PortAnswer>({ use: null, problem: null })
  const everyMs = Math.max(MIN_MS, interval)
  useEffect(() => {
    if (client === null) return
    const end = new AbortController()
    const { signal } = end
    const ask = () =>
      client.machine.port({ port, ...(protocol !== null && { protocol }) }, { signal }).then(
        (use) => setAnswer({ use, problem: null }),
        (error: unknown) => {
          if (!signal.aborted)
            setAnswer(({ use }) => ({ use, problem: problemOf(error, `find who uses port ${port}`) }))
        },
      )
    const run = async () => {
      await ask()
      while (!paused && !signal.aborted) {
        await pause(everyMs, signal)
        if (!signal.aborted) await ask()
      }
    }
    void run()
    return () => end.abort()
  }, [client, port, protocol, paused, everyMs])
  return answer
}
