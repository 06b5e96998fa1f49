/** Three ways to share a port, side by side on the same load: a dispatcher, one listener for all, a listener each. */
import type { ListenRequest, Way } from '../../../contract/lab.ts'
import { count as numeral } from '../../../contract/words.ts'
import { flowSpreadOf, probabilityText } from '../../analysis/statistics.ts'
import type { Flown } from './bench.ts'
import { nothingMissing, type RecipeScript } from './recipe.ts'
import type { Stage } from './stage.ts'
import { asChanceHasIt, exactly, ONE_IN_A_MILLION } from './trials.ts'
import { emptyWay, labels, marked, measured, mostOverLeast, ratioInWords, withCounts, withFigures } from './ways.ts'

type How = Pick<ListenRequest, 'taking'> & Partial<Pick<ListenRequest, 'waiting'>>
const shown: readonly (Pick<Way, 'title' | 'subtitle' | 'shape'> & { readonly how: How })[] = [
  {
    title: 'Dispatcher',
    subtitle: 'One thread accepts and hands out',
    shape: 'dispatcher',
    how: { taking: 'dispatcher' },
  },
  {
    title: 'Shared queue',
    subtitle: 'All workers poll one socket',
    shape: 'shared',
    how: { taking: 'shared', waiting: 'epoll' },
  },
  {
    title: 'Reuseport',
    subtitle: 'Each worker has its own queue',
    shape: 'reuseport',
    how: { taking: 'reuseport' },
  },
]

export const threeWays: RecipeScript = {
  name: 'three-ways',
  title: 'Three ways to share a port',
  subtitle: 'One thread, one queue, or many',
  does: 'Workers accept connections on 127.0.0.1, once for each way. All sockets and processes are closed at the end.',
  missing: nothingMissing,
  explanation: [
    'A server with many workers has to get connections to them. A dispatcher accepts all of them in one thread and hands them on: even, and no faster than that thread. A shared listener lets every worker accept from one queue: who wakes first takes, and nobody sees to it that the shares are equal.',
    'With SO_REUSEPORT every worker has a listener of its own on the same port. The kernel hashes the addresses and ports of each new connection and puts it into the queue that the hash names. The shares are those of chance, whether a worker is quick or slow.',
    'How uneven a shared listener is depends on how its workers wait. In accept(2) they queue up and take turns. With epoll all are woken and the quickest wins; with EPOLLEXCLUSIVE the kernel wakes one, and mostly the same one.',
    'When the option was proposed, a ratio of up to three between the busiest and the least busy worker was reported for shared listeners. What it is here is measured, not assumed.',
  ],
  async play(stage) {
    const workers = stage.sized(4, 8)
    const count = stage.sized(4000, 20_000)
    stage.setWays(shown.map(({ how: _, ...way }) => emptyWay(way, labels(workers), ['ratio', 'throughput', 'p99'])))
    const flights: Flown[] = []
    for (const [at, { title, how }] of shown.entries()) {
      stage.step(`${title}: way ${at + 1} of ${shown.length}`, at / 5)
      const flown = await run(stage, how, workers, count, (received) =>
        stage.setWay(at, (now) => withCounts(now, received)),
      )
      flights.push(flown)
      stage.setWay(at, (now) =>
        withFigures(withCounts(now, flown.received), { ...measured(flown), ratio: mostOverLeast(flown.received) }),
      )
    }
    stage.setWays(marked(stage.ways, { throughput: 'highest', p99: 'lowest' }))
    stage.step('A shared listener, waited for in accept(2)', 0.7)
    const blocking = await run(stage, { taking: 'shared', waiting: 'accept' }, workers, count)
    stage.step('A shared listener, waited for with EPOLLEXCLUSIVE', 0.85)
    const exclusive = await run(stage, { taking: 'shared', waiting: 'epoll-exclusive' }, workers, count)

    const [dispatcher, shared, reuseport] = flights
    if (dispatcher === undefined || shared === undefined || reuseport === undefined) throw new Error('no way was tried')
    const all = [...flights, blocking, exclusive]
    stage.tried(
      exactly(
        'Every connection is answered, and counted once, whichever way it went.',
        all.every(({ traffic, received }) => traffic.done === count && sum(received) === count),
        inEach(
          all.map(({ traffic, received }) => `${numeral(traffic.done)} answered, ${numeral(sum(received))} taken`),
        ),
        'Counts are exact: each of the five runs must end with every connection answered by somebody and taken by one worker.',
      ),
      asChanceHasIt('With reuseport every worker gets the share that chance gives it.', reuseport.received),
      exactly(
        'A dispatcher that hands out in turn gives everybody the same.',
        Math.max(...dispatcher.received) - Math.min(...dispatcher.received) <= 1,
        `as ${dispatcher.received.join(', ')}`,
        'It hands out in turn, so that two workers can differ by the one connection that is left over.',
      ),
      uneven(shared, blocking, exclusive),
    )
    return {
      sentence: `Reuseport spread the connections as chance does (${ratioInWords(reuseport.received)} between the busiest worker and the least busy); one shared listener under epoll gave ${ratioInWords(shared.received)}.`,
      detail: `On the shared listener: accept(2) ${ratioInWords(blocking.received)}, epoll ${ratioInWords(shared.received)}, EPOLLEXCLUSIVE ${ratioInWords(exclusive.received)}. "Up to three times" was the report of 2013; it is the kernel's wake-up order that decides, and no kernel promises any.`,
    }
  },
}

/** The same load for every way. */
function run(
  stage: Stage,
  how: How,
  workers: number,
  count: number,
  look: (received: readonly number[]) => void = () => {},
): Promise<Flown> {
  return stage.at({ protocol: 'tcp', listeners: workers, processes: workers, backlog: 1024, ...how }, (bench) =>
    bench.send({ count, exchange: 'echo' }, (_, received) => look(received)),
  )
}

/** The claim that who wakes first takes: seen with at least one way of waiting with epoll. */
function uneven(shared: Flown, blocking: Flown, exclusive: Flown) {
  const p = (flown: Flown) => flowSpreadOf(flown.received)?.p ?? 1
  const words = (name: string, flown: Flown) => `${name} ${flown.received.join(', ')} (${probabilityText(p(flown))})`
  return exactly(
    'A shared listener under epoll does not: who wakes first takes.',
    Math.min(p(shared), p(exclusive)) < ONE_IN_A_MILLION,
    [words('epoll', shared), words('EPOLLEXCLUSIVE', exclusive), words('accept(2)', blocking)].join('; '),
    "No rule of the kernel's makes the shares equal: with EPOLLEXCLUSIVE it wakes the same waiter as long as that one keeps up. The line is where chance makes such a spread less than once in a million runs, for either of the two.",
  )
}

/** Says once what is the same in every run. */
function inEach(seen: readonly string[]): string {
  const different = [...new Set(seen)]
  return different.length === 1 ? `in each run ${different[0]}` : seen.join('; ')
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
