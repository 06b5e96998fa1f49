/** What a command receives: a terminal to write to, and the engine on request. */
import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '../../contract/contract.ts'
import type { Problem } from '../../contract/errors.ts'
import type { GroupList } from '../../contract/group-list.ts'
import type { Process } from '../../contract/live.ts'
import type { Shortfall } from '../../contract/model.ts'
import type { EngineCore } from '../../engine/index.ts'
import type { Carrier } from '../../host/carrier/carrier.ts'
import type { Terminal } from './terminal.ts'
import type { Screen, ScreenEvents } from './watch/screen.ts'

/** What could not be read, as data and as text. */
export type ReportedShortfall = { readonly shortfall: Shortfall; readonly problem: Problem }

export type Client = ContractRouterClient<Contract>

/** What a command needs for a snapshot, or for one port. */
export type SnapshotSource = Pick<EngineCore, 'parts' | 'snapshot' | 'port'> & {
  /** The groups as table rows, without their members. */
  groupList(request: Parameters<EngineCore['groupList']>[0]): Promise<GroupList>
  /** Details of processes that hold members. Those that are gone or not readable are left out. */
  processes(pids: readonly number[]): Process[] | Promise<Process[]>
}

/** The engine that a command reads from: in this process, or on another host. */
export type CommandEngine = {
  /** Enough for one snapshot; started at the first call. */
  core(): Promise<SnapshotSource>
  /** The engine's procedures. They take longer to load. */
  connect(): Promise<Client>
  /** What the last refresh could not read; empty where there was none. */
  shortfalls(): Promise<readonly ReportedShortfall[]>
  close(): Promise<void>
}

/** The engine is closed by the creator of the context. */
export type Context = Omit<CommandEngine, 'close'> & {
  readonly terminal: Terminal
  /** From now on the engine is that of another host; it is started when it is needed. */
  readFrom(carrier: Carrier): Promise<void>
  /** Standard input. */
  input(): AsyncIterable<Uint8Array>
  /** Aborted by SIGINT and SIGTERM; from the first call on, these signals no longer end the process themselves. */
  interruption(): AbortSignal
  /** Takes over the whole terminal. Throws a Failure where it cannot be drawn on. */
  openScreen(events: ScreenEvents): Screen
}
