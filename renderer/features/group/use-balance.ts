/**
 * How the group's clients are distributed, sampled with kernel lookups when the screen opens and when members change.
 */
import { useCallback, useMemo, useRef, useState } from 'react'
import type { Balance } from '../../../electron/contract/analysis.ts'
import { problemOf } from '../../model/store/problem.ts'
import { useSession } from '../../model/store/session.ts'
import type { EngineClient } from '../../model/transport/transport.ts'
import { usePolledQuery } from './use-polled-query.ts'

const MAX_CLIENTS = 65_536
const CLIENTS = 20_000
/** Clients per member, enough to judge even a large group. */
const CLIENTS_EACH = 10
const TIMES = { restMs: 0, pauseMs: 2000 }

export type Sampled = { balance: Balance | null; refused: string | null }

/** Shares of sampled clients, shown as a lane's dot and a cell's color. */
export type Shares = {
  /** Clients that reached a member. */
  clients: number
  members: number
  /** A member's clients; null if it joined after the sampling. */
  of(id: string): number | null
}

/** `members` changes whenever the set of members does. */
export function useBalance(id: string, receiving: number, members: number): Sampled {
  const engine = useSession(({ client }) => client)
  const [sampled, setSampled] = useState<Sampled>({ balance: null, refused: null })
  const spread = receiving > 0
  const size = useRef(receiving)
  size.current = receiving
  const question = useMemo(() => (engine && spread ? { engine, id } : null), [engine, id, spread])
  const ask = useCallback(async ({ engine, id }: { engine: EngineClient; id: string }, signal: AbortSignal) => {
    const clients = Math.min(MAX_CLIENTS, Math.max(CLIENTS, size.current * CLIENTS_EACH))
    const next = await engine.group.balance({ id, clients }, { signal }).then(
      (balance): Sampled => ({ balance, refused: null }),
      (error: unknown): Sampled => ({ balance: null, refused: problemOf(error, 'sample clients').cause }),
    )
    if (!signal.aborted) setSampled(next)
  }, [])
  usePolledQuery(question, members, TIMES, ask)
  return sampled
}

export function sharesOf(balance: Balance | null): Shares | null {
  if (!balance?.flows || balance.flows.total === 0) return null
  const { members, flows } = balance
  let byId: Map<string, number | null> | null = null
  const of = (id: string) => {
    // Built on demand: the shares of a large group are rarely needed.
    byId ??= new Map(members.flatMap(({ cookie, flows }) => (cookie === null ? [] : [[cookie, flows]])))
    return byId.get(id) ?? null
  }
  return { clients: flows.total, members: flows.members, of }
}

/** Deviation of a share from an equal share, in standard deviations of a binomial. */
export function deviation(clients: number, { clients: all, members }: Pick<Shares, 'clients' | 'members'>): number {
  const p = 1 / members
  const sigma = Math.sqrt(all * p * (1 - p))
  return sigma === 0 ? 0 : (clients - all * p) / sigma
}
