/** How the group's clients are spread, sampled by the oracle when the screen opens and when the members change. */
import { useEffect, useRef, useState } from 'react'
import type { Balance } from '../../electron/contract/analysis.ts'
import { problemOf } from '../store/problem.ts'
import { useSession } from '../store/session.ts'

const MOST_CLIENTS = 65_536
const CLIENTS = 20_000
/** Clients a member, so that even a large group can be judged. */
const CLIENTS_EACH = 10
/** Between two samples while members come and go. */
const REST_MS = 2000

export type Sampled = { balance: Balance | null; refused: string | null }

/** Shares of sampled clients: what a lane's dot and a cell's colour show. */
export type Shares = {
  /** Clients that reached a member. */
  clients: number
  members: number
  /** A member's clients; null where it was not there when it was sampled. */
  of(cookie: string): number | null
}

/** `members` is another number whenever the members are others. */
export function useBalance(id: string, receiving: number, members: number): Sampled {
  const engine = useSession(({ client }) => client)
  const [sampled, setSampled] = useState<Sampled>({ balance: null, refused: null })
  const last = useRef(Number.NEGATIVE_INFINITY)
  useEffect(() => {
    if (!engine || receiving === 0 || members < 0) return
    const end = new AbortController()
    const ask = async () => {
      last.current = performance.now()
      const clients = Math.min(MOST_CLIENTS, Math.max(CLIENTS, receiving * CLIENTS_EACH))
      const next = await engine.group.balance({ id, clients }, { signal: end.signal }).then(
        (balance): Sampled => ({ balance, refused: null }),
        (error: unknown): Sampled => ({ balance: null, refused: problemOf(error, 'how even it is').happened }),
      )
      if (!end.signal.aborted) setSampled(next)
    }
    const timer = setTimeout(() => void ask(), Math.max(0, last.current + REST_MS - performance.now()))
    return () => {
      clearTimeout(timer)
      end.abort()
    }
  }, [engine, id, receiving, members])
  return sampled
}

export function sharesOf(balance: Balance | null): Shares | null {
  if (!balance?.flows || balance.flows.total === 0) return null
  const flows = new Map(balance.members.map(({ cookie, flows }) => [cookie, flows]))
  return { clients: balance.flows.total, members: balance.flows.members, of: (cookie) => flows.get(cookie) ?? null }
}

/** Where a share lies against an equal one, in standard deviations of what chance does to it (binomial). */
export function deviation(clients: number, { clients: all, members }: Pick<Shares, 'clients' | 'members'>): number {
  const p = 1 / members
  const sigma = Math.sqrt(all * p * (1 - p))
  return sigma === 0 ? 0 : (clients - all * p) / sigma
}
