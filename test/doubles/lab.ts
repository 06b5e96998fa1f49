/** A lab controlled by a test, for states that real listeners do not reach on demand, and for screenshots. */
import { implement, ORPCError } from '@orpc/server'
import { contract } from '../../electron/contract/contract.ts'
import type { Problem } from '../../electron/contract/errors.ts'
import type {
  Lab,
  LabChange,
  LabChoices,
  LabMember,
  LabWorker,
  MemberAction,
  Recipe,
  RecipeRun,
  Traffic,
  Variant,
} from '../../electron/contract/lab.ts'
import { ListenRequest, TrafficRequest } from '../../electron/contract/lab.ts'

const STARTED = '2026-01-01T12:00:00.000Z'
const HOST_NETNS = 4026531840

type Procedure = 'listen' | 'add' | 'member' | 'stop' | 'traffic' | 'stopTraffic' | 'run' | 'recipes' | 'changes'

export class LabDouble {
  #state: Omit<LabChange, 'cursor'> = { labs: [], unresponsive: [], ended: [], run: null }
  #revision = 0
  #wake: (() => void)[] = []
  /** The procedures that fail, and their errors. */
  readonly refusals = new Map<
    Procedure,
    { code: 'UNPROCESSABLE_CONTENT' | 'FORBIDDEN' | 'NOT_IMPLEMENTED'; problem: Problem }
  >()
  /** All requests, in order. */
  readonly asked: { procedure: Procedure; input: unknown }[] = []
  /** While set, the stream answers nothing. */
  silent = false
  recipes: Recipe[] = someRecipes()
  choices: LabChoices = {
    user: 'ada',
    users: ['ada', 'www-data'],
    addresses: ['127.0.0.1', '::1', '10.20.0.7'],
    interfaces: ['lo', 'eth0'],
    cpus: 4,
    maxListeners: 1000,
  }

  /** Shows this from now on. */
  show(change: Partial<Omit<LabChange, 'cursor'>>): void {
    this.#state = { ...this.#state, ...change }
    this.#revision++
    for (const wake of this.#wake.splice(0)) wake()
  }

  get labs(): readonly Lab[] {
    return this.#state.labs
  }

  get router() {
    const os = implement(contract).lab
    return {
      changes: os.changes.handler(async ({ input, signal }) => {
        this.#refuse('changes')
        while (this.silent || input.after === String(this.#revision)) {
          await new Promise<void>((resolve) => {
            this.#wake.push(resolve)
            signal?.addEventListener('abort', () => resolve())
          })
          signal?.throwIfAborted()
          this.#refuse('changes')
        }
        return { cursor: String(this.#revision), ...this.#state }
      }),
      choices: os.choices.handler(() => this.choices),
      listen: os.listen.handler(({ input }) => {
        this.#note('listen', input)
        const lab = aLab({ id: (0xa0 + this.labs.length).toString(16).padStart(8, '0'), request: input })
        this.show({ labs: [...this.labs, lab] })
        return lab
      }),
      add: os.add.handler(({ input }) => {
        this.#note('add', input)
        return this.#change(input.id, (lab) => {
          const index = lab.members.length
          return {
            ...lab,
            members: [...lab.members, aMember(index)],
            workers: [...lab.workers, aWorker(index)],
          }
        })
      }),
      member: os.member.handler(({ input }) => {
        this.#note('member', input)
        const states: Record<MemberAction['action'], LabMember['state']> = {
          stall: 'stalled',
          resume: 'normal',
          close: 'closed',
        }
        return this.#change(input.id, (lab) => ({
          ...lab,
          members: lab.members.map((one) =>
            one.index === input.member ? { ...one, state: states[input.action] } : one,
          ),
        }))
      }),
      stop: os.stop.handler(({ input }) => {
        this.#note('stop', input)
        this.show({ labs: this.labs.filter(({ id }) => id !== input.id) })
        return null
      }),
      traffic: os.traffic.handler(({ input }) => {
        this.#note('traffic', input)
        return this.#change(input.id, (lab) => ({ ...lab, traffic: someTraffic({ request: input }) }))
      }),
      stopTraffic: os.stopTraffic.handler(({ input }) => {
        this.#note('stopTraffic', input)
        return this.#change(input.id, (lab) => ({
          ...lab,
          traffic: lab.traffic && { ...lab.traffic, endedAt: STARTED },
        }))
      }),
      recipes: os.recipes.handler(() => {
        this.#refuse('recipes')
        return this.recipes
      }),
      run: os.run.handler(({ input }) => {
        this.#note('run', input)
        const run = threeWays({ recipe: input.recipe, size: input.size })
        this.show({ run })
        return run
      }),
      stopRun: os.stopRun.handler(() => {
        const { run } = this.#state
        const verdict = { outcome: 'stopped' as const, summary: 'It was stopped.', detail: 'Nothing is left of it.' }
        if (run !== null) this.show({ run: { ...run, endedAt: STARTED, verdict } })
        return null
      }),
    }
  }

  #note(procedure: Procedure, input: unknown): void {
    this.asked.push({ procedure, input })
    this.#refuse(procedure)
  }

  #refuse(procedure: Procedure): void {
    const refusal = this.refusals.get(procedure)
    if (refusal) throw new ORPCError(refusal.code, { defined: true, data: refusal.problem })
  }

  #change(id: string, change: (lab: Lab) => Lab): Lab {
    const lab = this.labs.find((one) => one.id === id)
    if (lab === undefined) {
      const data: Problem = { operation: `lab ${id}`, cause: 'there is none', hint: null }
      throw new ORPCError('NOT_FOUND', { defined: true, data })
    }
    const changed = change(lab)
    this.show({ labs: this.labs.map((one) => (one === lab ? changed : one)) })
    return changed
  }
}

