/** The state of the lab as reported by the engine, and the history that this page recorded. */
import { createStore, type StoreApi } from 'zustand'
import type { Problem } from '../../../electron/contract/errors.ts'
import type { Lab, LabChange, RecipeName, RecipeRun } from '../../../electron/contract/lab.ts'
import { ShareHistory } from '../lab/share-history.ts'

export type LabState = {
  labs: readonly Lab[]
  /** Ids of unresponsive labs. */
  unresponsive: readonly string[]
  /** The recipe that is running, or ran last. */
  run: RecipeRun | null
  /** The newest run of each recipe seen by this page: the engine keeps only one in total. */
  seen: Readonly<Partial<Record<RecipeName, RecipeRun>>>
  /** True after the first answer. */
  complete: boolean
  /** Why the lab is unavailable; null while it is available. */
  problem: Problem | null
}

export type LabStore = {
  readonly state: StoreApi<LabState>
  /** Applies one change of the stream. `now` in milliseconds since the epoch. */
  readonly take: (change: LabChange, now: number) => void
  readonly fail: (problem: Problem) => void
  /** The share history of a lab's workers. */
  readonly historyOf: (id: string) => ShareHistory
}

export function createLab(): LabStore {
  /** By lab id. */
  const histories = new Map<string, ShareHistory>()
  const state = createStore<LabState>(() => ({
    labs: [],
    unresponsive: [],
    run: null,
    seen: {},
    complete: false,
    problem: null,
  }))

  const historyOf = (id: string) => {
    const known = histories.get(id)
    if (known !== undefined) return known
    const history = new ShareHistory()
    histories.set(id, history)
    return history
  }

  return {
    state,
    historyOf,
    take({ labs, unresponsive, run }, now) {
      const open = new Set(labs.map(({ id }) => id))
      for (const id of histories.keys()) if (!open.has(id)) histories.delete(id)
      for (const lab of labs) historyOf(lab.id).take(lab, now)
      state.setState(({ seen }) => ({
        labs,
        unresponsive,
        run,
        seen: run === null ? seen : { ...seen, [run.recipe]: run },
        complete: true,
        problem: null,
      }))
    },
    fail: (problem) => state.setState({ problem }),
  }
}

/** The running recipe, or null. */
export function runningOf({ run }: Pick<LabState, 'run'>): RecipeRun | null {
  return run !== null && run.endedAt === null ? run : null
}
