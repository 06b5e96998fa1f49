/** SO_REUSEADDR is not SO_REUSEPORT, for UDP: both let several sockets bind, one of them spreads. */
import { nothingMissing, type RecipeScript } from './recipe.ts'
import { asChanceHasIt, exactly } from './trials.ts'
import { busiestShare, emptyWay, labels, withCounts, withFigures, withNote } from './ways.ts'

const SOCKETS = 4

export const reuseaddrIsNotReuseport: RecipeScript = {
  name: 'reuseaddr-is-not-reuseport',
  title: 'The newest takes all',
  subtitle: 'SO_REUSEADDR is not sharing',
  does: 'Opens four UDP sockets on one port of 127.0.0.1, twice, and sends datagrams to it. Everything is closed at the end.',
  missing: nothingMissing,
  explanation: [
    'Both options let several UDP sockets bind to one address and port, and a list of sockets shows no difference. With SO_REUSEPORT they are a group and the kernel spreads clients over them. With SO_REUSEADDR alone they only stand behind each other: the newest is found first and takes every datagram.',
    'A server that sets the wrong one works in a test, and leaves all workers but one without work. A new process that sets it takes the traffic of the old one away in the moment it binds.',
  ],
  async play(stage) {
    const count = stage.sized(1000, 20_000)
    const sending = { count, flows: count, exchange: 'echo' } as const
    const newest = SOCKETS - 1
    stage.setWays([
      withNote(
        emptyWay(
          { title: 'SO_REUSEADDR', subtitle: 'They stand behind each other', shape: 'newest' },
          labels(SOCKETS),
          ['share', 'answered'],
        ),
        newest,
        'newest',
      ),
      emptyWay({ title: 'SO_REUSEPORT', subtitle: 'They are a group', shape: 'reuseport' }, labels(SOCKETS), [
        'share',
        'answered',
      ]),
    ])
    const show = (at: number, received: readonly number[], answered: number | null = null) =>
      stage.setWay(at, (way) => withFigures(withCounts(way, received), { share: busiestShare(received), answered }))

    stage.step('SO_REUSEADDR alone', 0)
    const [first, second] = await stage.at(
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
    const group = await stage.at({ protocol: 'udp', listeners: SOCKETS }, (bench) =>
      bench.send(sending, (_, received) => show(1, received)),
    )
    show(1, group.received, group.traffic.done)
    const only = (received: readonly number[], at: number) =>
      received.every((got, index) => got === (index === at ? count : 0))
    stage.tried(
      exactly(
        'With SO_REUSEADDR alone the newest socket takes every datagram.',
        only(first.received, newest),
        `as ${first.received.join(', ')}, the newest last`,
        'The kernel looks sockets up newest first and keeps the first of equal ones (net/ipv4/udp.c): the others get nothing at all.',
      ),
      exactly(
        'When it closes, the next newest takes every datagram.',
        only(second.received, newest - 1),
        `as ${second.received.join(', ')}, the last one closed`,
        'The same rule, with one socket less.',
      ),
      asChanceHasIt('With SO_REUSEPORT the clients are spread as chance spreads them.', group.received),
    )
    return {
      sentence: `With SO_REUSEADDR alone the newest of ${SOCKETS} sockets took ${first.received[newest]} of ${count} datagrams; with SO_REUSEPORT the busiest took ${busiestShare(group.received)?.toFixed(0)} %.`,
      detail: 'The rest of the sockets with SO_REUSEADDR got theirs only when the newer ones had closed.',
    }
  },
}
