/** Follows the lab's stream. */
import type { LabChange } from '../../../contract/lab.ts'
import type { Client } from '../context.ts'

/** Passes every change to `take` until it returns true. Rejects when `signal` is aborted. */
export async function followLab(
  client: Client,
  signal: AbortSignal,
  take: (change: LabChange) => boolean | Promise<boolean>,
): Promise<void> {
  for (let after: string | undefined; ; ) {
    const change: LabChange = await client.lab.changes({ after }, { signal })
    if (await take(change)) return
    after = change.cursor
  }
}
