/** The listeners change under load: what is lost when a member leaves, and how many flows move when one joins. */
import { leave, movedByNewest, type Places } from '../../analysis/what-if.ts'
import { Refusal } from '../refusal.ts'
import type { RecipeScript } from './recipe.ts'
import type { Stage } from './stage.ts'
import { asChanceHasIt, exactly, untried } from './trials.ts'
import { emptyWay, labels, withCounts, withFigures, withNote } from './ways.ts'

const MEMBERS = 4
const LEAVES = 1
/** Clients ask in turn, so many questions at most (kBurst, native/lab/udp_client.cc). */
const TURN = 8
/** More than the traffic comes to before it is stopped (kMostCount, native/lab/protocol.cc). */
const MAX_COUNT = 10_000_000
const NO_NAMESPACE =
  'To set tcp_migrate_req without touching the machine takes a network namespace of its own: run it as root.'
const NO_MIGRATION =
  "This kernel cannot move what waits at a listener that closes: that takes Linux 5.14 or later. The setting alone, which Debian's 5.10 has too, does nothing."
const LOST = 'Without tcp_migrate_req, closing a listener resets what waits in its accept queue, and nothing else.'
const MIGRATED = 'With tcp_migrate_req=1 nothing is lost when a listener closes.'
const BY_HASH = 'What is migrated goes where the hash of each connection points in the smaller group.'

export const listenersChange: RecipeScript = {
  name: 'listeners-change',
  title: 'Members come and go',
  subtitle: 'What a changing group loses',
  does: 'Closes one of four listeners while connections wait, with tcp_migrate_req 0 and 1, in a network namespace of its own, which ends with it.',
  missing: (machine) => (machine.mayMakeNamespaces() ? null : NO_NAMESPACE),
  explanation: [
    'A connection that the kernel has completed and nobody has accepted yet belongs to one listener. When that closes, as in a reload with fewer workers, the kernel resets it: the client believed to be connected.',
    'Since Linux 5.14 net.ipv4.tcp_migrate_req=1 moves what waits to other members of the group: to whom the hash of each connection points among those that are left. It is off unless somebody sets it.',
    'When a member joins or leaves, the hash is cut into other parts and many clients map to another member, not just those of the one that left. Connections that are open do not move. UDP has none: there the next datagram of a client reaches another socket, with whatever that one knows of it.',
  ],
  async play(stage) {
    const count = stage.sized(1000, 4000)
    const way = { title: '', subtitle: '', shape: 'reuseport' as const }
    const figures = ['answered', 'lost'] as const
    const closed = (title: string, subtitle: string) =>
      withNote(emptyWay({ ...way, title, subtitle }, labels(MEMBERS), figures), LEAVES, 'closed')
    stage.setWays([
      closed('tcp_migrate_req=0', 'What waits is reset'),
      closed('tcp_migrate_req=1', 'What waits goes to siblings'),
      emptyWay({ ...way, title: 'UDP: one joins', subtitle: 'Clients move' }, labels(MEMBERS + 1), [
        'answered',
        'moved',
      ]),
    ])
    const migrates = stage.machine.canMigrateRequests()
    let without: Closing | null = null
    let migrating: Closing | null = null
    try {
      stage.step('A listener closes with connections in its queue', 0)
      // Where the kernel moves nothing it may not have the setting either.
      without = await closeOne(stage, count, migrates ? false : undefined)
      show(stage, 0, without)
      stage.tried(...losingTrials(count, without))
      if (migrates) {
        stage.step('The same with tcp_migrate_req=1', 0.35)
        migrating = await closeOne(stage, count, true)
        show(stage, 1, migrating)
        stage.tried(...migratingTrials(count, migrating))
      } else {
        for (const claim of [MIGRATED, BY_HASH]) stage.tried(untried(claim, NO_MIGRATION))
      }
    } catch (error) {
      if (!(error instanceof Refusal && error.code === 'FORBIDDEN')) throw error
      const { happened, remedy } = error.problem
      const left = without === null ? [LOST, MIGRATED, BY_HASH] : [MIGRATED, BY_HASH]
      for (const claim of left) stage.tried(untried(claim, `${happened}. ${remedy ?? ''}`.trim()))
    }

    stage.step('A member joins under UDP traffic', 0.7)
    const moved = await joinOne(stage)
    stage.tried(
      asChanceHasIt(
        `When a fifth member joins, ${percent(moved.expected)} of the UDP clients move: what cutting the hash into five parts instead of four makes.`,
        [moved.moved, moved.clients - moved.moved],
        [moved.expected, 1 - moved.expected],
      ),
    )
    const flows = `When a fifth member joined, ${percent(moved.moved / moved.clients)} of the UDP clients changed their socket (${percent(moved.expected)} by the arithmetic of the hash).`
    if (without === null) return { sentence: flows, detail: NO_NAMESPACE }
    const reset = `Closing one of ${MEMBERS} listeners reset ${without.resets} of ${count} waiting connections`
    return migrating === null
      ? { sentence: `${reset}.`, detail: `${NO_MIGRATION} ${flows}` }
      : { sentence: `${reset}; with tcp_migrate_req=1 it reset ${migrating.resets}.`, detail: flows }
  },
}

