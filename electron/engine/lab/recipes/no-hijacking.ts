/** No hijacking: who can join a port, and the UDP case in which another user can. */
import type { Protocol } from '../../../contract/model.ts'
import { ProgramError } from '../lab-connection.ts'
import { LabError } from '../lab-error.ts'
import { exactCheck, skippedCheck } from './checks.ts'
import type { RecipeScript } from './recipe.ts'
import type { RecipeContext } from './recipe-context.ts'
import { emptyVariant, withCounts, withFigures } from './variants.ts'

/** uid and gid 65534: the unprivileged user `nobody`. */
const OTHER_USER = { uid: 65534, gid: 65534 } as const
const NO_SECOND_USER = 'Running as a second user requires root: `sudo reuseport-inspector lab run no-hijacking`.'

type Options = { readonly reuseport: boolean; readonly reuseaddr?: boolean }
type Case = {
  readonly protocol: Protocol
  readonly first: Options
  readonly second: Options
  /** Whether the second socket belongs to another user. */
  readonly otherUser: boolean
  readonly binds: boolean
  readonly claim: string
  readonly why: string
}

const both = { reuseport: true } as const
const neither = { reuseport: false } as const
const protocols: readonly Protocol[] = ['tcp', 'udp']
const cases: readonly Case[] = protocols.flatMap((protocol) => {
  const name = protocol.toUpperCase()
  const base = { protocol, otherUser: false, binds: false }
  return [
    {
      ...base,
      first: both,
      second: both,
      binds: true,
      claim: `${name}: the same user can join if both sockets have the option.`,
      why: 'That is what the option is for; without this case the refusals below would prove nothing.',
    },
    {
      ...base,
      first: both,
      second: both,
      otherUser: true,
      claim: `${name}: another user cannot join, even if both sockets have the option.`,
      why: 'The kernel compares the uid of the sockets (net/ipv4/inet_connection_sock.c, net/ipv4/udp.c).',
    },
    {
      ...base,
      first: neither,
      second: both,
      claim: `${name}: no socket can join a first socket without the option.`,
      why: 'A socket bound without SO_REUSEPORT has the port to itself.',
    },
    {
      ...base,
      first: both,
      second: neither,
      claim: `${name}: a second socket without the option cannot join.`,
      why: 'Both must have set it.',
    },
  ]
})

export const noHijacking: RecipeScript = {
  name: 'no-hijacking',
  title: 'No hijacking',
  subtitle: 'Another user tries to join the port',
  effect: 'Opens sockets as you and as uid 65534 in a separate network namespace, which is removed at the end.',
  limitation: ({ root }) => (root ? null : NO_SECOND_USER),
  explanation: [
    'If any user could join a port, any user could take some of its clients. So all sockets of a reuseport group must belong to one user, and each must have set the option before bind(): otherwise bind() fails with EADDRINUSE.',
    'UDP has a way around it. The older SO_REUSEADDR lets several UDP sockets bind to one port, whichever users own them, if all have set it; the newest receives everything. A server that sets both options, as some do out of habit, has the protection of SO_REUSEPORT and still leaves this door open.',
    'To look for it, run `reuseport-inspector findings`: the finding is called port-hijackable.',
  ],
  async run(stage) {
    const count = stage.sized(200, 5000)
    const way = emptyVariant(
      { title: 'UDP with both options', subtitle: 'Another user binds with SO_REUSEADDR', shape: 'newest' },
      ['you', 'uid 65534'],
      ['answered'],
    )
    stage.setVariants([way])
    for (const [at, one] of cases.entries()) {
      stage.step(one.claim, at / (cases.length + 1))
      stage.addChecks(await tryCase(stage, one))
    }
    stage.step('UDP with both options: another user binds', cases.length / (cases.length + 1))
    const claim = 'UDP with SO_REUSEADDR too: another user can bind, and receives every datagram.'
    const why =
      'The newest of several equal sockets is found first and is in no group with the others (udp4_lib_lookup2(), net/ipv4/udp.c): it receives all datagrams or none.'
    const taken = stage.machine.root ? await hijack(stage, count) : null
    if (taken === null) stage.addChecks(skippedCheck(claim, NO_SECOND_USER))
    else {
      stage.addChecks(
        exactCheck(
          claim,
          taken.received[0] === 0 && taken.received[1] === count,
          `of ${count} datagrams the first user received ${taken.received[0]}, the other ${taken.received[1]}`,
          why,
        ),
      )
      stage.setVariant(0, (now) => withFigures(withCounts(now, taken.received), { answered: taken.answered }))
    }
    return {
      summary:
        taken === null
          ? 'A socket without the option cannot be joined, and cannot join.'
          : `With SO_REUSEPORT no other user could join; with SO_REUSEADDR on UDP another user received ${taken.received[1]} of ${count} datagrams.`,
      detail:
        taken === null
          ? NO_SECOND_USER
          : 'Do not set SO_REUSEADDR on UDP sockets that have SO_REUSEPORT: it has no benefit there, and opens the port to other users.',
    }
  },
}

async function tryCase(stage: RecipeContext, { protocol, first, second, otherUser, binds, claim, why }: Case) {
  if (otherUser && !stage.machine.root) return skippedCheck(claim, NO_SECOND_USER)
  const answer = await inOwnNamespace(stage, { protocol, listeners: 1, ...first }, async (bench) => {
    try {
      await bench.add({ ...second, ...(otherUser ? OTHER_USER : {}) })
      return null
    } catch (error) {
      if (error instanceof ProgramError) return error
      throw error
    }
  })
  if (typeof answer === 'string') return skippedCheck(claim, answer)
  const observed = answer === null ? 'the second socket joined' : `${answer.call}() failed with ${answer.errno}`
  const refused = answer?.errno === 'EADDRINUSE'
  return exactCheck(claim, binds ? answer === null : refused, observed, why)
}

/** A socket with both options, a second one of another user with SO_REUSEADDR alone, and what each receives. */
function hijack(stage: RecipeContext, count: number) {
  return stage.withLab(
    { protocol: 'udp', listeners: 1, reuseport: true, reuseaddr: true },
    async (bench) => {
      await bench.add({ ...OTHER_USER, reuseport: false, reuseaddr: true })
      const { received, traffic } = await bench.send({ count, flows: count, exchange: 'echo' })
      return { received, answered: traffic.done }
    },
    { ownNamespace: true },
  )
}

/** Runs `work` in its own namespace; gives the reason where this user may not create one. */
async function inOwnNamespace<T>(
  stage: RecipeContext,
  asked: Parameters<RecipeContext['withLab']>[0],
  work: (bench: Parameters<Parameters<RecipeContext['withLab']>[1]>[0]) => Promise<T>,
): Promise<T | string> {
  try {
    return await stage.withLab(asked, work, { ownNamespace: true })
  } catch (error) {
    if (error instanceof LabError && error.code === 'FORBIDDEN')
      return `${error.problem.cause}. ${error.problem.hint ?? ''}`.trim()
    throw error
  }
}
