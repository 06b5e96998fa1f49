/** One worker is slow: how its queue fills, what is dropped, what the siblings see. */
import { nothingMissing, type RecipeScript } from './recipe.ts'
import type { Queue } from './stage.ts'
import { asChanceHasIt, exactly, untried } from './trials.ts'
import { emptyWay, labels, measured, withCounts, withFigures, withNote } from './ways.ts'

const WORKERS = 4
const STALLED = 1
/** A connection that is not answered by then is given up. No siblings' answer takes that long. */
const PATIENCE_MS = 3000

export const slowWorker: RecipeScript = {
  name: 'slow-worker',
  title: 'A slow member',
  subtitle: 'One worker stops accepting',
  does: 'One of four workers stops accepting while connections come in on 127.0.0.1, first with a listener each, then with one for all. Everything is closed at the end.',
  missing: nothingMissing,
  explanation: [
    'The hash does not look at queues. A member that does not accept goes on getting its share: connections pile up in its accept queue until that is one over its backlog, and then the kernel drops what comes. Its clients wait, send again after a second, and give up in the end.',
    'The siblings see nothing of it: their share stays the same, and so do their answers. That is the price of a queue each: nobody helps a worker that is stuck. On one shared queue the others take over what it leaves.',
    'In a group, watch each member, not the sum: with one queue full and fifteen empty the sum is at six per cent.',
  ],
  async play(stage) {
    // A quarter of a second of what the siblings get: a busy machine may keep them waiting that long.
    const backlog = stage.sized(32, 64)
    const count = stage.sized(400, 2000)
    // At a rate, not as fast as it goes: connections that wait must not hold up those that would be answered.
    const sending = {
      count,
      rate: stage.sized(400, 1000),
      exchange: 'echo',
      timeout_ms: PATIENCE_MS,
      seconds: 30,
    } as const
    stage.setWays([
      withNote(
        emptyWay({ title: 'Reuseport', subtitle: 'A queue each', shape: 'reuseport' }, labels(WORKERS), [
          'answered',
          'lost',
          'p99',
        ]),
        STALLED,
        'stalled',
      ),
      withNote(
        emptyWay({ title: 'Shared queue', subtitle: 'One queue for all', shape: 'shared' }, labels(WORKERS), [
          'answered',
          'lost',
          'p99',
        ]),
        STALLED,
        'stalled',
      ),
    ])
    stage.step('A listener each, one worker stalled', 0)
    const { own, queues } = await stage.at({ protocol: 'tcp', listeners: WORKERS, backlog }, async (bench) => {
      await bench.ask('stall', { worker: STALLED })
      const flown = await bench.send(sending, (_, received) => stage.setWay(0, (way) => withCounts(way, received)))
      return { own: flown, queues: await stage.queues(flown.status.members.map(({ cookie }) => cookie)) }
    })
    const show = (at: number, { received, traffic, ...rest }: typeof own) =>
      stage.setWay(at, (way) =>
        withFigures(withCounts(way, received), {
          ...measured({ received, traffic, ...rest }),
          lost: count - traffic.done,
        }),
      )
    show(0, own)
    stage.step('One listener for all, one worker stalled', 0.5)
    const shared = await stage.at(
      { protocol: 'tcp', listeners: WORKERS, backlog, taking: 'shared', waiting: 'epoll' },
      async (bench) => {
        await bench.ask('stall', { worker: STALLED })
        return bench.send(sending, (_, received) => stage.setWay(1, (way) => withCounts(way, received)))
      },
    )
    show(1, shared)

    const siblings = own.received.filter((_, at) => at !== STALLED)
    const answered = siblings.reduce((sum, got) => sum + got, 0)
    stage.tried(
      ...queueTrials(queues, backlog),
      exactly(
        'Clients that the hash sends to the stalled worker get no answer; all others do.',
        own.received[STALLED] === 0 &&
          own.traffic.done === answered &&
          own.traffic.done + own.traffic.timeouts === count,
        `${own.traffic.done} answered, all by the siblings; ${own.traffic.timeouts} of ${count} gave up after ${PATIENCE_MS / 1000} s`,
        'Counts are exact: what the siblings took was answered, what was not answered ran out of time, and together they are all.',
      ),
      asChanceHasIt('The stalled worker goes on getting its share: the hash does not look at queues.', [
        ...siblings,
        count - own.traffic.done,
      ]),
      exactly(
        'On one shared queue the others take over, and nobody is left without an answer.',
        shared.traffic.done === count && shared.received[STALLED] === 0,
        `${shared.traffic.done} of ${count} answered`,
        'As long as one worker accepts, the one queue is emptied.',
      ),
    )
    const [queue] = queues.slice(STALLED)
    return {
      sentence: `With a queue each, ${own.traffic.timeouts} of ${count} clients got no answer because one worker of ${WORKERS} was stuck; with one queue all were answered.`,
      detail: `${queue == null ? '' : `The queue of the stalled worker stood at ${queue.length} with a backlog of ${backlog}, and ${queue.drops ?? 'unknown'} connection attempts were dropped. `}Its siblings lost nothing and took no more than their share.`,
    }
  },
}

function queueTrials(queues: readonly (Queue | null)[], backlog: number) {
  const filled = 'Its queue fills up to one over the backlog.'
  const dropped = 'What comes after that is dropped, and only there.'
  const queue = queues[STALLED] ?? null
  if (queue === null)
    return [untried(filled, 'The sockets cannot be read.'), untried(dropped, 'The sockets cannot be read.')]
  const others = queues.map((other) => other?.drops ?? null).filter((_, at) => at !== STALLED)
  return [
    exactly(
      filled,
      queue.length === backlog + 1,
      `${queue.length} wait with a limit of ${queue.limit}`,
      'The kernel refuses when the queue is longer than the backlog (sk_acceptq_is_full()), so one more gets in.',
    ),
    queue.drops === null || others.includes(null)
      ? untried(dropped, 'This kernel does not tell the drops of a listener.')
      : exactly(
          dropped,
          queue.drops > 0 && others.every((drops) => drops === 0),
          `${queue.drops} dropped there; ${others.join(', ')} at the siblings`,
          'Far more clients than the queue holds were sent there, and the siblings accept at once.',
        ),
  ]
}
