/** Three accept models under the same load: a dispatcher, one shared listener, one listener per worker. */

import { formatCount as numeral } from '../../../contract/format.ts'
import type { ListenRequest, Variant } from '../../../contract/lab.ts'
import { probabilityText } from '../../analyze/significance.ts'
import { flowSpreadOf } from '../../analyze/statistics.ts'
import { checkSpread, exactCheck, ONE_IN_A_MILLION } from './checks.ts'
import { noLimitation, type RecipeScript } from './recipe.ts'
import type { RecipeContext } from './recipe-context.ts'
import type { TrafficResult } from './test-run.ts'
import {
  emptyVariant,
  formatMaxToMin,
  labels,
  markBest,
  maxToMin,
  measuredFigures,
  withCounts,
  withFigures,
} from './variants.ts'

type WorkerOptions = Pick<ListenRequest, 'acceptModel'> & Partial<Pick<ListenRequest, 'waitStrategy'>>
const shown: readonly (Pick<Variant, 'title' | 'subtitle' | 'shape'> & { readonly how: WorkerOptions })[] = [
  {
    title: 'Dispatcher',
    subtitle: 'One thread accepts and hands off',
    shape: 'dispatcher',
    how: { acceptModel: 'dispatcher' },
  },
  {
    title: 'Shared queue',
    subtitle: 'All workers poll one socket',
    shape: 'shared',
    how: { acceptModel: 'shared', waitStrategy: 'epoll' },
  },
  {
    title: 'Reuseport',
    subtitle: 'Each worker has its own queue',
    shape: 'reuseport',
    how: { acceptModel: 'reuseport' },
  },
]

export const acceptModels: RecipeScript = {
  name: 'accept-models',
  title: 'Three accept models',
  subtitle: 'One thread, one queue, or many queues',
  effect:
    'Workers accept connections on 127.0.0.1, once with each accept model. Closes all sockets and processes at the end.',
  limitation: noLimitation,
  explanation: [
    'A server with many workers has to distribute connections among them. A dispatcher accepts all of them in one thread and hands them off: evenly, but no faster than that thread. A shared listener lets every worker accept from one queue: the first to wake gets the connection, and nothing keeps the shares equal.',
    'With SO_REUSEPORT every worker has its own listener on the same port. The kernel hashes the addresses and ports of each new connection and puts it into the queue that the hash selects. The shares are those of chance, whether a worker is fast or slow.',
    'How uneven a shared listener is depends on how its workers wait. In accept(2) they queue up and take turns. With epoll all are woken and the fastest wins; with EPOLLEXCLUSIVE the kernel wakes one, and mostly the same one.',
    'When the option was proposed, a ratio of up to three between the busiest and the least busy worker was reported for shared listeners. Here it is measured, not assumed.',
  ],
  async run(stage) {
    const workers = stage.sized(4, 8)
    const count = stage.sized(4000, 20_000)
    stage.setVariants(
      shown.map(({ how: _, ...way }) => emptyVariant(way, labels(workers), ['ratio', 'throughput', 'p99'])),
    )
    const flights: TrafficResult[] = []
    for (const [at, { title, how }] of shown.entries()) {
      stage.step(`${title}: variant ${at + 1} of ${shown.length}`, at / 5)
      const flown = await run(stage, how, workers, count, (received) =>
        stage.setVariant(at, (now) => withCounts(now, received)),
      )
      flights.push(flown)
      stage.setVariant(at, (now) =>
        withFigures(withCounts(now, flown.received), { ...measuredFigures(flown), ratio: maxToMin(flown.received) }),
      )
    }
    stage.setVariants(markBest(stage.variants, { throughput: 'highest', p99: 'lowest' }))
    stage.step('A shared listener, workers waiting in accept(2)', 0.7)
    const blocking = await run(stage, { acceptModel: 'shared', waitStrategy: 'accept' }, workers, count)
    stage.step('A shared listener, workers waiting with EPOLLEXCLUSIVE', 0.85)
    const exclusive = await run(stage, { acceptModel: 'shared', waitStrategy: 'epoll-exclusive' }, workers, count)

    const [dispatcher, shared, reuseport] = flights
    if (dispatcher === undefined || shared === undefined || reuseport === undefined)
      throw new Error('no variant was tried')
    const all = [...flights, blocking, exclusive]
    stage.addChecks(
      exactCheck(
        'Every connection is answered, and counted once, in every variant.',
        all.every(({ traffic, received }) => traffic.done === count && sum(received) === count),
        inEach(
          all.map(({ traffic, received }) => `${numeral(traffic.done)} answered, ${numeral(sum(received))} accepted`),
        ),
        'Counts are exact: each of the five runs must end with every connection answered, and accepted by one worker.',
      ),
      checkSpread('With reuseport the spread over the workers is consistent with chance.', reuseport.received),
      exactCheck(
        'A round-robin dispatcher gives every worker the same share.',
        Math.max(...dispatcher.received) - Math.min(...dispatcher.received) <= 1,
        `received ${dispatcher.received.join(', ')}`,
        'It hands off in turn, so two workers can differ only by the one connection that is left over.',
      ),
      unevenCheck(shared, blocking, exclusive),
    )
    return {
      summary: `Busiest to least busy worker: ${formatMaxToMin(reuseport.received)} with reuseport, where chance decides; ${formatMaxToMin(shared.received)} with one shared listener and epoll.`,
      detail: `On the shared listener: accept(2) ${formatMaxToMin(blocking.received)}, epoll ${formatMaxToMin(shared.received)}, EPOLLEXCLUSIVE ${formatMaxToMin(exclusive.received)}. "Up to three times" was the report of 2013; the kernel's wake-up order decides, and no kernel guarantees one.`,
    }
  },
}

/** The same load for every variant. */
function run(
  stage: RecipeContext,
  how: WorkerOptions,
  workers: number,
  count: number,
  onProgress: (received: readonly number[]) => void = () => {},
): Promise<TrafficResult> {
  return stage.withLab({ protocol: 'tcp', listeners: workers, processes: workers, backlog: 1024, ...how }, (bench) =>
    bench.send({ count, exchange: 'echo' }, (_, received) => onProgress(received)),
  )
}

/** The claim that the first worker to wake gets the connection: seen with at least one of the two epoll variants. */
function unevenCheck(shared: TrafficResult, blocking: TrafficResult, exclusive: TrafficResult) {
  const p = (flown: TrafficResult) => flowSpreadOf(flown.received)?.p ?? 1
  const words = (name: string, flown: TrafficResult) =>
    `${name} ${flown.received.join(', ')} (${probabilityText(p(flown))})`
  return exactCheck(
    'With a shared listener and epoll the spread is uneven: the first worker to wake gets the connection.',
    Math.min(p(shared), p(exclusive)) < ONE_IN_A_MILLION,
    [words('epoll', shared), words('EPOLLEXCLUSIVE', exclusive), words('accept(2)', blocking)].join('; '),
    'No kernel rule makes the shares equal: with EPOLLEXCLUSIVE it wakes the same waiter as long as that one keeps up. The threshold is where chance gives such a spread less than once in a million runs, for either of the two.',
  )
}

/** States only once what is the same in every run. */
function inEach(seen: readonly string[]): string {
  const different = [...new Set(seen)]
  return different.length === 1 ? `in each run ${different[0]}` : seen.join('; ')
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