export function aMember(index: number, given: Partial<LabMember> = {}): LabMember {
  return { index, cookie: String(8000 + index), inode: 70_000 + index, pid: 4200, uid: 1000, state: 'normal', ...given }
}

export function aWorker(index: number, given: Partial<LabWorker> = {}): LabWorker {
  return { index, pid: 4200 + (index % 4), member: index, received: 0, ...given }
}

/** Eight listeners in four processes on 127.0.0.1:18080, or as requested. */
export function aLab(given: Partial<Lab> = {}): Lab {
  const request =
    given.request ??
    ListenRequest.parse({ protocol: 'tcp', address: '127.0.0.1', port: 18_080, listeners: 8, processes: 4 })
  const count = request.listeners
  const sockets = request.acceptModel === 'reuseport' ? count : 1
  return {
    id: '00000001',
    request,
    address: request.address,
    port: request.port === 0 ? 34_567 : request.port,
    netns: HOST_NETNS,
    ownNamespace: false,
    supervisor: 4199,
    pids: [4200],
    members: Array.from({ length: sockets }, (_, index) => aMember(index)),
    workers: Array.from({ length: count }, (_, index) => aWorker(index, { member: sockets === 1 ? 0 : index })),
    startedAt: new Date(Date.now() - 240_000).toISOString(),
    endsAt: new Date(Date.now() + 360_000).toISOString(),
    traffic: null,
    own: true,
    ...given,
  }
}

export function someTraffic(given: Partial<Traffic> = {}): Traffic {
  return {
    request: TrafficRequest.parse({ id: '00000001', count: 30_000, rate: 2000 }),
    startedAt: STARTED,
    endedAt: null,
    sent: 0,
    done: 0,
    refused: 0,
    resets: 0,
    timeouts: 0,
    otherErrors: 0,
    perSecond: 0,
    latency: null,
    moved: null,
    failed: false,
    foreignSocket: null,
    ...given,
  }
}

function aWay(
  title: string,
  subtitle: string,
  shape: Variant['shape'],
  counts: readonly number[],
  figures: Variant['figures'],
) {
  return {
    title,
    subtitle,
    shape,
    counts: counts.map((count, index) => ({ label: String(index), count, note: null })),
    figures,
  }
}

/** The recipe of the reference screenshot: running the third of its three variants. */
export function threeWays(given: Partial<RecipeRun> = {}): RecipeRun {
  return {
    recipe: 'accept-models',
    size: 'full',
    startedAt: STARTED,
    endedAt: null,
    step: 'Way 3 of 3, 14,240 of 20,000 connections',
    progress: 0.904,
    running: 2,
    variants: [
      aWay('Dispatcher', 'One thread accepts and hands out', 'dispatcher', Array(8).fill(2500), [
        { name: 'Max ÷ min', value: 1, unit: '', highlight: null },
        { name: 'Throughput', value: 31_400, unit: '/s', highlight: null },
        { name: 'Latency, p99', value: 4.1, unit: 'ms', highlight: null },
      ]),
      aWay(
        'Shared queue',
        'All workers poll one socket',
        'shared',
        [1530, 745, 4480, 2230, 6120, 1010, 3110, 775],
        [
          { name: 'Max ÷ min', value: 8.21, unit: '', highlight: 'bad' },
          { name: 'Throughput', value: 58_900, unit: '/s', highlight: null },
          { name: 'Latency, p99', value: 2.9, unit: 'ms', highlight: null },
        ],
      ),
      aWay(
        'Reuseport',
        'Each worker has its own queue',
        'reuseport',
        [1752, 1788, 1764, 1779, 1761, 1781, 1775, 1840],
        [
          { name: 'Max ÷ min', value: 1.05, unit: '', highlight: null },
          { name: 'Throughput', value: 71_200, unit: '/s', highlight: 'best' },
          { name: 'Latency, p99', value: 1.6, unit: 'ms', highlight: 'best' },
        ],
      ),
    ],
    checks: [],
    verdict: null,
    explanation: [],
    ...given,
  }
}

/** Recipes with the engine's names. */
export function someRecipes(): Recipe[] {
  const recipe = (name: Recipe['name'], title: string, subtitle: string, effect: string): Recipe => ({
    name,
    title,
    subtitle,
    effect,
    limitation: null,
  })
  return [
    recipe(
      'accept-models',
      'Three ways to share a port',
      'One thread, one queue, or many',
      '8 workers accept 20,000 connections on 127.0.0.1 in each variant. Everything is closed at the end.',
    ),
    recipe('udp-dns', 'UDP like a DNS server', 'Real answers; one flow, one socket', 'Asks real DNS questions.'),
    recipe('listeners-change', 'Members change', 'What a changing group loses', 'Members join and leave under load.'),
    recipe('slow-worker', 'A slow member', 'One worker stops accepting', 'Stalls one of 8 workers.'),
    recipe('no-hijacking', 'No hijacking', 'Another user tries to join the port', 'Binds as two users.'),
    recipe('reuseaddr-is-not-reuseport', 'The newest takes all', 'SO_REUSEADDR is not sharing', 'Opens UDP sockets.'),
    recipe('steering', 'Steer it yourself', 'Hash, random, by CPU', 'Attaches classic BPF programs.'),
  ]
}
