/** A program steers: by modulo, from an array of sockets, with a result that is no member, and past a restarted server. */
import type { Check, Variant } from '../../../contract/lab.ts'
import { LabError } from '../lab-error.ts'
import { checkSpread, exactCheck, skippedCheck } from './checks.ts'
import type { RecipeScript } from './recipe.ts'
import type { RecipeContext } from './recipe-context.ts'
import type { TestRun, TrafficKeys, TrafficResult } from './test-run.ts'
import { busiestShare, emptyVariant, labels, withCounts, withFigures, withNote } from './variants.ts'

const MEMBERS = 4
const CLOSES = MEMBERS - 1
const [MODULO, ARRAY, INVALID, RESTARTED, CLOSED] = [0, 1, 2, 3, 4]

const NO_BPF =
  'A socket array requires CAP_BPF: without it only the classic programs run. For all of it: `sudo reuseport-inspector lab run program-steers`.'

const KEEPS = `A program that takes the source port modulo ${MEMBERS} keeps each client at one member.`
const PREDICTED = `Each client is at the member that its source port modulo ${MEMBERS} says.`
const SPREAD = 'From an array of sockets, by the hash modulo its keys, the spread is consistent with chance.'
const NOT_LOST = 'Where the result of a program is no member, no connection is lost.'
const FALLS_BACK = 'The hash picks for these connections: their spread is consistent with chance.'
const MISSED = 'Members that are not in the array get nothing while the old ones are.'
const NAMED = 'The inspector names exactly these as members that the program can never pick.'
const EMPTY = 'Once the old ones have closed, the array is empty, and the hash spreads over the new ones.'

export const programSteers: RecipeScript = {
  name: 'program-steers',
  title: 'A program steers',
  subtitle: 'Modulo, socket array, restart',
  effect:
    'Opens four listeners on 127.0.0.1, four times, attaches BPF programs to them, and sends to them. Closes everything at the end.',
  limitation: (machine) => (machine.has('cap_bpf') || machine.has('cap_sys_admin') ? null : NO_BPF),
  explanation: [
    'A BPF program attached to a group picks the member in place of the hash. A classic one (SO_ATTACH_REUSEPORT_CBPF) returns a place in the kernel’s array socks[]. An extended one (sk_reuseport, SO_ATTACH_REUSEPORT_EBPF) picks a socket from a map, a REUSEPORT_SOCKARRAY, which user space fills: QUIC servers keep a connection at its worker in this way.',
    'Neither has to be right. A place that does not exist, and a key under which no socket stands, are no result: the kernel then takes the hash, and nothing is lost.',
    'What is in the group and not in the map is never picked. A server that restarts, whose new sockets join the group before they are in the map, listens and gets nothing until the old sockets have closed. Nothing reports that: the sockets, their options and the kernel lookup look as always.',
    'The inspector reads the program and its map as root, names members that the program can never pick (the finding program-misses-members), and counts what each is really given.',
  ],
  async run(stage) {
    const count = stage.sized(2000, 20_000)
    const figures = ['share', 'answered'] as const
    const way = (title: string, subtitle: string, members = MEMBERS) =>
      emptyVariant({ title, subtitle, shape: 'reuseport' }, labels(members), figures)
    const noted = (variant: Variant, first: number, note: string) =>
      labels(MEMBERS).reduce((all, _, at) => withNote(all, first + at, note), variant)
    const restarted = (title: string, subtitle: string) => noted(way(title, subtitle, 2 * MEMBERS), MEMBERS, 'new')
    stage.setVariants([
      way('Modulo', `Classic: source port modulo ${MEMBERS}`),
      way('Socket array', 'Extended: picks from a map'),
      withNote(way('No result', 'Classic: a member that has closed'), CLOSES, 'closed'),
      restarted('Restarted', 'The map has only the old sockets'),
      noted(restarted('Old ones closed', 'The map is empty'), 0, 'closed'),
    ])
    stage.step('Source port modulo members', 0)
    stage.addChecks(...(await modulo(stage, count)))
    stage.step('From a socket array', 0.2)
    stage.addChecks(
      ...(await withArray(stage, [SPREAD], async (bench) => {
        const { received } = await sendTo(stage, ARRAY, bench, count)
        return [checkSpread(SPREAD, received)]
      })),
    )
    stage.step('A result that is no member', 0.4)
    stage.addChecks(...(await noResult(stage, count)))
    stage.step('The server restarts', 0.6)
    stage.addChecks(...(await withArray(stage, [MISSED, NAMED, EMPTY], (bench) => restart(stage, count, bench))))
    return ending(stage.checks)
  },
}

function ending(checks: readonly Check[]) {
  const skipped = checks.find(({ claim, holds }) => claim === MISSED && holds === null)
  if (skipped !== undefined)
    return { summary: 'The classic programs were tried; the socket array was not.', detail: skipped.observed }
  const missed = checks.find(({ claim }) => claim === MISSED)
  return {
    summary: `After the restart, ${missed?.observed ?? ''}.`,
    detail: 'The socket array still had the old sockets, and the new ones stood in the group without a client.',
  }
}

