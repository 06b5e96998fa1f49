/** No hijacking: who may join a port, and the case of UDP in which somebody else can. */
import type { Protocol } from '../../../contract/model.ts'
import { ProgramError } from '../dialogue.ts'
import { Refusal } from '../refusal.ts'
import type { RecipeScript } from './recipe.ts'
import type { Stage } from './stage.ts'
import { exactly, untried } from './trials.ts'
import { emptyWay, withCounts, withFigures } from './ways.ts'

/** uid and gid 65534: the user who has nothing (nobody). */
const SOMEBODY_ELSE = { uid: 65534, gid: 65534 } as const
const NO_SECOND_USER = 'A second user takes root: `sudo reuseport-inspector lab run no-hijacking`.'

type Options = { readonly reuseport: boolean; readonly reuseaddr?: boolean }
type Case = {
  readonly protocol: Protocol
  readonly first: Options
  readonly second: Options
  /** Whether the second is another user. */
  readonly stranger: boolean
  readonly binds: boolean
  readonly claim: string
  readonly why: string
}

const both = { reuseport: true } as const
const neither = { reuseport: false } as const
const protocols: readonly Protocol[] = ['tcp', 'udp']
const cases: readonly Case[] = protocols.flatMap((protocol) => {
  const name = protocol.toUpperCase()
  const base = { protocol, stranger: false, binds: false }
  return [
    {
      ...base,
      first: both,
      second: both,
      binds: true,
      claim: `${name}: the same user joins, where both have the option.`,
      why: 'That is what the option is for; without this case the refusals below would prove nothing.',
    },
    {
      ...base,
      first: both,
      second: both,
      stranger: true,
      claim: `${name}: another user does not, though both have the option.`,
      why: 'The kernel compares the uid of the sockets (net/ipv4/inet_connection_sock.c, net/ipv4/udp.c).',
    },
    {
      ...base,
      first: neither,
      second: both,
      claim: `${name}: nobody joins a first socket without the option.`,
      why: 'Who binds without SO_REUSEPORT has the port alone.',
    },
    {
      ...base,
      first: both,
      second: neither,
      claim: `${name}: a second socket without the option does not join.`,
      why: 'Both must have asked for it.',
    },
  ]
})

export const noHijacking: RecipeScript = {
  name: 'no-hijacking',
  title: 'No hijacking',
  subtitle: 'Another user tries to join the port',
  does: 'Opens sockets as you and as uid 65534 in a network namespace of its own, which ends with them.',
  missing: ({ root }) => (root ? null : NO_SECOND_USER),
  explanation: [
    'If anybody could join a port, anybody could take a part of its clients. So all sockets of a reuseport group must belong to one user, and each must have asked for it before it was bound: else bind() fails with EADDRINUSE.',
    'UDP has a way round it. SO_REUSEADDR, which is older, lets several UDP sockets bind to one port, no matter which users own them, if all have set it; the newest takes everything. A server that sets both options, as some do out of habit, has the guard of SO_REUSEPORT and leaves this door open.',
    'Look for it with `reuseport-inspector findings`: it is called port-hijackable.',
  ],
  async play(stage) {
    const count = stage.sized(200, 5000)
    const way = emptyWay(
      { title: 'UDP with both options', subtitle: 'Another user binds with SO_REUSEADDR', shape: 'newest' },
      ['you', 'uid 65534'],
      ['answered'],
    )
    stage.setWays([way])
    for (const [at, one] of cases.entries()) {
      stage.step(one.claim, at / (cases.length + 1))
      stage.tried(await tryCase(stage, one))
    }
    stage.step('UDP, both options: the door', cases.length / (cases.length + 1))
    const claim = 'UDP with SO_REUSEADDR beside it: another user binds, and takes every datagram.'
    const why =
      'The newest of equal sockets is found first and is in no group with the others (udp4_lib_lookup2(), net/ipv4/udp.c): all datagrams or none.'
    const taken = stage.machine.root ? await hijack(stage, count) : null
    if (taken === null) stage.tried(untried(claim, NO_SECOND_USER))
    else {
      stage.tried(
        exactly(
          claim,
          taken.received[0] === 0 && taken.received[1] === count,
          `of ${count} datagrams the first user got ${taken.received[0]}, the other ${taken.received[1]}`,
          why,
        ),
      )
      stage.setWay(0, (now) => withFigures(withCounts(now, taken.received), { answered: taken.answered }))
    }
    return {
      sentence:
        taken === null
          ? 'A socket without the option is not joined, and does not join.'
          : `Nobody else could join by SO_REUSEPORT; by SO_REUSEADDR on UDP another user took ${taken.received[1]} of ${count} datagrams.`,
      detail:
        taken === null
          ? NO_SECOND_USER
          : 'Do not set SO_REUSEADDR on UDP sockets that have SO_REUSEPORT: it gives nothing to them, and opens the port to others.',
    }
  },
}

async function tryCase(stage: Stage, { protocol, first, second, stranger, binds, claim, why }: Case) {
  if (stranger && !stage.machine.root) return untried(claim, NO_SECOND_USER)
  const answer = await inOwnNamespace(stage, { protocol, listeners: 1, ...first }, async (bench) => {
    try {
      await bench.add({ ...second, ...(stranger ? SOMEBODY_ELSE : {}) })
      return null
    } catch (error) {
      if (error instanceof ProgramError) return error
      throw error
    }
  })
  if (typeof answer === 'string') return untried(claim, answer)
  const observed = answer === null ? 'the second was let in' : `${answer.call}() said ${answer.errno}`
  const refused = answer?.errno === 'EADDRINUSE'
  return exactly(claim, binds ? answer === null : refused, observed, why)
}

/** Two sockets with both options, the second of another user with SO_REUSEADDR alone, and who gets what. */
function hijack(stage: Stage, count: number) {
  return stage.at(
    { protocol: 'udp', listeners: 1, reuseport: true, reuseaddr: true },
    async (bench) => {
      await bench.add({ ...SOMEBODY_ELSE, reuseport: false, reuseaddr: true })
      const { received, traffic } = await bench.send({ count, flows: count, exchange: 'echo' })
      return { received, answered: traffic.done }
    },
    { ownNamespace: true },
  )
}

/** Runs `work` there; why it cannot be, where this user may not make a namespace. */
async function inOwnNamespace<T>(
  stage: Stage,
  asked: Parameters<Stage['at']>[0],
  work: (bench: Parameters<Parameters<Stage['at']>[1]>[0]) => Promise<T>,
): Promise<T | string> {
  try {
    return await stage.at(asked, work, { ownNamespace: true })
  } catch (error) {
    if (error instanceof Refusal && error.code === 'FORBIDDEN')
      return `${error.problem.happened}. ${error.problem.remedy ?? ''}`.trim()
    throw error
  }
}
