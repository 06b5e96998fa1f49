/**
 * How the group's clients are distributed, sampled with kernel lookups when the screen opens and when members change.
 */
import { useCallback, useMemo, useRef, useState } from 'react'
import type { Balance } from '../../../electron/contract/analysis.ts'
import type { GroupRow } from '../../../electron/contract/live.ts'
import { useSession } from '../../model/store/context.ts'
import { problemOf } from '../../model/store/problem.ts'
import type { EngineClient } from '../../model/transport/transport.ts'
import type { MemberTable } from './member-table.ts'
import { usePolledQuery } from './use-polled-query.ts'

const MAX_CLIENTS = 65_536
const CLIENTS = 20_000
/** Clients per member, enough to judge even a large group. */
const CLIENTS_EACH = 10
const TIMES = { restMs: 0, pauseMs: 2000 }

export type Sampled = { balance: Balance | null; refused: string | null }

/** Shares of the members, shown as a lane's dot and a cell's color. */
export type Shares = {
  /** `sampled`: of made-up clients by hash. `given`: of what members were really given. */
  kind: 'sampled' | 'given'
  /**
   * Whether chance sets bounds to them: each client is one flow, and the hash decides. Datagrams of one flow go to one
   * member.
   */
  independent: boolean
  /** Clients that reached a member. */
  clients: number
  members: number
  /** A member's clients; null if it joined after the sampling. */
  of(id: string): number | null
}

/** `members` changes whenever the set of members does, or something else requires new samples. */
export function useBalance(id: string, receiving: number, members: string): Sampled {
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
  return { kind: 'sampled', independent: true, clients: flows.total, members: flows.members, of }
}

/** Fewer per member say nothing about shares. */
const MIN_GIVEN_EACH = 5

/**
 * Shares of what the members of a group were really given; null where too little was counted. `program`: a BPF program
 * decides, so that equal shares are not what is expected.
 */
export function givenShares(
  { given, receiving, protocol }: GroupRow,
  table: Pick<MemberTable, 'get'>,
  program: boolean,
): Shares | null {
  if (given === undefined || given.sample < MIN_GIVEN_EACH * receiving) return null
  const of = (id: string) => table.get(id)?.row.given?.sample ?? null
  return { kind: 'given', independent: protocol === 'tcp' && !program, clients: given.sample, members: receiving, of }
}

/** Deviation of a share from an equal share, in standard deviations of a binomial. */
export function deviation(clients: number, { clients: all, members }: Pick<Shares, 'clients' | 'members'>): number {
  const p = 1 / members
  const sigma = Math.sqrt(all * p * (1 - p))
  return sigma === 0 ? 0 : (clients - all * p) / sigma
}
