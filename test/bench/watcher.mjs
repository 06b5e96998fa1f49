/**
 * Watches the groups of `reuseport-inspector serve` as its page does: `node test/bench/watcher.mjs URL REFRESHES`. Prints
 * when each refresh was complete, as JSON: milliseconds by CLOCK_MONOTONIC, in order. The first few, which read and
 * classify everything for the first time, count like the others.
 */
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import { WebSocket } from 'ws'

const [address, refreshes] = process.argv.slice(2)
const url = new URL(address)
const token = new URLSearchParams(url.hash.slice(1)).get('token')
const websocket = new WebSocket(`ws://${url.host}/rpc`, ['reuseport-inspector', `token.${token}`], {
  origin: url.origin,
})
await new Promise((resolve, reject) => {
  websocket.once('open', resolve)
  websocket.once('close', (code, reason) => reject(new Error(`the server refused: ${code} ${reason}`)))
  websocket.once('error', reject)
})
const client = createORPCClient(new RPCLink({ websocket }))

const had = []
let cursor
let refresh = 0
while (had.length < Number(refreshes)) {
  const change = await client.groups.changes(cursor === undefined ? {} : { after: cursor })
  cursor = change.cursor
  if (change.more || change.sampler.refresh === refresh) continue
  refresh = change.sampler.refresh
  had.push(Number(process.hrtime.bigint()) / 1e6)
}
console.log(JSON.stringify(had))
websocket.close()
