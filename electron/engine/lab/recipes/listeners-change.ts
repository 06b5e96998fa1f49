/** The listeners change under load: what is lost when a member closes, and how many flows move when one joins. */
import { formatCount } from '../../../contract/format.ts'
import { movedByNewest, type Places, removeMembers } from '../../analyze/what-if.ts'
import { LabError } from '../lab-error.ts'
import { checkSpread, exactCheck, skippedCheck } from './checks.ts'
import { closingVariant, drainQueues, type Ends, fillQueues, LEAVES, MEMBERS, showEnds } from './leaving-member.ts'
import type { RecipeScript } from './recipe.ts'
import type { RecipeContext } from './recipe-context.ts'
import { emptyVariant, labels, withCounts, withFigures } from './variants.ts'

/** Clients ask in turn, at most this many queries each (kBurst, native/lab/udp_client.cc). */
const TURN = 8
/** More than the traffic reaches before it is stopped (kMaxCount, native/lab/protocol.cc). */
const MAX_COUNT = 10_000_000
const NO_NAMESPACE =
  'Setting tcp_migrate_req without changing this machine requires a separate network namespace: run it as root.'
const NO_MIGRATION =
  "This kernel cannot migrate queued connections when their listener closes: that requires Linux 5.14 or later. The setting alone, which Debian's 5.10 has too, does nothing."
const LOST = 'Without tcp_migrate_req, closing a listener resets the connections in its accept queue, and no others.'
const MIGRATED = 'With tcp_migrate_req=1 nothing is lost when a listener closes.'
const BY_HASH = 'Migrated connections go where the hash of each points in the smaller group.'

export const listenersChange: RecipeScript = {
  name: 'listeners-change',
  title: 'Members join and leave',
  subtitle: 'What a changing group loses',
  effect:
    'Closes one of four listeners while connections are queued, with tcp_migrate_req 0 and 1, in a separate network namespace, which is removed at the end.',
  limitation: (machine) => (machine.mayMakeNamespaces() ? null : NO_NAMESPACE),
  explanation: [
    'A connection that the kernel has completed and no one has accepted yet belongs to one listener. When that listener closes, as in a reload with fewer workers, the kernel resets the connection, although its client was already connected.',
    'Since Linux 5.14, net.ipv4.tcp_migrate_req=1 moves queued connections to other members of the group: each goes where its hash points among the remaining members. It is off by default.',
    'When a member joins or leaves, the hash range is divided anew and many clients map to another member, not just those of the one that left. Open connections do not move. UDP has none: the next datagram of a client reaches another socket, which may know nothing of that client.',
  ],
  async run(stage) {
    const count = stage.sized(1000, 4000)
    const joins = { title: 'UDP: a member joins', subtitle: 'Clients move', shape: 'reuseport' } as const
    stage.setVariants([
      closingVariant('tcp_migrate_req=0', 'Queued connections are reset'),
      closingVariant('tcp_migrate_req=1', 'Queued connections move'),
      emptyVariant(joins, labels(MEMBERS + 1), ['answered', 'moved']),
    ])
    const migrates = stage.machine.canMigrateRequests()
    let without: Ends | null = null
    let migrating: Ends | null = null
    try {
      stage.step('A listener closes with connections in its queue', 0)
      // A kernel that cannot migrate may lack the setting too.
      without = await closeOne(stage, count, migrates ? false : undefined)
      showEnds(stage, 0, without)
      stage.addChecks(...lossChecks(count, without))
      if (migrates) {
        stage.step('The same with tcp_migrate_req=1', 0.35)
        migrating = await closeOne(stage, count, true)
        showEnds(stage, 1, migrating)
        stage.addChecks(...migrationChecks(count, migrating))
      } else {
        for (const claim of [MIGRATED, BY_HASH]) stage.addChecks(skippedCheck(claim, NO_MIGRATION))
      }
    } catch (error) {
      if (!(error instanceof LabError && error.code === 'FORBIDDEN')) throw error
      const { cause, hint } = error.problem
      const left = without === null ? [LOST, MIGRATED, BY_HASH] : [MIGRATED, BY_HASH]
      for (const claim of left) stage.addChecks(skippedCheck(claim, `${cause}. ${hint ?? ''}`.trim()))
    }

    stage.step('A member joins under UDP traffic', 0.7)
    const moved = await joinOne(stage)
    stage.addChecks(
      checkSpread(
        `When a fifth member joins, ${percent(moved.expected)} of the UDP clients move: the effect of dividing the hash range into five parts instead of four.`,
        [moved.moved, moved.clients - moved.moved],
        [moved.expected, 1 - moved.expected],
      ),
    )
    const flows = `When a fifth member joined, ${percent(moved.moved / moved.clients)} of the UDP clients moved to another socket (${percent(moved.expected)} predicted from the hash).`
    if (without === null) return { summary: flows, detail: NO_NAMESPACE }
    const reset = `Ends one of ${MEMBERS} listeners reset ${formatCount(without.resets)} of ${formatCount(count)} queued connections`
    return migrating === null
      ? { summary: `${reset}.`, detail: `${NO_MIGRATION} ${flows}` }
      : { summary: `${reset}; with tcp_migrate_req=1 it reset ${formatCount(migrating.resets)}.`, detail: flows }
  },
}

