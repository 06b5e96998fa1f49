/**
 * Unshared sockets on the port of the group on screen. They can shadow a group, and the page's own stream omits them
 * while they are hidden. So this reads the stream of the port, immediately and then periodically.
 */
import type { GroupRow } from '../../../electron/contract/live.ts'
import { pause } from '../../model/pause.ts'
import { nextFrame } from '../../model/store/follow.ts'
import type { EngineClient } from '../../model/transport/transport.ts'

/** Between two reads: neighbors rarely change, and the first read returns all of them. */
const READ_EVERY_MS = 5000

/**
 * Calls `changed` with the unshared sockets on `port` whenever they change, until `signal` is aborted. Rejects with the
 * engine's errors.
 */
export async function watchPort(
  client: EngineClient,
  port: number,
  changed: (rows: readonly GroupRow[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const rows = new Map<string, GroupRow>()
  let after: string | undefined
  while (!signal.aborted) {
    const change = await client.groups.changes(
      { all: true, port, ...(after === undefined ? {} : { after }) },
      { signal },
    )
    after = change.cursor
    let touched = change.reset && rows.size > 0
    if (change.reset) rows.clear()
    for (const id of change.removed) touched = rows.delete(id) || touched
    for (const row of change.rows) {
      if (row.sharing === 'none') {
        rows.set(row.id, row)
        touched = true
      } else touched = rows.delete(row.id) || touched
    }
    if (signal.aborted) return
    if (touched) changed([...rows.values()])
    if (change.more) await nextFrame()
    else await pause(READ_EVERY_MS, signal)
  }
}
