/** How the page reaches the engine: one interface, a MessagePort or a WebSocket behind it. */
import type { ClientContext, ClientLink } from '@orpc/client'
import { createORPCClient } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '../../electron/contract/contract.ts'

/** Every procedure of the contract as a function that returns a promise. */
export type EngineClient = ContractRouterClient<Contract>

/** One connection, open now. */
export type Channel = {
  link: ClientLink<ClientContext>
  /** Settles once, when the channel is no more, with the reason as a sentence. Never rejects. */
  closed: Promise<string>
  /** `reason` is what `closed` then settles with. */
  close(reason: string): void
}

export interface Transport {
  /** What is on the other side, in words: "the engine", "the server at 127.0.0.1:8080". */
  readonly peer: string
  /** Opens a new channel. Throws an Error whose message says what happened and what to do. */
  open(signal: AbortSignal): Promise<Channel>
}

/** The contract's client over an open channel. */
export function clientOf(channel: Channel): EngineClient {
  return createORPCClient<EngineClient>(channel.link)
}