/** Fills the queues of all members, closes one, lets the others accept, and counts how each connection ended. */
function closeOne(stage: RecipeContext, count: number, migrateRequests: boolean | undefined): Promise<Ends> {
  return stage.withLab(
    { protocol: 'tcp', listeners: MEMBERS, backlog: count },
    async (bench) => {
      const before = await fillQueues(bench, count)
      await bench.ask('close', { member: LEAVES })
      const { received, traffic } = await drainQueues(bench, count, before, (member) => member !== LEAVES)
      return { received, resets: traffic.resets, done: traffic.done }
    },
    { ownNamespace: true, ...(migrateRequests === undefined ? {} : { migrateRequests }) },
  )
}

function lossChecks(count: number, { received, resets, done }: Ends) {
  return [
    // Four equal shares of the hash, one of which was in the closed queue.
    checkSpread('The spread over the queues is consistent with chance.', [
      ...received.filter((_, at) => at !== LEAVES),
      resets,
    ]),
    exactCheck(
      LOST,
      resets > 0 && done + resets === count && total(received) === done,
      `${resets} of ${count} reset; the other members accepted the remaining ${total(received)}`,
      'Counts are exact: every connection was in one of the four queues, and none had been accepted before.',
    ),
  ]
}

function migrationChecks(count: number, { received, resets }: Ends) {
  const before = Array.from({ length: MEMBERS }, (_, member) => member)
  const after = removeMembers(before, [LEAVES])
  const shares = sharesAfter(before, after, LEAVES)
  const stayed = [...after].sort((a, b) => a - b)
  return [
    exactCheck(
      MIGRATED,
      resets === 0 && total(received) === count,
      `${resets} of ${count} reset; the other members accepted ${total(received)}`,
      'Not one may be reset (inet_csk_listen_stop(), net/ipv4/inet_connection_sock.c).',
    ),
    checkSpread(
      BY_HASH,
      stayed.map((member) => received[member] ?? 0),
      stayed.map((member) => shares.get(member) ?? 0),
    ),
  ]
}

/**
 * Each member's share of all connections at the end: its own part of the hash, plus what falls into its new arc of the
 * part of `gone` (reuseport_migrate_sock() in net/core/sock_reuseport.c scales the connection's own hash to the
 * remaining members).
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
 * UDP traffic, with a member that joins in the middle. The traffic goes on until every client was answered once more,
 * however long that takes: a client that had sent its last query before could not be seen to move. There is no rate, so
 * that no more queries are in flight than fit the receive buffers, and clients strictly take turns.
 */
function joinOne(stage: RecipeContext) {
  const clients = stage.sized(400, 2000)
  return stage.withLab({ protocol: 'udp', listeners: MEMBERS }, async (bench) => {
    const before = await bench.begin({ count: MAX_COUNT, flows: clients, exchange: 'echo', seconds: 60 })
    /** Until each client had a whole turn after `since` answers: two rounds, as some of the first were sent before. */
    const everyoneAnswered = (since: number) =>
      bench.until(({ traffic }) => traffic?.endedAt !== null || traffic.done >= since + 2 * TURN * clients)
    await everyoneAnswered(0)
    await bench.add()
    const joined = await bench.status()
    await everyoneAnswered(joined.traffic?.done ?? 0)
    await bench.ask('traffic-stop')
    const status = await bench.until(({ traffic }) => traffic?.endedAt !== null)
    const { traffic, received } = await bench.result(status, before)
    stage.setVariant(2, (way) =>
      withFigures(withCounts(way, received), { answered: traffic.done, moved: traffic.moved }),
    )
    return { clients, moved: traffic.moved, expected: movedByNewest(MEMBERS, MEMBERS + 1).moved }
  })
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`
}
