/** An engine in the page itself, over a message channel: what is on screen passed through the contract, as in the window. */
import { RPCHandler } from '@orpc/server/message-port'
import type { EngineRouter } from '../../electron/host/request-limit.ts'
import { channelOf } from '../../renderer/model/transport/message-port.ts'
import type { Channel, Transport } from '../../renderer/model/transport/transport.ts'

export type InPageEngine = Transport & {
  /** Ends the connection, and refuses others from now on. */
  cut(): void
}

export function inPageEngine({ router }: { readonly router: EngineRouter }): InPageEngine {
  const handler = new RPCHandler(router)
  let channel: Channel | null = null
  let cut = false
  return {
    peer: 'the engine',
    async open() {
      if (cut) throw new Error('The engine exited.')
      const { port1, port2 } = new MessageChannel()
      handler.upgrade(port2)
      port2.start()
      channel = channelOf(window, port1)
      return channel
    },
    cut() {
      cut = true
      channel?.close('The engine exited.')
    },
  }
}
