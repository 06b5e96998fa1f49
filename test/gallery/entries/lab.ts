/** The lab. */
import { ListenRequest } from '../../../electron/contract/lab.ts'
import type { Page } from '../../../renderer/app/page.tsx'
import type { EngineDouble } from '../../doubles/engine.ts'
import { hostileNames } from '../../doubles/hostile-names.ts'
import { aLab, aMember, aWorker, someTraffic, threeWays } from '../../doubles/lab.ts'
import { exampleMachine } from '../../doubles/machine.ts'
import { type Entry, press, screen } from '../entry.tsx'

const recipe = { screen: 'lab', page: { recipe: 'accept-models' } } as const
const listeners = { screen: 'lab', page: { id: '00000001' } } as const
const form = { screen: 'lab', page: 'new' } as const

/** A machine whose lab shows `change`. */
function withLab(change: Parameters<EngineDouble['lab']['show']>[0]): EngineDouble {
  const engine = exampleMachine()
  engine.lab.show(change)
  return engine
}

/** Eight listeners that received traffic, one of them stalled. */
function busyLab(count = 8) {
  const request = ListenRequest.parse({
    protocol: 'tcp',
    address: '127.0.0.1',
    port: 18_080,
    listeners: count,
    processes: 4,
  })
  return aLab({
    request,
    members: Array.from({ length: count }, (_, at) => aMember(at, at === 2 ? { state: 'stalled' } : {})),
    workers: Array.from({ length: count }, (_, at) => aWorker(at, { received: 1750 + ((at * 37) % 90) })),
    traffic: someTraffic({
      sent: 14_240,
      done: 14_200,
      refused: 12,
      resets: 0,
      perSecond: 1998,
      latency: { p50: 180, p90: 320, p99: 1900, p999: 4100, max: 9200, samples: 14_200 },
    }),
  })
}

const finished = () =>
  threeWays({
    endedAt: '2026-01-01T12:01:00.000Z',
    progress: 1,
    step: 'Done',
    verdict: {
      outcome: 'holds',
      summary: 'One queue per worker is the most even, and the fastest.',
      detail: 'The workers of the shared queue differ by a factor of `8.2`.',
    },
    checks: [
      {
        claim: 'Every connection was accepted by exactly one worker.',
        observed: '20,000 of 20,000',
        holds: true,
        threshold: 'all: a connection is in one queue',
      },
      {
        claim: 'With reuseport, the shares are those of a hash.',
        observed: 'p = 0.56',
        holds: true,
        threshold: 'p above one in a million',
      },
      {
        claim: 'The BPF program is removed at the end.',
        observed: 'unknown: `bpftool` is missing',
        holds: null,
        threshold: 'no program is left',
      },
    ],
    explanation: ['The kernel hashes the addresses and ports of a connection, and picks a member by it.'],
  })

export const lab: readonly Entry[] = [
  screen('lab/recipe', 'Run', () => ({ route: recipe, engine: withLab({}) })),
  screen('lab/recipe running', 'So far.', () => ({ route: recipe, engine: withLab({ run: threeWays() }) })),
  screen('lab/recipe finished', 'One queue per worker is the most even', () => ({
    route: recipe,
    engine: withLab({ run: finished() }),
  })),
  screen('lab/listeners', 'Received per worker', () => ({
    route: listeners,
    engine: withLab({ labs: [busyLab()] }),
    before: ({ store }) => {
      const { id, workers } = busyLab()
      for (let second = 1; second < 60; second++) {
        const soFar = workers.map((one) => ({
          ...one,
          received: Math.round((one.received * second) / 60 + 3 * Math.sin(second * (1 + one.index))),
        }))
        store.lab.historyOf(id).take({ ...busyLab(), workers: soFar }, Date.now() - 1000 * (60 - second))
      }
    },
  })),
  screen('lab/another listener', 'grace', () => {
    const engine = withLab({ labs: [busyLab()] })
    engine.lab.choices = { ...engine.lab.choices, user: 'grace' }
    return { route: listeners, engine, loaded: 'Received per worker', act: () => press('Add a listener') }
  }),
  screen('lab/listeners closed', 'These test listeners are closed.', () => {
    const engine = withLab({ labs: [busyLab()] })
    return {
      route: listeners,
      engine,
      loaded: 'Received per worker',
      act: () => engine.lab.show({ labs: [] }),
    }
  }),
  screen('lab/no such listeners', 'There are no such test listeners', () => ({
    route: listeners,
    engine: withLab({}),
  })),
  screen('lab/empty', 'Test listeners', () => ({ route: form, engine: withLab({}) })),
  screen('lab/invalid form', 'Port: the maximum is 65535.', () => ({
    route: form,
    engine: withLab({}),
    loaded: 'More options',
    act: ({ lab }: Page) => {
      lab.drafts.listen.setState({ port: 100_000 })
      void lab.listen()
    },
  })),
  screen('lab/loading', 'Waiting for the engine.', () => {
    const engine = withLab({})
    engine.lab.silent = true
    return { route: recipe, engine }
  }),
  screen('lab/stale', 'has not answered since', () => ({
    route: listeners,
    engine: withLab({ labs: [busyLab()] }),
    loaded: 'Received per worker',
    act: (_, engine) => engine.cut(),
  })),
  screen('lab/unavailable', 'The lab is unavailable on this machine', () => {
    const engine = withLab({})
    for (const procedure of ['recipes', 'changes'] as const)
      engine.lab.refusals.set(procedure, {
        code: 'NOT_IMPLEMENTED',
        problem: { operation: 'the lab', cause: 'its program was not built', hint: 'Build it with npm run build.' },
      })
    return { route: recipe, engine }
  }),
  screen('lab/error', 'The port is in use by nginx 812', () => {
    const engine = withLab({})
    engine.lab.refusals.set('run', {
      code: 'UNPROCESSABLE_CONTENT',
      problem: { operation: 'run the recipe', cause: 'the port is in use by nginx 812', hint: 'Stop it.' },
    })
    return {
      route: recipe,
      engine,
      loaded: 'Quick run',
      act: ({ lab }: Page) => void lab.runRecipe('accept-models', 'small'),
    }
  }),
  screen('lab/huge', 'Received per worker', () => ({ route: listeners, engine: withLab({ labs: [busyLab(1000)] }) })),
  screen('lab/hostile', '<script>window.ran=1</script>', () => {
    const [name = ''] = hostileNames
    const engine = withLab({ run: threeWays({ step: name }) })
    engine.lab.recipes = engine.lab.recipes.map((one, at) => ({
      ...one,
      title: hostileNames[at] ?? '',
      subtitle: hostileNames[at] ?? '',
      effect: name,
      limitation: name,
    }))
    return { route: recipe, engine }
  }),
]
