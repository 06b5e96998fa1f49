/** SO_REUSEADDR is not SO_REUSEPORT for UDP: both let several sockets bind, but only one of them spreads clients. */

import { formatCount } from '../../../contract/format.ts'
import { checkSpread, exactCheck } from './checks.ts'
import { noLimitation, type RecipeScript } from './recipe.ts'
import { busiestShare, emptyVariant, labels, withCounts, withFigures, withNote } from './variants.ts'

const SOCKETS = 4

export const reuseaddrIsNotReuseport: RecipeScript = {
  name: 'reuseaddr-is-not-reuseport',
  title: 'The newest socket takes all',
  subtitle: 'SO_REUSEADDR does not spread load',
  effect:
    'Opens four UDP sockets on one port of 127.0.0.1, twice, and sends datagrams to it. Closes everything at the end.',
  limitation: noLimitation,
  explanation: [
    'Both options let several UDP sockets bind to one address and port, and a socket list shows no difference. With SO_REUSEPORT the sockets form a group and the kernel spreads clients over it. With SO_REUSEADDR alone the kernel finds the newest socket first, and that one receives every datagram.',
    'A server that sets the wrong option works in a test, but all its workers except one stay idle. A new process that sets it takes over the traffic of the old one as soon as it binds.',
  ],
  async run(stage) {
    const count = stage.sized(1000, 20_000)
    const sending = { count, flows: count, exchange: 'echo' } as const
    const newest = SOCKETS - 1
    stage.setVariants([
      withNote(
        emptyVariant(
          { title: 'SO_REUSEADDR', subtitle: 'The newest receives everything', shape: 'newest' },
          labels(SOCKETS),
          ['share', 'answered'],
        ),
        newest,
        'newest',
      ),
      emptyVariant(
        { title: 'SO_REUSEPORT', subtitle: 'All sockets form a group', shape: 'reuseport' },
        labels(SOCKETS),
        ['share', 'answered'],
      ),
    ])
    const show = (at: number, received: readonly number[], answered: number | null = null) =>
      stage.setVariant(at, (way) => withFigures(withCounts(way, received), { share: busiestShare(received), answered }))

    stage.step('SO_REUSEADDR alone', 0)
    const [first, second] = await stage.withLab(
      { protocol: 'udp', listeners: SOCKETS, reuseport: false, reuseaddr: true },
      async (bench) => {
        const whole = await bench.send(sending, (_, received) => show(0, received))
        show(0, whole.received, whole.traffic.done)
        stage.step('SO_REUSEADDR alone, after the newest has closed', 0.35)
        await bench.ask('close', { member: newest })
        return [whole, await bench.send(sending)] as const
      },
    )
    stage.step('SO_REUSEPORT', 0.7)
    const group = await stage.withLab({ protocol: 'udp', listeners: SOCKETS }, (bench) =>
      bench.send(sending, (_, received) => show(1, received)),
    )
    show(1, group.received, group.traffic.done)
    const only = (received: readonly number[], at: number) =>
      received.every((got, index) => got === (index === at ? count : 0))
    stage.addChecks(
      exactCheck(
        'With SO_REUSEADDR alone the newest socket receives every datagram.',
        only(first.received, newest),
        `received ${first.received.map(formatCount).join(', ')}, the newest last`,
        'The kernel looks up sockets newest first and keeps the first of several equal ones (net/ipv4/udp.c): the others receive nothing at all.',
      ),
      exactCheck(
        'When it closes, the next newest receives every datagram.',
        only(second.received, newest - 1),
        `received ${second.received.map(formatCount).join(', ')}, the last one closed`,
        'The same rule, with one socket fewer.',
      ),
      checkSpread('With SO_REUSEPORT the spread of clients is consistent with chance.', group.received),
    )
    return {
      summary: `With SO_REUSEADDR alone the newest of ${SOCKETS} sockets received ${formatCount(first.received[newest] ?? 0)} of ${formatCount(count)} datagrams; with SO_REUSEPORT the busiest received ${busiestShare(group.received)?.toFixed(0)} %.`,
      detail: 'The other sockets with SO_REUSEADDR received datagrams only after the newer ones had closed.',
    }
  },
}
