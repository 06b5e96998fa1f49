/** UDP like a DNS server: one socket that many threads read, against a socket a thread. */
import { nothingMissing, type RecipeScript } from './recipe.ts'
import { asChanceHasIt, exactly } from './trials.ts'
import { emptyWay, labels, marked, measured, mostOverLeast, withCounts, withFigures } from './ways.ts'

const FIGURES = ['ratio', 'throughput', 'p99', 'moved'] as const

export const udpDns: RecipeScript = {
  name: 'udp-dns',
  title: 'UDP like a DNS server',
  subtitle: 'Real answers; one client, one socket',
  does: 'Threads answer DNS questions on 127.0.0.1, first from one socket, then from one each. Everything is closed at the end.',
  missing: nothingMissing,
  explanation: [
    'A UDP server has no accept queue: all threads that read one socket take their datagrams out of one buffer, under one lock. With SO_REUSEPORT each thread reads a socket of its own.',
    'The kernel hashes the address and port of client and server. As long as the group does not change, all datagrams of one client reach the same socket: a thread may keep what it knows of a client without a lock. On a shared socket any thread may get any datagram.',
    'What is sent here are real DNS questions, and what comes back are real answers, each with who gave it.',
  ],
  async play(stage) {
    const threads = stage.sized(4, 8)
    const flows = stage.sized(500, 4000)
    const each = stage.sized(8, 16)
    const count = flows * each
    const shown = [
      { taking: 'shared', waiting: 'accept', title: 'One socket', subtitle: 'All threads read it', shape: 'shared' },
      { taking: 'reuseport', title: 'Reuseport', subtitle: 'Each thread has its own socket', shape: 'reuseport' },
    ] as const
    stage.setWays(shown.map((way) => emptyWay(way, labels(threads), FIGURES)))
    const flights = []
    for (const [at, { title, subtitle: _s, shape: _h, ...taking }] of shown.entries()) {
      stage.step(`${title}: ${count} questions of ${flows} clients`, at / 2)
      const flown = await stage.at({ protocol: 'udp', listeners: threads, answer: 'dns', ...taking }, (bench) =>
        bench.send({ count, exchange: 'dns', flows }, (_, received) =>
          stage.setWay(at, (way) => withCounts(way, received)),
        ),
      )
      flights.push(flown)
      stage.setWay(at, (way) =>
        withFigures(withCounts(way, flown.received), {
          ...measured(flown),
          ratio: mostOverLeast(flown.received),
          moved: flown.traffic.moved,
        }),
      )
    }
    stage.setWays(marked(stage.ways, { throughput: 'highest', p99: 'lowest' }))
    const [shared, reuseport] = flights
    if (shared === undefined || reuseport === undefined) throw new Error('no way was tried')
    const perThread = reuseport.received.map((received) => received / each)
    stage.tried(
      exactly(
        'Every question gets its answer.',
        flights.every(({ traffic }) => traffic.done === count),
        flights.map(({ traffic }) => `${traffic.done} of ${count}`).join('; '),
        'An answer counts when it has the number and the question that were asked. A bounded number is on its way at once, less than a receive buffer holds, so none has to be dropped.',
      ),
      exactly(
        'With reuseport every datagram of a client reaches the same socket.',
        reuseport.traffic.moved === 0 && perThread.every(Number.isInteger),
        `${reuseport.traffic.moved} of ${flows} clients were answered by more than one socket (on the shared socket ${shared.traffic.moved} by more than one thread)`,
        `While the group does not change, the hash of a client is always the same: not one may move. And as each client asks ${each} times, each socket has a multiple of ${each}.`,
      ),
      asChanceHasIt('The clients are spread over the sockets as chance spreads them.', perThread.map(Math.round)),
    )
    return {
      sentence: `With a socket a thread not one of ${flows} clients changed its thread; on the shared socket ${shared.traffic.moved} did.`,
      detail: `${rate(reuseport.perSecond)} answers a second with a socket each, ${rate(shared.perSecond)} from one socket.`,
    }
  },
}

const rate = (perSecond: number) => Math.round(perSecond).toLocaleString('en')
