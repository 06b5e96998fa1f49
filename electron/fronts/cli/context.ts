/** What a command receives: a terminal to write to, and the engine on request. */
import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '../../contract/contract.ts'
import type { Problem } from '../../contract/errors.ts'
import type { Shortfall } from '../../contract/model.ts'
import type { EngineCore } from '../../engine/index.ts'
import type { Terminal } from './terminal.ts'
import type { Screen, ScreenEvents } from './watch/screen.ts'

/** What could not be read, as data and as text. */
export type ReportedShortfall = { readonly shortfall: Shortfall; readonly problem: Problem }

export type Client = ContractRouterClient<Contract>

export type Context = {
  readonly terminal: Terminal
  /** The engine's core, enough for one snapshot; started at the first call, closed by the creator of the context. */
  core(): Promise<Pick<EngineCore, 'parts' | 'snapshot' | 'processes'>>
  /** The engine's procedures, on the same core. They take longer to load. */
  connect(): Promise<Client>
  /** What the last refresh could not read; empty where there was none. */
  shortfalls(): Promise<readonly ReportedShortfall[]>
  /** Standard input. */
  input(): AsyncIterable<Uint8Array>
  /** Aborted by SIGINT and SIGTERM; from the first call on, these signals no longer end the process themselves. */
  interruption(): AbortSignal
  /** Takes over the whole terminal. Throws a Failure where it cannot be drawn on. */
  openScreen(events: ScreenEvents): Screen
}