type Closing = { readonly received: readonly number[]; readonly resets: number; readonly done: number }

/** Fills the queues of all members, closes one, lets the others accept, and counts what came of all. */
function closeOne(stage: Stage, count: number, migrateRequests: boolean | undefined): Promise<Closing> {
  return stage.at(
    { protocol: 'tcp', listeners: MEMBERS, backlog: count },
    async (bench) => {
      for (let member = 0; member < MEMBERS; member++) await bench.ask('stall', { member })
      const before = await bench.begin({ count, exchange: 'hold', seconds: 60 })
      // A connection is timed when it stands: then all wait in a queue.
      await bench.until(({ traffic }) => traffic !== null && traffic.samples >= count)
      await bench.ask('close', { member: LEAVES })
      for (let member = 0; member < MEMBERS; member++) if (member !== LEAVES) await bench.ask('resume', { member })
      // Every one is reset or taken by somebody.
      const sum = (received: readonly { received: number }[]) =>
        received.reduce((all, worker) => all + worker.received, 0)
      await bench.until(({ workers, traffic }) => sum(workers) + (traffic?.resets ?? 0) >= count)
      await bench.ask('traffic-stop')
      const status = await bench.until(({ traffic }) => traffic?.endedAt !== null)
      const { received, traffic } = await bench.flown(status, before)
      return { received, resets: traffic.resets, done: traffic.done }
    },
    { ownNamespace: true, ...(migrateRequests === undefined ? {} : { migrateRequests }) },
  )
}

function show(stage: Stage, at: number, { received, resets, done }: Closing): void {
  stage.setWay(at, (way) => withFigures(withCounts(way, received), { answered: done, lost: resets }))
}

function losingTrials(count: number, { received, resets, done }: Closing) {
  return [
    // Four equal shares of the hash, one of which was in the closed queue.
    asChanceHasIt('The hash filled the queues as chance does.', [...received.filter((_, at) => at !== LEAVES), resets]),
    exactly(
      LOST,
      resets > 0 && done + resets === count && total(received) === done,
      `${resets} of ${count} reset; the siblings took the other ${total(received)}`,
      'Counts are exact: every connection was in one of the four queues, and none was accepted before.',
    ),
  ]
}

function migratingTrials(count: number, { received, resets }: Closing) {
  const before = Array.from({ length: MEMBERS }, (_, member) => member)
  const after = leave(before, [LEAVES])
  const shares = sharesAfter(before, after, LEAVES)
  const stayed = [...after].sort((a, b) => a - b)
  return [
    exactly(
      MIGRATED,
      resets === 0 && total(received) === count,
      `${resets} of ${count} reset; the siblings took ${total(received)}`,
      'Not one may be reset (inet_csk_listen_stop(), net/ipv4/inet_connection_sock.c).',
    ),
    asChanceHasIt(
      BY_HASH,
      stayed.map((member) => received[member] ?? 0),
      stayed.map((member) => shares.get(member) ?? 0),
    ),
  ]
}

/**
 * What each member has at the end, of all: its own part of the hash, and of the part of `gone` what lies in its new arc
 * (reuseport_migrate_sock() in net/core/sock_reuseport.c scales the connection's own hash to the members that are left).
 */
export function sharesAfter(before: Places, after: Places, gone: number): Map<number, number> {
  const place = before.indexOf(gone)
  const [from, to] = [place / before.length, (place + 1) / before.length]
  return new Map(
    after.map((member, at) => {
      const inArc = Math.min(to, (at + 1) / after.length) - Math.max(from, at / after.length)
      return [member, 1 / before.length + Math.max(0, inArc)]
    }),
  )
}

/**
 * UDP traffic, and one more member in the middle of it. However long that member takes, the traffic goes on until every
 * client was answered once more: one that had asked its last question before could not be seen to move. No rate: so no
 * more is asked at a time than fits the receive buffers, and clients take their turns strictly.
 */
function joinOne(stage: Stage) {
  const clients = stage.sized(400, 2000)
  return stage.at({ protocol: 'udp', listeners: MEMBERS }, async (bench) => {
    const before = await bench.begin({ count: MAX_COUNT, flows: clients, exchange: 'echo', seconds: 60 })
    /** Until each client had a whole turn after so many answers: two rounds, for some of the first were asked before. */
    const everyoneAnswered = (since: number) =>
      bench.until(({ traffic }) => traffic?.endedAt !== null || traffic.done >= since + 2 * TURN * clients)
    await everyoneAnswered(0)
    await bench.add()
    const joined = await bench.status()
    await everyoneAnswered(joined.traffic?.done ?? 0)
    await bench.ask('traffic-stop')
    const status = await bench.until(({ traffic }) => traffic?.endedAt !== null)
    const { traffic, received } = await bench.flown(status, before)
    stage.setWay(2, (way) => withFigures(withCounts(way, received), { answered: traffic.done, moved: traffic.moved }))
    return { clients, moved: traffic.moved, expected: movedByNewest(MEMBERS, MEMBERS + 1).moved }
  })
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`
}
