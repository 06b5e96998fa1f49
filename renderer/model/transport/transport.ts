/** How the page reaches the engine: one interface for MessagePort and WebSocket. */
import type { ClientContext, ClientLink } from '@orpc/client'
import { createORPCClient } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '../../../electron/contract/contract.ts'

/** Every procedure of the contract as a function that returns a promise. */
export type EngineClient = ContractRouterClient<Contract>

/** One open connection. */
export type Channel = {
  link: ClientLink<ClientContext>
  /** Resolves once, when the channel has closed, with the reason as a sentence. Never rejects. */
  closed: Promise<string>
  /** `reason` is what `closed` then resolves with. */
  close(reason: string): void
}

export interface Transport {
  /** Name of the other side: "the engine", "the server at 127.0.0.1:8080". */
  readonly peer: string
  /** Opens a new channel. Throws an Error whose message says what happened and what to do. */
  open(signal: AbortSignal): Promise<Channel>
}

/** The contract's client over an open channel. */
export function clientOf(channel: Channel): EngineClient {
  return createORPCClient<EngineClient>(channel.link)
}
