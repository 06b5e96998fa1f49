/** What a command is given: a terminal to write to, and the engine when it asks for it. */
import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '../../contract/contract.ts'
import type { Observation } from '../../engine/observation.ts'
import type { Terminal } from './terminal.ts'
import type { Screen, ScreenEvents } from './watch/screen.ts'

export type Client = ContractRouterClient<Contract>

export type Context = {
  readonly terminal: Terminal
  /** What the engine sees; started at the first call, closed by the one who made the context. Enough for one picture. */
  observe(): Promise<Pick<Observation, 'parts' | 'snapshot' | 'processes'>>
  /** The engine's procedures, on the same observation. They take longer to load. */
  connect(): Promise<Client>
  /** Standard input. */
  input(): AsyncIterable<Uint8Array>
  /** Aborted when the person asks to end (SIGINT, SIGTERM); from the first call on they end nothing by themselves. */
  interruption(): AbortSignal
  /** Borrows the whole terminal. Throws a Failure where it cannot be drawn on. */
  openScreen(events: ScreenEvents): Screen
}
