/** The engine: reads the machine, and answers the contract. Plain Node; every front starts it in the same way. */
import type { ContractRouterClient } from '@orpc/contract'
import type { Router } from '@orpc/server'
import type { Contract } from '../contract/contract.ts'
import type { SettingsStore } from './settings-store.ts'

export type EngineOptions = {
  /** The built addon, `reuseport.node`. */
  addonPath: string
  settings: SettingsStore
}

export type Engine = {
  /** For a transport: oRPC's RPCHandler over a MessagePort or a WebSocket takes it. */
  // biome-ignore lint/complexity/noBannedTypes: oRPC's own spelling of "no context"
  readonly router: Router<Contract, {}>
  /** The same procedures called in this process. */
  readonly client: ContractRouterClient<Contract>
  /** Stops sampling, ends waiting questions, closes every descriptor. */
  close(): Promise<void>
}
