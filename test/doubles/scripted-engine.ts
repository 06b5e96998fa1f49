/** An engine with scripted answers, through the contract's own validation. */
import type { ContractRouterClient } from '@orpc/contract'
import { createRouterClient, implement } from '@orpc/server'
import type {
  Balance,
  FindingsChange,
  PacketPath,
  Probe,
  SteeringMap,
  WhatIf,
} from '../../electron/contract/analysis.ts'
import { type Contract, contract, type Selection } from '../../electron/contract/contract.ts'
import type { Problem } from '../../electron/contract/errors.ts'
import type { LoggedEvent } from '../../electron/contract/events.ts'
import type { GroupsChange, PermissionCheck } from '../../electron/contract/live.ts'
import type { Snapshot } from '../../electron/contract/model.ts'
import type { PortUse } from '../../electron/contract/port.ts'
import { Settings } from '../../electron/contract/settings.ts'
import { partsOf } from '../../electron/engine/snapshots/parts.ts'
import type { Context } from '../../electron/fronts/cli/context.ts'
import { toGroupList } from '../../electron/fronts/cli/summary.ts'
import { MemoryDouble } from './memory.ts'
import { NO_FLOWS } from './no-analysis.ts'
import { noLab } from './no-lab.ts'
import { noSnapshots } from './no-snapshots.ts'
import { aSampling, aSnapshot } from './snapshots.ts'

export type Script = {
  snapshot?: Snapshot | ((request: { selection: Selection; owners: boolean }) => Snapshot)
  /** Answers of the stream, one after another; when they run out, a request waits for its signal. */
  changes?: readonly GroupsChange[]
  checks?: readonly PermissionCheck[]
  /** Answers about groups; others are not found. */
  probe?: Probe
  port?: PortUse
  map?: SteeringMap
  path?: PacketPath
  balance?: Balance
  whatIf?: WhatIf
  findings?: readonly FindingsChange[]
  events?: readonly LoggedEvent[]
  /** Every snapshot fails with this. */
  problem?: Problem
}

type Observed = Awaited<ReturnType<Context['core']>>

export type ScriptedEngine = {
  /** Answers from the same script. */
  readonly core: Observed
  readonly client: ContractRouterClient<Contract>
  /** All requests, in order: the procedure and its input. */
  readonly asked: { procedure: string; input: unknown }[]
}

export function scriptedEngine(script: Script = {}): ScriptedEngine {
  const asked: ScriptedEngine['asked'] = []
  const changes = [...(script.changes ?? [])]
  const findings = [...(script.findings ?? [])]
  let settings = Settings.parse({})
  const memory = new MemoryDouble()
  memory.happen(...(script.events ?? []))
  const os = implement(contract)
  const given = <T>(procedure: string, input: unknown, answer: T | undefined, missing: () => Error): T => {
    asked.push({ procedure, input })
    if (answer === undefined) throw missing()
    return answer
  }
  const unscripted = { data: script.problem ?? { operation: 'this', cause: 'it is not scripted', hint: null } }
  const router = os.router({
    snapshot: os.snapshot.handler(({ input, errors }) => {
      asked.push({ procedure: 'snapshot', input })
      if (script.problem !== undefined) throw errors.NOT_FOUND({ data: script.problem })
      if (typeof script.snapshot === 'function') return script.snapshot(input)
      return script.snapshot ?? aSnapshot()
    }),
    groups: {
      changes: os.groups.changes.handler(async ({ input, signal }) => {
        asked.push({ procedure: 'groups.changes', input })
        const next = changes.shift()
        if (next !== undefined) return next
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
      }),
    },
    snapshots: noSnapshots(),
    lab: noLab(),
    ...memory.handlers(() => aSampling()),
    steering: {
      probe: os.steering.probe.handler(({ input, errors }) =>
        given('steering.probe', input, script.probe, () => errors.NOT_FOUND(unscripted)),
      ),
      map: os.steering.map.handler(({ input, errors }) =>
        given('steering.map', input, script.map, () => errors.NOT_FOUND(unscripted)),
      ),
      path: os.steering.path.handler(({ input, errors }) =>
        given('steering.path', input, script.path, () => errors.NOT_FOUND(unscripted)),
      ),
    },
    findings: {
      steps: os.findings.steps.handler(({ errors }) => {
        throw errors.NOT_FOUND(unscripted)
      }),
      changes: os.findings.changes.handler(async ({ input, signal }) => {
        asked.push({ procedure: 'findings.changes', input })
        const next = findings.shift()
        if (next !== undefined) return next
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
      }),
    },
    group: {
      balance: os.group.balance.handler(({ input, errors }) =>
        given('group.balance', input, script.balance, () => errors.NOT_FOUND(unscripted)),
      ),
      waiting: os.group.waiting.handler(() => null),
      flows: os.group.flows.handler(() => NO_FLOWS),
      whatIf: os.group.whatIf.handler(({ input, errors }) =>
        given('group.whatIf', input, script.whatIf, () => errors.NOT_FOUND(unscripted)),
      ),
      changes: os.group.changes.handler(({ input, errors }) => {
        throw errors.NOT_FOUND({ data: { operation: `group ${input.id}`, cause: 'there is none', hint: null } })
      }),
    },
    processes: { details: os.processes.details.handler(() => []) },
    machine: {
      counters: os.machine.counters.handler(() => []),
      port: os.machine.port.handler(({ input, errors }) =>
        given('machine.port', input, script.port, () => errors.NOT_FOUND(unscripted)),
      ),
      about: os.machine.about.handler(() => {
        const { host, namespaces, takenAt } = aSnapshot()
        return { host, namespaces, engine: 'scripted', startedAt: takenAt }
      }),
      capabilities: os.machine.capabilities.handler(() => ({
        host: aSnapshot().host,
        checks: [...(script.checks ?? [])],
      })),
    },
    sampling: {
      pause: os.sampling.pause.handler(({ input }) => {
        asked.push({ procedure: 'sampling.pause', input })
        return aSampling({ paused: input.paused })
      }),
      refresh: os.sampling.refresh.handler(() => aSampling()),
    },
    settings: {
      get: os.settings.get.handler(() => settings),
      set: os.settings.set.handler(({ input }) => {
        asked.push({ procedure: 'settings.set', input })
        settings = Settings.parse({ ...settings, ...input })
        return settings
      }),
    },
  })
  const client = createRouterClient(router)
  const core: Observed = {
    snapshot: (request) => client.snapshot(request),
    async *parts({ selection, frame }) {
      yield* partsOf(await client.snapshot({ selection, owners: frame.processes !== 'never' }))
    },
    groupList: async (request) => toGroupList(await client.snapshot(request)),
    async port(question) {
      const { host, namespaces } = aSnapshot()
      return { use: await client.machine.port(question), namespaces, uid: host.uid }
    },
    processes: () => [],
  }
  return { core, client, asked }
}
