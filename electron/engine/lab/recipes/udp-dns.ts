/** UDP like a DNS server: one socket that many threads read, against one socket per thread. */

import { formatCount } from '../../../contract/format.ts'
import { checkSpread, exactCheck } from './checks.ts'
import { noLimitation, type RecipeScript } from './recipe.ts'
import { emptyVariant, labels, markBest, maxToMin, measuredFigures, withCounts, withFigures } from './variants.ts'

const FIGURES = ['ratio', 'throughput', 'p99', 'moved'] as const

export const udpDns: RecipeScript = {
  name: 'udp-dns',
  title: 'UDP like a DNS server',
  subtitle: 'Real answers; one client, one socket',
  effect:
    'Threads answer DNS queries on 127.0.0.1, first from one shared socket, then from one socket per thread. Closes everything at the end.',
  limitation: noLimitation,
  explanation: [
    'A UDP server has no accept queue: all threads that read one socket take datagrams from one buffer, under one lock. With SO_REUSEPORT each thread reads a socket of its own.',
    'The kernel hashes the address and port of client and server. As long as the group does not change, all datagrams of one client reach the same socket, so a thread can keep per-client state without a lock. On a shared socket any thread may get any datagram.',
    'The traffic is real DNS queries and real answers, and each answer says which worker gave it.',
  ],
  async run(stage) {
    const threads = stage.sized(4, 8)
    const flows = stage.sized(500, 4000)
    const each = stage.sized(8, 16)
    const count = flows * each
    const shown = [
      {
        acceptModel: 'shared',
        waitStrategy: 'accept',
        title: 'One socket',
        subtitle: 'All threads read it',
        shape: 'shared',
      },
      { acceptModel: 'reuseport', title: 'Reuseport', subtitle: 'Each thread has its own socket', shape: 'reuseport' },
    ] as const
    stage.setVariants(shown.map((way) => emptyVariant(way, labels(threads), FIGURES)))
    const flights = []
    for (const [at, { title, subtitle: _s, shape: _h, ...workers }] of shown.entries()) {
      stage.step(`${title}: ${formatCount(count)} queries from ${formatCount(flows)} clients`, at / 2)
      const flown = await stage.withLab({ protocol: 'udp', listeners: threads, reply: 'dns', ...workers }, (bench) =>
        bench.send({ count, exchange: 'dns', flows }, (_, received) =>
          stage.setVariant(at, (way) => withCounts(way, received)),
        ),
      )
      flights.push(flown)
      stage.setVariant(at, (way) =>
        withFigures(withCounts(way, flown.received), {
          ...measuredFigures(flown),
          ratio: maxToMin(flown.received),
          moved: flown.traffic.moved,
        }),
      )
    }
    stage.setVariants(markBest(stage.variants, { throughput: 'highest', p99: 'lowest' }))
    const [shared, reuseport] = flights
    if (shared === undefined || reuseport === undefined) throw new Error('no variant was tried')
    const perThread = reuseport.received.map((received) => received / each)
    stage.addChecks(
      exactCheck(
        'Every query is answered.',
        flights.every(({ traffic }) => traffic.done === count),
        flights.map(({ traffic }) => `${formatCount(traffic.done)} of ${formatCount(count)}`).join('; '),
        'An answer counts if it has the ID and the question of the query. The number of queries in flight is limited to less than a receive buffer holds, so none has to be dropped.',
      ),
      exactCheck(
        'With reuseport every datagram of a client reaches the same socket.',
        reuseport.traffic.moved === 0 && perThread.every(Number.isInteger),
        `${formatCount(reuseport.traffic.moved)} of ${formatCount(flows)} clients were answered by more than one socket (on the shared socket, ${formatCount(shared.traffic.moved)} by more than one thread)`,
        `While the group does not change, the hash of a client is always the same: not one may move. And since each client asks ${each} times, each socket's count is a multiple of ${each}.`,
      ),
      checkSpread('The spread of clients over the sockets is consistent with chance.', perThread.map(Math.round)),
    )
    return {
      summary: `With one socket per thread, none of ${formatCount(flows)} clients changed thread; on the shared socket ${formatCount(shared.traffic.moved)} did.`,
      detail: `${rate(reuseport.perSecond)} answers per second with one socket per thread, ${rate(shared.perSecond)} with one shared socket.`,
    }
  },
}

const rate = (perSecond: number) => formatCount(perSecond)