/** Clients that each send several datagrams: each of these goes to the same member. */
async function modulo(stage: RecipeContext, count: number): Promise<Check[]> {
  const perClient = 4
  return await stage.withLab({ protocol: 'udp', listeners: MEMBERS, steering: 'source-port' }, async (bench) => {
    const cookies = (await bench.status()).members.map(({ cookie }) => cookie)
    const sampled = await stage.clients(cookies)
    // From one address, so that ports tell the clients apart.
    const { traffic } = await sendTo(stage, MODULO, bench, count, { flows: count / perClient, sources: 1 })
    const clients = sampled === null ? null : await stage.clients(cookies)
    const wrong = clients?.flows.filter(({ port, cookie }) => cookies[port % MEMBERS] !== cookie) ?? []
    return [
      exactCheck(
        KEEPS,
        traffic.moved === 0,
        `${traffic.moved} of ${count / perClient} clients changed their member`,
        'The source port of a client never changes: a single one that moves fails the check.',
      ),
      clients === null
        ? skippedCheck(PREDICTED, stage.clientsUnknownBecause)
        : exactCheck(
            PREDICTED,
            clients.flows.length > 0 && wrong.length === 0,
            `${clients.flows.length} clients sampled, ${wrong.length} of them elsewhere`,
            'The program returns the place, and members joined in this order: a single client elsewhere fails the check.',
          ),
    ]
  })
}

/** The program keeps on picking a member that has closed: the place behind the last one. */
function noResult(stage: RecipeContext, count: number): Promise<Check[]> {
  return stage.withLab(
    { protocol: 'tcp', listeners: MEMBERS, backlog: 1024, steering: 'member', steerTo: CLOSES },
    async (bench) => {
      await bench.ask('close', { member: CLOSES })
      const { traffic, received } = await sendTo(stage, INVALID, bench, count)
      return [
        exactCheck(
          NOT_LOST,
          traffic.done === count,
          `${traffic.done} of ${count} answered`,
          'Each has to be answered.',
        ),
        checkSpread(FALLS_BACK, received.slice(0, CLOSES)),
      ]
    },
  )
}

/** New members join while the old ones are in the array, which has no key for more; then the old ones close. */
async function restart(stage: RecipeContext, count: number, bench: TestRun): Promise<Check[]> {
  for (let added = 0; added < MEMBERS; added++) await bench.add()
  const { members } = await bench.status()
  const fresh = members.slice(MEMBERS).map(({ cookie }) => cookie)
  const { received } = await sendTo(stage, RESTARTED, bench, count)
  const reached = received.slice(MEMBERS).reduce((all, got) => all + got, 0)
  const missed = await stage.missedMembers(fresh[0] ?? '')
  stage.step('The old sockets close', 0.8)
  for (let old = 0; old < MEMBERS; old++) await bench.ask('close', { member: old })
  const after = await sendTo(stage, CLOSED, bench, count)
  return [
    exactCheck(
      MISSED,
      reached === 0,
      `${reached} of ${count} connections reached one of the ${MEMBERS} new members`,
      'Every key has an old socket, so the program always picks one: not one connection may reach a new member.',
    ),
    typeof missed === 'string'
      ? skippedCheck(NAMED, missed)
      : exactCheck(
          NAMED,
          missed.length === fresh.length && fresh.every((cookie) => missed.includes(cookie)),
          `${missed.length} named, of the ${fresh.length} new ones ${fresh.filter((cookie) => missed.includes(cookie)).length}`,
          'Read from the kernel’s group and the map of the program: one more or less fails the check.',
        ),
    checkSpread(EMPTY, after.received.slice(MEMBERS)),
  ]
}

/** Runs with a lab that is steered from a socket array; where that is not allowed, the claims are not checked. */
async function withArray(
  stage: RecipeContext,
  claims: readonly string[],
  work: (bench: TestRun) => Promise<Check[]>,
): Promise<Check[]> {
  try {
    return await stage.withLab({ protocol: 'tcp', listeners: MEMBERS, backlog: 1024, steering: 'sock-array' }, work)
  } catch (error) {
    if (!(error instanceof LabError) || error.problem.field !== 'steering') throw error
    const { cause, hint } = error.problem
    return claims.map((claim) => skippedCheck(claim, `${cause}. ${hint ?? ''}`.trim()))
  }
}

/** Sends, and shows what each worker received. */
async function sendTo(
  stage: RecipeContext,
  at: number,
  bench: TestRun,
  count: number,
  keys: Partial<TrafficKeys> = {},
): Promise<TrafficResult> {
  const show = (received: readonly number[]) => stage.setVariant(at, (way) => withCounts(way, received))
  const result = await bench.send({ count, exchange: 'echo', ...keys }, (_, received) => show(received))
  const { received, traffic } = result
  show(received)
  stage.setVariant(at, (way) => withFigures(way, { share: busiestShare(received), answered: traffic.done }))
  return result
}
