/** A hook that posts the event to a web server. */
import { setTimeout as pause } from 'node:timers/promises'
import { hookDocument } from './hook-event.ts'
import type { Hook } from './hook-queue.ts'

/** Milliseconds before each further attempt: a server may be restarting. */
const RETRIES_MS = [2000, 8000]

/** Posts JSON to `address` and expects an answer with a status of 2xx. Throws, with what to do, for a wrong address. */
export function webhook(address: string, retriesMs: readonly number[] = RETRIES_MS): Hook {
  const url = parsed(address)
  return {
    // The path is a secret of many services.
    name: `The webhook at ${url.origin}`,
    kind: 'webhook',
    async call(event, signal) {
      const body = JSON.stringify(hookDocument(event))
      for (const retryMs of retriesMs) {
        try {
          return await post(url, body, signal)
        } catch (error) {
          if (signal.aborted) throw error
          await pause(retryMs, undefined, { signal, ref: false })
        }
      }
      await post(url, body, signal)
    },
  }
}

async function post(url: URL, body: string, signal: AbortSignal): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'reuseport-inspector' },
    body,
    // Only the server that was named is sent anything.
    redirect: 'manual',
    signal,
  }).catch((error: unknown) => {
    throw new Error(`it cannot be reached (${reasonOf(error)})`, { cause: error })
  })
  await answer.body?.cancel()
  if (!answer.ok) throw new Error(`it answered with status ${answer.status}`)
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  if (!(cause instanceof Error)) return String(cause)
  return 'code' in cause ? String(cause.code) : cause.message
}

function parsed(address: string): URL {
  let url: URL
  try {
    url = new URL(address)
  } catch (error) {
    throw new Error('The address of --on-finding is not a valid URL.', { cause: error })
  }
  if (url.username !== '' || url.password !== '') {
    throw new Error(
      'The address of --on-finding contains a user name or password, which every user of this machine could read in the list of processes. Use a command that reads it from a file.',
    )
  }
  return url
}
