/** One worker is slow: how its queue fills, what is dropped, what the other members see. */

import { formatCount } from '../../../contract/format.ts'
import { checkSpread, exactCheck, skippedCheck } from './checks.ts'
import { noLimitation, type RecipeScript } from './recipe.ts'
import type { QueueReading } from './recipe-context.ts'
import { emptyVariant, labels, measuredFigures, withCounts, withFigures, withNote } from './variants.ts'

const WORKERS = 4
const STALLED = 1
/** A connection that is not answered within this time gives up. No answer of the other members takes that long. */
const TIMEOUT_MS = 3000

export const slowWorker: RecipeScript = {
  name: 'slow-worker',
  title: 'A slow member',
  subtitle: 'One worker stops accepting',
  effect:
    'One of four workers stops accepting while connections arrive on 127.0.0.1, first with a listener per worker, then with one shared listener. Closes everything at the end.',
  limitation: noLimitation,
  explanation: [
    'The hash does not look at queues. A member that does not accept still gets its share: connections pile up in its accept queue until it is one over its backlog, and then the kernel drops new ones. Their clients wait, retransmit after a second, and finally give up.',
    'The other members notice nothing: their share stays the same, and so do their answers. That is the price of one queue per worker: no one helps a worker that is stuck. With one shared queue the other workers take over.',
    'In a group, watch each member, not the sum: with one queue full and fifteen empty the sum is at 6 %.',
  ],
  async run(stage) {
    // Four fifths of a second of what the other members get: a busy machine may delay them nearly that long.
    const backlog = stage.sized(80, 200)
    const count = stage.sized(600, 2000)
    // At a fixed rate, not as fast as possible: connections that wait must not hold up those that would be answered.
    const sending = {
      count,
      rate: stage.sized(400, 1000),
      exchange: 'echo',
      timeout_ms: TIMEOUT_MS,
      seconds: 30,
    } as const
    stage.setVariants([
      withNote(
        emptyVariant({ title: 'Reuseport', subtitle: 'One queue per worker', shape: 'reuseport' }, labels(WORKERS), [
          'answered',
          'lost',
          'p99',
        ]),
        STALLED,
        'stalled',
      ),
      withNote(
        emptyVariant({ title: 'Shared queue', subtitle: 'One queue for all', shape: 'shared' }, labels(WORKERS), [
          'answered',
          'lost',
          'p99',
        ]),
        STALLED,
        'stalled',
      ),
    ])
    stage.step('One listener per worker, one worker stalled', 0)
    const { own, queues } = await stage.withLab({ protocol: 'tcp', listeners: WORKERS, backlog }, async (bench) => {
      await bench.ask('stall', { worker: STALLED })
      const flown = await bench.send(sending, (_, received) => stage.setVariant(0, (way) => withCounts(way, received)))
      return { own: flown, queues: await stage.queues(flown.status.members.map(({ cookie }) => cookie)) }
    })
    const show = (at: number, { received, traffic, ...rest }: typeof own) =>
      stage.setVariant(at, (way) =>
        withFigures(withCounts(way, received), {
          ...measuredFigures({ received, traffic, ...rest }),
          lost: count - traffic.done,
        }),
      )
    show(0, own)
    stage.step('One shared listener, one worker stalled', 0.5)
    const shared = await stage.withLab(
      { protocol: 'tcp', listeners: WORKERS, backlog, acceptModel: 'shared', waitStrategy: 'epoll' },
      async (bench) => {
        await bench.ask('stall', { worker: STALLED })
        return bench.send(sending, (_, received) => stage.setVariant(1, (way) => withCounts(way, received)))
      },
    )
    show(1, shared)

    const siblings = own.received.filter((_, at) => at !== STALLED)
    const answered = siblings.reduce((sum, got) => sum + got, 0)
    stage.addChecks(
      ...queueChecks(queues, backlog),
      exactCheck(
        'Clients that the hash sends to the stalled worker get no answer; all others do.',
        own.received[STALLED] === 0 &&
          own.traffic.done === answered &&
          own.traffic.done + own.traffic.timeouts === count,
        `${formatCount(own.traffic.done)} answered, all by the other members; ${formatCount(own.traffic.timeouts)} of ${formatCount(count)} gave up after ${TIMEOUT_MS / 1000} s`,
        'Counts are exact: what the other members accepted was answered, what was not answered timed out, and together they are all.',
      ),
      checkSpread('The stalled worker still gets its share: the hash does not look at queues.', [
        ...siblings,
        count - own.traffic.done,
      ]),
      exactCheck(
        'With one shared queue the other workers take over, and every client gets an answer.',
        shared.traffic.done === count && shared.received[STALLED] === 0,
        `${formatCount(shared.traffic.done)} of ${formatCount(count)} answered`,
        'As long as one worker accepts, the shared queue is drained.',
      ),
    )
    const [queue] = queues.slice(STALLED)
    return {
      summary: `With one queue per worker, ${formatCount(own.traffic.timeouts)} of ${formatCount(count)} clients got no answer because one of ${WORKERS} workers was stuck; with one shared queue, ${formatCount(shared.traffic.done)} of ${formatCount(count)} got one.`,
      detail: `${queue == null ? '' : `The stalled worker had ${formatCount(queue.length)} connections queued (backlog ${formatCount(backlog)}), and ${queue.drops === null ? 'an unknown number of' : formatCount(queue.drops)} connection attempts were dropped. `}The other members lost nothing and took no more than their share.`,
    }
  },
}

function queueChecks(queues: readonly (QueueReading | null)[], backlog: number) {
  const filled = 'Its queue fills up to one over the backlog.'
  const dropped = 'Connections beyond that are dropped, and only there.'
  const queue = queues[STALLED] ?? null
  if (queue === null)
    return [skippedCheck(filled, 'The sockets cannot be read.'), skippedCheck(dropped, 'The sockets cannot be read.')]
  const others = queues.map((other) => other?.drops ?? null).filter((_, at) => at !== STALLED)
  return [
    exactCheck(
      filled,
      queue.length === backlog + 1,
      `${queue.length} connections queued (limit ${queue.limit})`,
      'The kernel refuses a connection when the queue is longer than the backlog (sk_acceptq_is_full()), so one more gets in.',
    ),
    queue.drops === null || others.includes(null)
      ? skippedCheck(dropped, 'This kernel does not report the drops of a listener.')
      : exactCheck(
          dropped,
          queue.drops > 0 && others.every((drops) => drops === 0),
          `${queue.drops} dropped there; ${others.join(', ')} at the other members`,
          'Far more clients than the queue holds were sent there, and the other members accept at once.',
        ),
  ]
}
