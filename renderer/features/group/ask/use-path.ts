/** Looks up which member a client reaches, again whenever the input or the members change. */
import { ORPCError } from '@orpc/client'
import { useCallback, useMemo, useState } from 'react'
import type { Endpoint, PacketPath } from '../../../../electron/contract/analysis.ts'
import type { GroupRow } from '../../../../electron/contract/live.ts'
import { useSession } from '../../../model/store/context.ts'
import { problemOf } from '../../../model/store/problem.ts'
import type { EngineClient } from '../../../model/transport/transport.ts'
import { usePolledQuery } from '../use-polled-query.ts'
import { parseEndpoint } from './endpoint-text.ts'

const TIMES = { restMs: 200, pauseMs: 500 }

export type PathQuery =
  | { state: 'asking' }
  | { state: 'answered'; path: PacketPath }
  /** An input is invalid; `words` says why, `field` which one, null for the two together. */
  | { state: 'wrong'; words: string; field: PathField | null }
  /** This engine or this kernel cannot answer. */
  | { state: 'refused'; words: string }

export type PathField = 'client' | 'server'

/** `client` and `local` as typed. `members` changes whenever the set of members does. */
export function usePath(row: GroupRow, client: string, local: string, members: number): PathQuery {
  const engine = useSession(({ client }) => client)
  const [asked, setAsked] = useState<PathQuery>({ state: 'asking' })
  const { protocol, netns, interface: bound } = row
  const question = useMemo(
    () => engine && { engine, client, local, protocol, netns, bound },
    [engine, client, local, protocol, netns, bound],
  )
  const ask = useCallback(async (question: PathQuestion, signal: AbortSignal) => {
    const { engine, client, local, protocol, netns, bound } = question
    const ends = readBoth(client, local)
    if ('state' in ends) return setAsked(ends)
    const flow = { ...ends, protocol, netns: String(netns), ...(bound === null ? {} : { interface: bound }) }
    const answer = await engine.steering
      .path(flow, { signal })
      .then((path): PathQuery => ({ state: 'answered', path }), refusal)
    if (!signal.aborted) setAsked(answer)
  }, [])
  usePolledQuery(question, members, TIMES, ask)
  return asked
}

type PathQuestion = Pick<GroupRow, 'protocol' | 'netns'> & {
  engine: EngineClient
  client: string
  local: string
  bound: string | null
}

function readBoth(client: string, server: string): { remote: Endpoint; local: Endpoint } | PathQuery {
  const remote = readOne(client, 'client')
  const local = readOne(server, 'server')
  if ('state' in remote) return remote
  return 'state' in local ? local : { remote, local }
}

function readOne(text: string, field: PathField): Endpoint | PathQuery {
  try {
    return parseEndpoint(text)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    return { state: 'wrong', words: `${field === 'client' ? 'Client' : 'Server'}: ${words}`, field }
  }
}

function refusal(error: unknown): PathQuery {
  const { cause, hint } = problemOf(error, 'look up this client')
  const words = `${sentence(cause)}${hint === null ? '' : ` ${sentence(hint)}`}`
  const mistyped = error instanceof ORPCError && error.code === 'UNPROCESSABLE_CONTENT'
  return mistyped ? { state: 'wrong', words, field: null } : { state: 'refused', words }
}

function sentence(words: string): string {
  const begun = `${words[0]?.toUpperCase() ?? ''}${words.slice(1)}`
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}
