/** What the engine remembers of a group's fullest queue. */
import { useEffect, useState } from 'react'
import type { Sample } from '../../model/history/history.ts'
import { samplesOf } from '../../model/history/samples-of.ts'
import { useSession } from '../../model/store/context.ts'

/** Oldest first; `stepMs` is the longest distance of two. */
export type GroupSamples = { readonly samples: readonly Sample[]; readonly stepMs: number }

/**
 * Since `from`, in milliseconds since 1970, asked for anew when `again` changes. null before the first answer, where the
 * queue was always empty, and without a group.
 */
export function useGroupSamples(group: string | null, from: number | null, again: string | null): GroupSamples | null {
  const client = useSession(({ client }) => client)
  const [answer, setAnswer] = useState<(GroupSamples & { group: string }) | null>(null)
  // A second more or less is no other question.
  const since = from === null ? null : Math.floor(from / 1000) * 1000
  // biome-ignore lint/correctness/useExhaustiveDependencies: again asks again
  useEffect(() => {
    if (client === null || group === null || since === null) return
    const end = new AbortController()
    client.history.group({ id: group, since }, { signal: end.signal }).then(
      ({ steps }) => {
        const stepMs = Math.max(...steps.map((one) => one.stepMs))
        setAnswer(steps.length === 0 ? null : { group, samples: samplesOf(steps), stepMs })
      },
      // The streams report an engine that does not answer.
      () => undefined,
    )
    return () => end.abort()
  }, [client, group, since, again])
  return answer?.group === group ? answer : null
}
