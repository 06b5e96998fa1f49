/** What a command is given: a terminal to write to, and the engine when it asks for it. */
import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '../../contract/contract.ts'
import type { Problem } from '../../contract/errors.ts'
import type { Shortfall } from '../../contract/model.ts'
import type { Observation } from '../../engine/observation.ts'
import type { Terminal } from './terminal.ts'
import type { Screen, ScreenEvents } from './watch/screen.ts'

/** What a reading lacked, and the same in words. */
export type Lacking = { readonly shortfall: Shortfall; readonly problem: Problem }

export type Client = ContractRouterClient<Contract>

export type Context = {
  readonly terminal: Terminal
  /** What the engine sees; started at the first call, closed by the one who made the context. Enough for one picture. */
  observe(): Promise<Pick<Observation, 'parts' | 'snapshot' | 'processes'>>
  /** The engine's procedures, on the same observation. They take longer to load. */
  connect(): Promise<Client>
  /** What the last reading of the machine lacked, in words; nothing where none was made. */
  lacks(): Promise<readonly Lacking[]>
  /** Standard input. */
  input(): AsyncIterable<Uint8Array>
  /** Aborted when the person asks to end (SIGINT, SIGTERM); from the first call on they end nothing by themselves. */
  interruption(): AbortSignal
  /** Borrows the whole terminal. Throws a Failure where it cannot be drawn on. */
  openScreen(events: ScreenEvents): Screen
}
