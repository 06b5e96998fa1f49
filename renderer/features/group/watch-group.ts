/** Follows one group while it is on screen: its row, its members, and the loading state. */
import { ORPCError } from '@orpc/client'
import { createStore, type StoreApi } from 'zustand'
import type { Problem } from '../../../electron/contract/errors.ts'
import type { GroupChange, GroupRow } from '../../../electron/contract/live.ts'
import { History } from '../../model/history/history.ts'
import { samplesOf } from '../../model/history/samples-of.ts'
import { followShown } from '../../model/store/follow.ts'
import { problemOf } from '../../model/store/problem.ts'
import type { SessionStore } from '../../model/store/session.ts'
import type { EngineClient } from '../../model/transport/transport.ts'
import { GroupPast } from './group-past.ts'
import { MemberTable } from './member-table.ts'
import { ProcessCache } from './process-details.ts'

/** Up to this many members are shown as lanes; more as a grid. */
export const MAX_LANES = 48

/** For the members' trends: one minute of all lanes needs a tenth of it. */
const MEMBER_HISTORY_BYTES = 512 * 1024
const MEMBER_HISTORY_MS = 120_000

export type GroupState = {
  /** `unknown`: no such group was ever seen. `ended`: it was on screen and no longer exists. */
  phase: 'loading' | 'live' | 'ended' | 'unknown' | 'failed'
  /** The latest row; kept when the group ends. */
  row: GroupRow | null
  /** Members loaded so far, while the first frame arrives page by page. */
  loaded: number
  /** When the frame of `row` was taken, in milliseconds since the epoch. */
  takenAt: number
  /** Counts complete frames: summaries of all members are recomputed for each. */
  frame: number
  /** Counts the answers about the past. */
  pasts: number
  /** What the kernel itself holds; null until the first complete frame. */
  kernel: NonNullable<GroupChange['kernel']> | null
  /** Since when is counted what members are given; null until the first complete frame. */
  counting: NonNullable<GroupChange['counting']> | null
  problem: Problem | null
}

export class GroupWatch {
  readonly id: string
  readonly members = new MemberTable()
  /** Utilization and drops of each lane, by member. */
  readonly history = new History(MEMBER_HISTORY_BYTES, MEMBER_HISTORY_MS)
  /** What the engine remembers of the group. */
  readonly past = new GroupPast()
  readonly state: StoreApi<GroupState> = createStore<GroupState>(() => ({
    phase: 'loading',
    row: null,
    loaded: 0,
    takenAt: 0,
    frame: 0,
    pasts: 0,
    kernel: null,
    counting: null,
    problem: null,
  }))

  /** Details of the processes that hold the members. */
  readonly processes = new ProcessCache()
  readonly #session: SessionStore

  constructor(id: string, session: SessionStore) {
    this.id = id
    this.#session = session
  }

  /**
   * Follows the group, live or in the open snapshot, until `signal` is aborted. Never rejects: failures are in the
   * state.
   */
  async run(client: EngineClient, signal: AbortSignal): Promise<void> {
    const { phase, row } = this.state.getState()
    if (phase === 'failed') this.state.setState({ phase: row === null ? 'loading' : 'live', problem: null })
    const stop = this.#session.getState().source === null ? this.#followPast(client, signal) : () => {}
    try {
      await followShown(
        this.#session,
        (source, after, signal) => client.group.changes({ id: this.id, ...source, ...after }, { signal }),
        (change) => this.take(change, Date.now()),
        signal,
      )
    } catch (error) {
      if (!signal.aborted) this.#fail(error)
    } finally {
      stop()
    }
  }

  /** Asks for the past after each frame, one request at a time. Returns a function that ends it. */
  #followPast(client: EngineClient, signal: AbortSignal): () => void {
    let asking = false
    let seeded = false
    const ask = async () => {
      if (asking || signal.aborted) return
      asking = true
      const { since } = this.past
      try {
        const answer = await client.history.group({ id: this.id, since }, { signal })
        this.past.take(answer, since, Date.now())
        if (!seeded) for (const { id, steps } of answer.members) this.history.seed(id, samplesOf(steps))
        seeded = true
        this.state.setState(({ pasts }) => ({ pasts: pasts + 1 }))
      } catch {
        // The stream of the group reports what fails; the next frame asks again.
      } finally {
        asking = false
      }
    }
    return this.state.subscribe(({ frame }, before) => {
      if (frame !== before.frame) void ask()
    })
  }

  /** Applies one change. `now` in milliseconds since the epoch. */
  take(change: GroupChange, now: number): void {
    const takenAt = change.sampler.takenAt === null ? now : Date.parse(change.sampler.takenAt)
    this.history.tick(takenAt)
    if (change.row === null) {
      // Keep the last state, which the user was looking at.
      const { row } = this.state.getState()
      this.state.setState({ phase: row === null ? 'unknown' : 'ended' })
      return
    }
    this.members.apply(change, now)
    if (this.members.complete && this.members.receivers().length <= MAX_LANES) this.#record(takenAt)
    const { row, more } = change
    const { phase, frame, kernel, counting } = this.state.getState()
    // For a paged frame, update the state only at the last page, and at the first load.
    if (more && phase === 'live') return
    this.state.setState({
      phase: this.members.complete ? 'live' : 'loading',
      row,
      loaded: this.members.size,
      takenAt,
      frame: more ? frame : frame + 1,
      kernel: change.kernel ?? kernel,
      counting: change.counting ?? counting,
      problem: null,
    })
  }

  #record(takenAt: number): void {
    for (const { id, fill, row } of this.members.receivers()) this.history.record(id, takenAt, fill, row.drops)
  }

  #fail(error: unknown): void {
    const { row } = this.state.getState()
    if (error instanceof ORPCError && error.code === 'NOT_FOUND') {
      this.state.setState({ phase: row === null ? 'unknown' : 'ended', problem: problemOf(error, 'read this group') })
    } else {
      this.state.setState({ phase: 'failed', problem: problemOf(error, 'read the members of this group') })
    }
  }
}
