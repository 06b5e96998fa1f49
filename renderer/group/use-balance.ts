/** How the group's clients are spread, sampled by the oracle when the screen opens and when the members change. */
import { useCallback, useMemo, useRef, useState } from 'react'
import type { Balance } from '../../electron/contract/analysis.ts'
import { problemOf } from '../store/problem.ts'
import { useSession } from '../store/session.ts'
import type { EngineClient } from '../transport/transport.ts'
import { useAskedAgain } from './use-asked-again.ts'

const MOST_CLIENTS = 65_536
const CLIENTS = 20_000
/** Clients a member, so that even a large group can be judged. */
const CLIENTS_EACH = 10
const TIMES = { restMs: 0, pauseMs: 2000 }

export type Sampled = { balance: Balance | null; refused: string | null }

/** Shares of sampled clients: what a lane's dot and a cell's colour show. */
export type Shares = {
  /** Clients that reached a member. */
  clients: number
  members: number
  /** A member's clients; null where it was not there when it was sampled. */
  of(id: string): number | null
}

/** `members` is another number whenever the members are others. */
export function useBalance(id: string, receiving: number, members: number): Sampled {
  const engine = useSession(({ client }) => client)
  const [sampled, setSampled] = useState<Sampled>({ balance: null, refused: null })
  const spread = receiving > 0
  const size = useRef(receiving)
  size.current = receiving
  const question = useMemo(() => (engine && spread ? { engine, id } : null), [engine, id, spread])
  const ask = useCallback(async ({ engine, id }: { engine: EngineClient; id: string }, signal: AbortSignal) => {
    const clients = Math.min(MOST_CLIENTS, Math.max(CLIENTS, size.current * CLIENTS_EACH))
    const next = await engine.group.balance({ id, clients }, { signal }).then(
      (balance): Sampled => ({ balance, refused: null }),
      (error: unknown): Sampled => ({ balance: null, refused: problemOf(error, 'how even it is').happened }),
    )
    if (!signal.aborted) setSampled(next)
  }, [])
  useAskedAgain(question, members, TIMES, ask)
  return sampled
}

export function sharesOf(balance: Balance | null): Shares | null {
  if (!balance?.flows || balance.flows.total === 0) return null
  const { members, flows } = balance
  let byId: Map<string, number | null> | null = null
  const of = (id: string) => {
    // Of a large group shares are seldom looked at.
    byId ??= new Map(members.flatMap(({ cookie, flows }) => (cookie === null ? [] : [[cookie, flows]])))
    return byId.get(id) ?? null
  }
  return { clients: flows.total, members: flows.members, of }
}

/** Where a share lies against an equal one, in standard deviations of what chance does to it (binomial). */
export function deviation(clients: number, { clients: all, members }: Pick<Shares, 'clients' | 'members'>): number {
  const p = 1 / members
  const sigma = Math.sqrt(all * p * (1 - p))
  return sigma === 0 ? 0 : (clients - all * p) / sigma
}
