/** What runs in the lab, as the engine says it, and what this page saw of it on the way. */
import { create } from 'zustand'
import type { Problem } from '../../electron/contract/errors.ts'
import type { Lab, LabChange, RecipeName, RecipeRun } from '../../electron/contract/lab.ts'
import { ShareHistory } from '../lab/share-history.ts'

type LabState = {
  labs: readonly Lab[]
  /** Ids of those that do not answer. */
  silent: readonly string[]
  /** The recipe that runs, or ran last. */
  run: RecipeRun | null
  /** The newest run of each recipe that this page saw: the engine keeps one of all. */
  seen: Readonly<Partial<Record<RecipeName, RecipeRun>>>
  /** True once the first answer came. */
  complete: boolean
  /** Why the engine cannot tell; null while it can. */
  problem: Problem | null
}

export const useLab = create<LabState>(() => ({
  labs: [],
  silent: [],
  run: null,
  seen: {},
  complete: false,
  problem: null,
}))

/** Who got how much, over time, by the id of the lab. */
const histories = new Map<string, ShareHistory>()

/** Takes one answer of the stream. `now` in milliseconds since the epoch. */
export function takeLab({ labs, silent, run }: LabChange, now: number): void {
  const open = new Set(labs.map(({ id }) => id))
  for (const id of histories.keys()) if (!open.has(id)) histories.delete(id)
  for (const lab of labs) historyOf(lab.id).take(lab, now)
  useLab.setState(({ seen }) => ({
    labs,
    silent,
    run,
    seen: run === null ? seen : { ...seen, [run.recipe]: run },
    complete: true,
    problem: null,
  }))
}

export function failLab(problem: Problem): void {
  useLab.setState({ problem })
}

/** The shares of a lab's workers as this page saw them. */
export function historyOf(id: string): ShareHistory {
  const known = histories.get(id)
  if (known !== undefined) return known
  const history = new ShareHistory()
  histories.set(id, history)
  return history
}

/** The recipe that runs now; null while none does. */
export function runningOf({ run }: Pick<LabState, 'run'>): RecipeRun | null {
  return run !== null && run.endedAt === null ? run : null
}
