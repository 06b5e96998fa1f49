/** Looks up which member a client reaches, again whenever the input or the members change. */
import { ORPCError } from '@orpc/client'
import { useCallback, useMemo, useState } from 'react'
import type { PacketPath } from '../../../electron/contract/analysis.ts'
import type { GroupRow } from '../../../electron/contract/live.ts'
import { problemOf } from '../../store/problem.ts'
import { useSession } from '../../store/session.ts'
import type { EngineClient } from '../../transport/transport.ts'
import { useAskedAgain } from '../use-asked-again.ts'
import { parseEndpoint } from './endpoint-text.ts'

const TIMES = { restMs: 200, pauseMs: 500 }

export type Asked =
  | { state: 'asking' }
  | { state: 'answered'; path: PacketPath }
  /** The input is invalid; `words` says why. */
  | { state: 'wrong'; words: string }
  /** This engine or this kernel cannot answer. */
  | { state: 'refused'; words: string }

/** `client` and `local` as typed. `members` changes whenever the set of members does. */
export function usePath(row: GroupRow, client: string, local: string, members: number): Asked {
  const engine = useSession(({ client }) => client)
  const [asked, setAsked] = useState<Asked>({ state: 'asking' })
  const { protocol, netns, interface: bound } = row
  const question = useMemo(
    () => engine && { engine, client, local, protocol, netns, bound },
    [engine, client, local, protocol, netns, bound],
  )
  const ask = useCallback(async (question: PathQuestion, signal: AbortSignal) => {
    const { engine, client, local, protocol, netns, bound } = question
    const ends = readBoth(client, local)
    if (typeof ends === 'string') return setAsked({ state: 'wrong', words: ends })
    const flow = { ...ends, protocol, netns: String(netns), ...(bound === null ? {} : { interface: bound }) }
    const answer = await engine.steering
      .path(flow, { signal })
      .then((path): Asked => ({ state: 'answered', path }), refusal)
    if (!signal.aborted) setAsked(answer)
  }, [])
  useAskedAgain(question, members, TIMES, ask)
  return asked
}

type PathQuestion = Pick<GroupRow, 'protocol' | 'netns'> & {
  engine: EngineClient
  client: string
  local: string
  bound: string | null
}

function readBoth(client: string, local: string) {
  try {
    return { remote: parseEndpoint(client), local: parseEndpoint(local) }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function refusal(error: unknown): Asked {
  const { happened, remedy } = problemOf(error, 'look up this client')
  const words = `${sentence(happened)}${remedy === null ? '' : ` ${sentence(remedy)}`}`
  const mistyped = error instanceof ORPCError && error.code === 'UNPROCESSABLE_CONTENT'
  return { state: mistyped ? 'wrong' : 'refused', words }
}

function sentence(words: string): string {
  const begun = `${words[0]?.toUpperCase() ?? ''}${words.slice(1)}`
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}
