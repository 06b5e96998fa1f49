/** Repeats a query when the members change, at a limited rate. */
import { useEffect, useRef } from 'react'
import { pause } from '../../model/pause.ts'

/**
 * Calls `ask` `restMs` after `question` changed (a debounce for typing), and again whenever `members` changes, but
 * never sooner than `pauseMs` after the last answer. Constant membership churn does not delay answers indefinitely. A
 * null `question` does nothing.
 */
export function usePolledQuery<Question extends object>(
  question: Question | null,
  members: number | string,
  times: { restMs: number; pauseMs: number },
  ask: (question: Question, signal: AbortSignal) => Promise<void>,
): void {
  const newest = useRef(members)
  newest.current = members
  const { restMs, pauseMs } = times
  useEffect(() => {
    if (question === null) return
    const end = new AbortController()
    const run = async () => {
      await pause(restMs, end.signal)
      let answered: number | string | null = null
      while (!end.signal.aborted) {
        if (answered !== newest.current) {
          answered = newest.current
          await ask(question, end.signal)
        }
        await pause(pauseMs, end.signal)
      }
    }
    void run()
    return () => end.abort()
  }, [question, restMs, pauseMs, ask])
}
