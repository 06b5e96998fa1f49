/** Steering: the hash, a BPF program, and SO_INCOMING_CPU. */
import { readFileSync } from 'node:fs'
import type { ListenRequest } from '../../../contract/lab.ts'
import { checkSpread, exactCheck, skippedCheck } from './checks.ts'
import { noLimitation, type RecipeScript } from './recipe.ts'
import type { RecipeContext } from './recipe-context.ts'
import { busiestShare, emptyVariant, labels, withCounts, withFigures } from './variants.ts'

const MEMBERS = 4

const shown = [
  { title: 'Hash', subtitle: 'The kernel default', shape: 'reuseport', how: { steering: 'hash' } },
  { title: 'Random', subtitle: 'A BPF program picks at random', shape: 'reuseport', how: { steering: 'random' } },
  { title: 'By CPU', subtitle: 'A BPF program: CPU modulo members', shape: 'reuseport', how: { steering: 'cpu' } },
  { title: 'SO_INCOMING_CPU', subtitle: 'Each member sets its CPU', shape: 'reuseport', how: { incomingCpu: true } },
] as const

export const steering: RecipeScript = {
  name: 'steering',
  title: 'Steer it yourself',
  subtitle: 'Hash, random, by CPU',
  effect: 'Opens four listeners on 127.0.0.1, four times, and sends from chosen CPUs. Closes everything at the end.',
  limitation: noLimitation,
  explanation: [
    'By default the kernel hashes the addresses and ports of a client. A classic BPF program attached to the group (SO_ATTACH_REUSEPORT_CBPF) chooses instead: at random, by the CPU that received the packet, or by anything in the packet. It returns the number of a member; for a number that does not exist the kernel falls back to the hash.',
    'SO_INCOMING_CPU needs no program: a member sets the CPU whose packets it wants, and is chosen for those alone. With a thread on each CPU, a connection stays on the CPU that received it.',
    'A packet over loopback is received on the CPU that sent it, so this recipe controls the CPU by sending from it.',
    'The inspector reads an attached program as root, with BPF: then it runs a classic one on the client that you ask about. Without root, what it shows about steering is about the hash.',
  ],
  async run(stage) {
    const count = stage.sized(2000, 20_000)
    const cpus = allowedCpus().slice(0, 2)
    stage.setVariants(
      shown.map(({ title, subtitle, shape }) =>
        emptyVariant({ title, subtitle, shape }, labels(MEMBERS), ['share', 'throughput']),
      ),
    )
    const outcomes: Outcome[] = []
    for (const [at, { title, how }] of shown.entries()) {
      stage.step(title, at / shown.length)
      outcomes.push(await sendFrom(stage, at, how, count, cpus))
    }
    const [hash, random, byCpu, incoming] = outcomes
    if (hash === undefined || random === undefined || byCpu === undefined || incoming === undefined)
      throw new Error('no variant was tried')
    stage.addChecks(
      checkSpread('The spread by the hash is consistent with chance.', hash.sum),
      checkSpread('So is the spread by a program that picks at random.', random.sum),
      exactCheck(
        'A program that picks by CPU sends everything from one CPU to one member.',
        byCpu.each.every(({ cpu, received }) =>
          received.every((got, member) => (member === cpu % MEMBERS) === got > 0),
        ),
        describeOutcome(byCpu),
        'The member is the number of the CPU modulo the number of members, for each connection: a single one elsewhere fails the check.',
      ),
      incomingCpuCheck(incoming, stage.machine.cpus()),
    )
    return {
      summary: `The hash and the random program spread connections as chance does; by CPU, ${describeOutcome(byCpu)}.`,
      detail: `With SO_INCOMING_CPU: ${describeOutcome(incoming)}.`,
    }
  },
}

type Outcome = {
  readonly each: readonly { readonly cpu: number; readonly received: readonly number[] }[]
  readonly sum: readonly number[]
}

/** Sends the same from each CPU, one after the other. */
function sendFrom(
  stage: RecipeContext,
  at: number,
  how: Partial<ListenRequest>,
  count: number,
  cpus: readonly number[],
): Promise<Outcome> {
  return stage.withLab({ protocol: 'tcp', listeners: MEMBERS, backlog: 1024, ...how }, async (bench) => {
    const each: { cpu: number; received: readonly number[] }[] = []
    let sum = labels(MEMBERS).map(() => 0)
    const rates: number[] = []
    for (const cpu of cpus) {
      const before = sum
      const plus = (received: readonly number[]) => before.map((got, member) => got + (received[member] ?? 0))
      const flown = await bench.send({ count, exchange: 'echo', cpu }, (_, received) =>
        stage.setVariant(at, (way) => withCounts(way, plus(received))),
      )
      each.push({ cpu, received: flown.received })
      rates.push(flown.perSecond)
      sum = plus(flown.received)
    }
    const throughput = rates.reduce((all, rate) => all + rate, 0) / Math.max(1, rates.length)
    stage.setVariant(at, (way) => withFigures(withCounts(way, sum), { share: busiestShare(sum), throughput }))
    return { each, sum }
  })
}

/** Members set their CPUs round-robin; where there are more CPUs than members, some CPUs have none. */
function incomingCpuCheck({ each, sum: _ }: Outcome, cpus: number) {
  const claim = 'With SO_INCOMING_CPU only members that set the receiving CPU are chosen.'
  const named = each.filter(({ cpu }) => cpu < MEMBERS)
  if (named.length === 0)
    return skippedCheck(
      claim,
      `No member set one of the CPUs that can be used here (${each.map(({ cpu }) => cpu).join(', ')}).`,
    )
  return exactCheck(
    claim,
    named.every(({ cpu, received }) => received.every((got, member) => member % cpus === cpu || got === 0)),
    describeOutcome({ each: named, sum: [] }),
    'Since Linux 6.2 a member of another CPU is never chosen while there is one of the receiving CPU (reuseport_select_sock_by_hash()).',
  )
}

function describeOutcome({ each }: Outcome): string {
  return each
    .map(({ cpu, received }) => {
      const members = received.flatMap((got, member) => (got > 0 ? [member] : []))
      return `from CPU ${cpu} to ${members.length === 1 ? 'member' : 'members'} ${members.join(', ')}`
    })
    .join('; ')
}

/** CPUs that this process may run on (proc(5), Cpus_allowed_list). */
export function allowedCpus(status = readFileSync('/proc/self/status', 'latin1')): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '0'
  return list.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, index) => from + index)
  })
}
