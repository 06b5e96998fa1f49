/** Details of processes, fetched on demand and cached for a while. */
import { useEffect, useState } from 'react'
import type { Process } from '../../../electron/contract/live.ts'
import { useSession } from '../../model/store/context.ts'

/** A process may call execve or be moved to another cgroup, so cached details expire. */
const FRESH_MS = 10_000
const MAX_CACHED = 500

type Answer = { at: number; process: Process | null }

export class ProcessCache {
  readonly #answers = new Map<number, Answer>()

  get(pid: number): Answer | undefined {
    return this.#answers.get(pid)
  }

  set(pid: number, answer: Answer): void {
    if (this.#answers.size >= MAX_CACHED) this.#answers.clear()
    this.#answers.set(pid, answer)
  }
}

/** `undefined` while loading, null if the process has exited or cannot be read. */
export function useProcess(cache: ProcessCache, pid: number | null): Process | null | undefined {
  const client = useSession(({ client }) => client)
  const [, redraw] = useState(0)
  useEffect(() => {
    if (pid === null || !client) return
    const answer = cache.get(pid)
    if (answer && Date.now() - answer.at < FRESH_MS) return
    const end = new AbortController()
    client.processes
      .details({ pids: [pid] }, { signal: end.signal })
      .then(([process]) => process ?? null)
      .catch(() => null)
      .then((process) => {
        if (end.signal.aborted) return
        cache.set(pid, { at: Date.now(), process })
        redraw((count) => count + 1)
      })
    return () => end.abort()
  }, [cache, pid, client])
  return pid === null ? null : cache.get(pid)?.process
}
