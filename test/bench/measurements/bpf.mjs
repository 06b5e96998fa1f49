/** What the BPF reader takes: to read every kernel group, to read one large group, and of traffic while it counts. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { makeListeners, makeNamespace, processorTime, program, root, start } from '../machine.mjs'
import { atMost, compared, result, summarize, times } from '../statistics.mjs'
import { crowded } from './crowd.mjs'

const reader = join(root, 'native/build/Release/reuseport-bpf')

/**
 * A verb of the reader, with its programs loaded; `read` gives the duration of one reading in ms, `usedMs` the reader's
 * processor time so far.
 */
async function startReader(namespace, verb) {
  const { child, lines, end } = start(namespace, reader, [verb])
  const read = async () => {
    const started = performance.now()
    for (let more = true; more; ) {
      child.stdin.write('\n')
      const { value, done } = await lines.next()
      if (done)
        throw new Error(`reuseport-bpf ${verb} ended: \`reuseport-bpf features\` says why it does not work here`)
      more = JSON.parse(value).more
    }
    return performance.now() - started
  }
  // Loads the programs, and reads everything once.
  await read()
  // The first number of schedstat (proc(5)).
  const usedMs = () => Number(readFileSync(`/proc/${child.pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6
  return { read, usedMs, end }
}

const LARGE = 25_000
/** Large enough that no processor has it in a cache of its own either. */
const SMALL = 10_000
/** The kernel updates a process's processor time once that waits again. */
const SETTLE_MS = 20

export async function bpf(settings) {
  const { namespace, probe } = await crowded(settings)
  const groups = await startReader(namespace, 'groups')
  const request = { memory: true, bound: false }
  await probe.ask('refresh', { rounds: 3, ...request })
  const ours = []
  const dumps = []
  for (let round = 0; round < settings.rounds; round++) {
    ours.push(await groups.read())
    dumps.push(...(await probe.ask('refresh', { rounds: 1, ...request })).durations)
  }
  await groups.end()
  const measured = summarize(ours)
  return [
    result(`BPF reading of all groups of this machine, ${settings.sockets} sockets`, 'ms', measured, {
      ratios: [times('times our refresh of the same over sock_diag', measured, summarize(dumps), atMost(1))],
    }),
  ]
}

/**
 * Whether the time for one member stays the same in a large group: if it grew with their number, it would be 2.5 times as
 * long. In processor time, because memory is the rest: of each member the kernel reads the file, the socket and the
 * sock, which a processor's own cache holds for 2,500 members, and not for 10,000. On a busy machine, where it held none,
 * it was 586, 574, 579 and 587 ns for each of 2,500, 5,000, 10,000 and 25,000 members. Before the crowd, which would be
 * read along.
 */
export async function largeGroup({ rounds }) {
  const sizes = [SMALL, LARGE]
  const namespaces = sizes.map(() => makeNamespace())
  const alone = await readings(namespaces[0], rounds)
  const added = []
  for (const [at, members] of sizes.entries()) {
    const listeners = await makeListeners(namespaces[at], 1, members, true)
    const durations = await readings(namespaces[at], rounds)
    await listeners.end()
    added.push({ members, durations, ms: Math.max(0, durations.median - alone.median) })
  }
  const [small, large] = added
  const perMember = ({ ms, members }) => ms / members
  return [
    result(`BPF reading with one group of ${LARGE}, processor time`, 'ms', large.durations, {
      ratios: [
        compared(
          `times the time for each member of a group of ${SMALL}`,
          perMember(large) / perMember(small),
          small.durations,
          atMost(1.5),
        ),
      ],
    }),
  ]
}

async function readings(namespace, rounds) {
  const { read, usedMs, end } = await startReader(namespace, 'groups')
  const durations = []
  for (let round = 0; round < rounds; round++) {
    await setTimeout(SETTLE_MS)
    const before = usedMs()
    await read()
    await setTimeout(SETTLE_MS)
    durations.push(usedMs() - before)
  }
  await end()
  return summarize(durations)
}

/**
 * Nearly all of it is the kernel's way to a program at a tracepoint, here twice for each datagram with its echo. Medians
 * of 60 pairs in one process: 129 ns of 6.9 µs with an empty program, 136 ns with the one that counts, and the same
 * again where it counts in an array, for each processor apart, or without a lock.
 */
const PAIRS = 10
const LOADS = [
  { args: ['udp-echo', '--count', '300000'], what: 'UDP datagrams, each with an echo', budget: 3 },
  { args: ['tcp', '--count', '60000'], what: 'TCP connections, each with an echo', budget: 1 },
]

/** Processor time of clients and servers, with and without the program that counts or samples, in pairs. */
export async function counting() {
  const namespace = makeNamespace()
  const cost = (load) => processorTime(namespace, program('traffic'), load).processorMs
  const results = []
  for (const { args, what, budget } of LOADS) {
    for (const [verb, limit] of [
      ['count', atMost(budget)],
      ['flows', null],
    ]) {
      const percents = []
      cost(args)
      for (let pair = 0; pair < PAIRS; pair++) {
        // Which one is first alternates, so that neither is favored by a machine that gets slower.
        const withReader = async () => {
          const { end } = await startReader(namespace, verb)
          const ms = cost(args)
          await end()
          return ms
        }
        const first = pair % 2 === 0 ? cost(args) : await withReader()
        const second = pair % 2 === 0 ? await withReader() : cost(args)
        const [off, on] = pair % 2 === 0 ? [first, second] : [second, first]
        percents.push(100 * (on / off - 1))
      }
      const words = verb === 'count' ? 'counting what members are given' : 'sampling recent clients'
      results.push(result(`${words}: ${what}`, '% more processor time', summarize(percents), { budget: limit }))
    }
  }
  return results
}
