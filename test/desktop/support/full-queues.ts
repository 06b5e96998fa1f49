/** Listeners whose accept queues are full. */
import type { SocketMaker } from '../../integration/support/socket-maker.ts'
import { readSs } from '../../integration/support/ss.ts'

/**
 * Opens clients until the queue of every listener on this port of the loopback is full: its limit plus one. One round may
 * leave a gap, because a handshake that the machine finishes later leaves nothing behind when its client gives up.
 */
export async function fillQueues(maker: SocketMaker, port: number, backlog: number): Promise<void> {
  do await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 60, stuck: 60 })
  while ((await readSs(null)).some((one) => one.port === port && one.receiveQueue <= backlog))
}
