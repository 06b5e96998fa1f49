/** Who waits in the accept queues of a group: connections that no process has accepted yet. */
import type { Waiting } from '../../contract/analysis.ts'
import type { Collector } from '../collect/collector.ts'
import type { FrameView } from '../collect/frame-view.ts'
import { addressText } from '../common/addresses.ts'
import { belongsTo } from './connections.ts'

const MAX_LISTED = 20
/** TCP_CLOSE_WAIT: the client has closed its side (include/net/tcp_states.h). */
const CLOSE_WAIT = 8
/** `kUnknownWait` (native/common/port_dump.h). */
const UNKNOWN_WAIT = 0xffff_ffff

/** null for UDP, and where it is unknown which connections belong to the group. Reads the frame before it waits. */
export async function waitingIn(collector: Collector, frame: FrameView, row: number): Promise<Waiting | null> {
  const { netns, protocol, family, localPort } = frame.destination(row)
  if (protocol !== 'tcp') return null
  const belongs = belongsTo(frame, row, !collector.isMissing('tcp'))
  if (belongs === null) return null
  const textFamily = frame.groupFamily(row)
  const dump = await collector.reader.dumpPort({ netns, protocol, family, state: 'waiting', port: localPort })
  const found: Waiting['oldest'] = []
  for (let at = 0; at < dump.cookies.length; at++) {
    const bytes = (all: Uint8Array) => all.subarray(16 * at, 16 * at + 16)
    if (!belongs(bytes(dump.addresses), dump.interfaces[at] ?? 0)) continue
    const waited = dump.waitedMs[at] ?? UNKNOWN_WAIT
    found.push({
      address: addressText(bytes(dump.remoteAddresses), textFamily),
      port: dump.remotePorts[at] ?? 0,
      waitedMs: waited === UNKNOWN_WAIT ? null : waited,
      abandoned: dump.states[at] === CLOSE_WAIT,
    })
  }
  found.sort((a, b) => (b.waitedMs ?? -1) - (a.waitedMs ?? -1))
  return {
    connections: found.length,
    abandoned: found.filter(({ abandoned }) => abandoned).length,
    oldestMs: found[0]?.waitedMs ?? null,
    oldest: found.slice(0, MAX_LISTED),
  }
}
