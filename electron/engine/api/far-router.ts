/** The contract for a page that shows another host: that host's engine answers, but what is stored stays here. */
import { type ContractRouterClient, isContractProcedure } from '@orpc/contract'
import { implement, isProcedure, ORPCError, type Router } from '@orpc/server'
import { type Contract, contract } from '../../contract/contract.ts'
import { Problem } from '../../contract/errors.ts'
import type { EngineContext } from './engine-context.ts'
import { type SnapshotStorage, snapshotHandlers } from './snapshots-router.ts'

export type FarRouterParts = {
  /** The host's engine. Its answers are validated already. */
  readonly far: ContractRouterClient<Contract>
  /** This machine's engine. */
  readonly near: ContractRouterClient<Contract>
  /** Stored snapshots of this machine, and what takes one of the host. */
  readonly snapshots: SnapshotStorage
}

/** Settings, snapshots and recordings are answered here, everything else there. */
export function createFarRouter({ far, near, snapshots }: FarRouterParts): Router<Contract, EngineContext> {
  const os = implement(contract).$config(NO_OUTPUT_VALIDATION)
  const stored = snapshotHandlers(snapshots, async () => (await near.settings.get()).intervalMs)
  const own = {
    snapshots: stored.procedures,
    groups: {
      changes: os.groups.changes.handler(({ input, signal, errors }) =>
        input.snapshot === undefined
          ? relayed(() => far.groups.changes(input, optionsOf(signal)))
          : stored.streams.groups(input.snapshot, input, errors, signal),
      ),
    },
    group: {
      changes: os.group.changes.handler(({ input, signal, errors }) =>
        input.snapshot === undefined
          ? relayed(() => far.group.changes(input, optionsOf(signal)))
          : stored.streams.group(input.snapshot, input, errors, signal),
      ),
    },
    findings: {
      changes: os.findings.changes.handler(({ input, signal, errors }) =>
        input.snapshot === undefined
          ? relayed(() => far.findings.changes(input, optionsOf(signal)))
          : stored.streams.findings(input.snapshot, input, errors, signal),
      ),
    },
    settings: {
      get: os.settings.get.handler(() => near.settings.get()),
      // The engine here passes them on to every shown host (engine.ts).
      set: os.settings.set.handler(({ input }) => near.settings.set(input)),
    },
  }
  return forward(contract, far, own) as Router<Contract, EngineContext>
}

/** As in router.ts: what comes from the host was validated when it arrived. */
const NO_OUTPUT_VALIDATION = { initialOutputValidationIndex: Number.NaN }

type Call = (input: unknown, options: { signal?: AbortSignal }) => Promise<unknown>

function optionsOf(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}

/** A router for `procedures`: those of `own`, and for every other one what passes it on to the same one of `calls`. */
function forward(procedures: object, calls: unknown, own: unknown): object {
  return Object.fromEntries(
    Object.entries(procedures).map(([name, procedure]: [string, object]) => {
      const answers = entryOf(own, name)
      if (isProcedure(answers)) return [name, answers]
      // A client makes its functions when they are asked for.
      const call = Reflect.get(calls as object, name) as unknown
      if (!isContractProcedure(procedure)) return [name, forward(procedure, call, answers)]
      const handler = implement(procedure, NO_OUTPUT_VALIDATION).handler(({ input, signal }) =>
        relayed(() => (call as Call)(input, optionsOf(signal))),
      )
      return [name, handler]
    }),
  )
}

function entryOf(object: unknown, name: string): unknown {
  return typeof object === 'object' && object !== null ? Reflect.get(object, name) : undefined
}

/** What the host's engine answers, its typed errors included; a lost connection is a problem too. */
async function relayed<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof ORPCError || !(error instanceof Error) || !('problem' in error)) throw error
    const problem = Problem.safeParse(error.problem)
    if (!problem.success) throw error
    throw new ORPCError('SERVICE_UNAVAILABLE', { message: error.message, data: problem.data, cause: error })
  }
}
