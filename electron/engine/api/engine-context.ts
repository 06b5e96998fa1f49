/** What every procedure is given besides its request: nothing. */
export type EngineContext = Record<never, never>
